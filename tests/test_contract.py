"""What the house asks of every work that is listed in `scenes.SCENES`: a new one is tested by its line there.

Takes a minute: the mirror is opened some times, with what ships.
"""

import json
import subprocess
import sys
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
import twenty_line_scene
from conftest import ROOT
from hanging import Lens, Until, Wall
from style_parts import write_filter

from narcissus.app import build, desktop, kiosk
from narcissus.app.settings import Settings, flat, load
from narcissus.core.reading import read_yaml
from narcissus.core.sections import AT_ONCE, Section
from narcissus.core.types import Frame, Picture
from narcissus.inverter import Inverter
from narcissus.networks.attributes import Attributes
from narcissus.networks.colour.colourist import Colourist
from narcissus.scenes import SCENES, work
from narcissus.scenes.contract import Kit, Work
from narcissus.scenes.mirror import opening
from narcissus.sinks.recorder import Recorder

SHIPPED = tuple(SCENES)
EVERY = (*SHIPPED, "colours")
BLANK = np.full((240, 320, 3), 120, np.uint8)


@pytest.fixture(autouse=True)
def colours(monkeypatch):
    """The one line that registers a new work."""
    monkeypatch.setitem(SCENES, "colours", twenty_line_scene.__name__)


@pytest.fixture(autouse=True)
def filters(monkeypatch, tmp_path):
    """The rotoscope paints with a small filter, whatever ships."""
    write_filter(tmp_path / "filters")
    monkeypatch.setattr("narcissus.networks.style.store.FOLDER", tmp_path / "filters")


@pytest.fixture(scope="module", autouse=True)
def models_once():
    """What only answers is read and compiled once, for all the works that are opened here; each work itself is new."""
    with pytest.MonkeyPatch.context() as patch:
        for model in (Attributes, Inverter, Colourist):
            patch.setattr(model, "open", staticmethod(cache(model.open)))
        patch.setattr(opening, "usual_place", cache(opening.usual_place))
        yield


@pytest.fixture
def opened(generator):
    """opened(name): the work with what ships; creatures begin a wall of their own, and leave no file."""
    settings = Settings(generator="fast", scenes={"creatures": {"store": "memory", "cells": 12, "wall": "320x180"}})
    return lambda name, **kit: work(name).open(settings, Kit(lambda: generator, **kit))


@pytest.fixture(params=EVERY)
def name(request):
    return request.param


def room(face: np.ndarray, moment: float) -> Frame:
    """A drawn face uint8 (64, 64, 3), as near as a viewer at half a metre, in a room."""
    large = face.repeat(4, axis=0).repeat(4, axis=1)
    return Frame(np.pad(large, [(60, 60), (60, 60), (0, 0)], mode="edge"), moment)


def shown(scene, frames, start=100.0) -> list[Picture]:
    """Two pictures for every frame, a moment apart; None stands for no frame."""
    pictures, seen = [], None
    for n, frame in enumerate(frames):
        if frame is not None:
            seen = scene.observe(frame)
        pictures += [scene.draw(seen, start + n / 30), scene.draw(seen, start + n / 30 + 1 / 60)]
    return pictures


def test_the_work_is_whole(name):
    about = work(name)
    assert isinstance(about, Work)
    assert about.name == name
    assert callable(about.open)
    assert issubclass(about.block, Section)
    assert about.steps[0].work == name
    assert all(step.work in SCENES and step.said for step in about.steps)
    assert len({step.said for step in about.steps}) == len(about.steps), "the journal tells them apart"
    if about.dial is not None:
        assert AT_ONCE in about.block.model_fields[about.dial].metadata
        assert isinstance(getattr(about.block(), about.dial), float)


@pytest.mark.parametrize("name", SHIPPED)
def test_every_setting_of_its_own_stands_in_the_settings_file_with_its_default_and_a_comment(name):
    path = ROOT / "config.yaml"
    values, lines = read_yaml(path)
    text = path.read_text().splitlines()
    block = work(name).block()
    assert values["scenes"].get(name, {}) == flat(block)
    assert getattr(load(path).scenes, name) == block
    for key in flat(block):
        line = lines["scenes", name, key]  # counted from 1, so text[line - 2] stands above it
        assert text[line - 2].strip().startswith("# "), key


def test_to_name_a_work_loads_nothing_heavy(name):
    code = (
        f"import sys; sys.path.insert(0, 'tests'); from narcissus.scenes import SCENES, work;"
        f"SCENES['colours'] = 'twenty_line_scene'; work({name!r});"
        "print({'tensorflow', 'sklearn', 'dlib', 'pygame'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "set()"


def test_its_pictures_are_pictures(name, opened, drawn):
    frames = [None, *(Frame(BLANK, 100 + n / 30) for n in range(3)), *(room(drawn[n], 101 + n / 30) for n in range(3))]
    for picture in shown(opened(name), frames):
        assert isinstance(picture, Picture)
        assert picture.image.dtype == np.uint8
        assert picture.image.ndim == 3
        assert picture.image.shape[2] == 3
        assert picture.image.flags["C_CONTIGUOUS"]
        assert all(isinstance(line, str) for line in picture.captions)
        if picture.behind is not None:
            behind = picture.behind(48)
            assert (behind.dtype, behind.shape[0], behind.shape[2]) == (np.uint8, 48, 3)


def test_a_picture_that_shows_nothing_new_carries_the_same_array(name, opened):
    scene = opened(name)
    seen = scene.observe(Frame(BLANK, 100.0))
    pictures = [scene.draw(seen, 100.0 + n // 3) for n in range(12)]  # three for each moment
    for one, other in pairwise(pictures):
        assert np.array_equal(one.image, other.image) == (one.image is other.image)


def test_what_was_shown_is_not_changed_afterwards(name, opened):
    scene = opened(name)
    pictures = [scene.draw(None, 100.0 + n) for n in range(3)]
    copies = [picture.image.copy() for picture in pictures]
    shown(scene, [None] * 10, 110.0)
    assert all(np.array_equal(picture.image, copy) for picture, copy in zip(pictures, copies, strict=True))


def test_it_answers_only_where_somebody_is_there(name, opened, drawn):
    scene = opened(name)
    for picture in shown(scene, [None, None, *(Frame(BLANK, 100 + n / 30) for n in range(5))]):
        assert picture.answers is None
    moments = [101 + n / 2 for n in range(len(drawn))]
    frames = [room(face, moment) for face, moment in zip(drawn, moments, strict=True)]
    answers = {picture.answers for picture in shown(scene, frames[:8], 101.0)} - {None}
    assert answers <= set(moments)
    assert bool(answers) == (name in ("mirror", "colourise", "rotoscope", "creatures")), (
        "of the works that are listed these look for faces"
    )


def test_what_it_does_not_know_it_ignores(name, opened):
    plain, asked = opened(name), opened(name)
    asked.obey("no such command")
    asked.begin(Picture(np.zeros((5, 7, 3), np.uint8), state="another work's own"), 99.0)
    pictures = zip(shown(plain, [None] * 3), shown(asked, [None] * 3), strict=True)
    assert all(np.array_equal(one.image, other.image) for one, other in pictures)


def test_the_same_settings_twice_change_nothing(name, opened, drawn):
    plain, tuned = opened(name, lockstep=True), opened(name, lockstep=True)  # else a birth is there when it is
    frames = [Frame(BLANK, 100.0), room(drawn[0], 100.1), room(drawn[0], 100.2), None]
    before = shown(plain, frames), shown(tuned, frames)
    for _ in range(2):
        tuned.tune(Settings())
    after = shown(plain, frames, 101.0), shown(tuned, frames, 101.0)
    for one, other in zip(before[0] + after[0], before[1] + after[1], strict=True):
        assert np.array_equal(one.image, other.image)


def test_its_report_is_for_people(name, opened):
    scene = opened(name)
    shown(scene, [Frame(BLANK, 100.0), None])
    assert all(isinstance(key, str) for key in scene.report())
    json.dumps(scene.report(), allow_nan=False)


@pytest.fixture
def unlocked(monkeypatch):
    """This process may be looked into all the same."""
    for room_ in (desktop, kiosk):
        monkeypatch.setattr(room_, "forbid_dumps", lambda: None)


@pytest.fixture
def film(monkeypatch):
    """The pictures that the film of a desktop without a window was given."""
    pictures, keep = [], Recorder.keep
    monkeypatch.setattr(Recorder, "keep", lambda self, one, now: (pictures.append(one), keep(self, one, now))[1])
    return pictures


def shown_on_a_desktop(tmp_path, over, **more):
    settings = Settings(scene="colours", screen={"fullscreen": False})
    return desktop.run_desktop(
        settings, Until(over), lambda: settings, settings_file=tmp_path / "none.yaml", started=0.0, seconds=60, **more
    )


def test_twenty_lines_hang_in_a_window(monkeypatch, tmp_path, capsys):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    pictures = []
    monkeypatch.setattr("narcissus.sinks.window.Window.show", lambda self, picture: (pictures.append(picture), 1.0)[1])
    assert shown_on_a_desktop(tmp_path, lambda: len(pictures) > 9)
    assert pictures[-1].image.shape == (9, 16, 3)
    assert "the colours, which needs no generator" in capsys.readouterr().out


def test_twenty_lines_leave_a_film(tmp_path, film):
    assert shown_on_a_desktop(tmp_path, lambda: len(film) > 9, folder=tmp_path / "film")
    assert {path.name for path in (tmp_path / "film").iterdir()} == {"mirror.webm", "contact.png", "report.json"}
    report = json.loads((tmp_path / "film" / "report.json").read_text())
    assert report["screen_fps"] > 0
    assert "generator" not in report
    assert "latent_step_degrees" not in report


def fails(*_, **__):
    raise AssertionError("nobody asked for it")


def shown_in_a_kiosk(name, reached, **doors):
    """Hang a work in a kiosk until a picture that it draws has `reached` the wall; what was shown."""
    wall = Wall()
    doors = build.Doors(window=lambda settings, report, permit: wall, **doors)
    over = lambda: bool(wall.shown) and reached(wall.shown[-1])
    assert kiosk.run_kiosk(lambda: Settings(scene=name), Until(over), doors) == 0
    assert reached(wall.shown[-1]), "it must hang within the minute"
    assert wall.closed == 1
    return wall.shown


def test_twenty_lines_hang_in_a_kiosk_behind_the_stored_dream(unlocked):
    pictures = shown_in_a_kiosk(
        "colours", lambda picture: picture.image.shape == (9, 16, 3), source=fails, generator=fails
    )
    assert pictures[0].image.shape == (128, 128, 3), "the stored dream shows at once"


def test_a_dream_in_a_kiosk_opens_no_camera(unlocked, generator):
    small = type("Small", (), {"latent_size": generator.latent_size})()
    small.render = lambda latents: np.full((len(latents), 4, 4, 3), 7, np.uint8)
    reached = lambda picture: picture.image.shape == (4, 4, 3)
    opened, lent = [], lambda settings, coarser: small
    shown_in_a_kiosk("dream", reached, source=lambda *_: opened.append(1) or Lens(), generator=lent)
    assert opened == []
    scene = lambda step, settings, kit: work("dream").open(settings, kit)
    absent = lambda *_: opened.append(1) or Lens()
    shown_in_a_kiosk("mirror", lambda p: reached(p) and bool(opened), source=absent, generator=lent, scene=scene)
    assert opened != [], "the control: the mirror asks for one"
