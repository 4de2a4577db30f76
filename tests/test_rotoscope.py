"""What the rotoscope promises on the wall: calm paint, heat, one filter leads into the next, nobody is left behind."""

import itertools
import threading
from types import SimpleNamespace

import numpy as np
import pytest
from viewer_parts import Script, face

from narcissus.core.errors import ModelMissing, NotFinite
from narcissus.core.permit import Permit
from narcissus.core.types import Frame, Panel, Picture
from narcissus.networks.style import Light
from narcissus.people.visitors import Visitors
from narcissus.scenes.contract import BaseScene
from narcissus.scenes.rotoscope import RotoscopeSettings
from narcissus.scenes.rotoscope.heat import Heat, heated
from narcissus.scenes.rotoscope.programme import Programme, turn_at
from narcissus.scenes.rotoscope.scene import Rotoscope
from narcissus.scenes.rotoscope.shelf import Shelf
from narcissus.scenes.rotoscope.subject import Reflected, Room, fitted
from narcissus.scenes.stored_dream import StoredDream
from narcissus.sources.denoising import TemporalDenoiser

COLOURS = {"blue": (0, 0, 255), "red": (255, 0, 0), "green": (0, 255, 0)}
DREAM = StoredDream(np.full((4, 8, 8, 3), 90, np.uint8), np.ones((4, 4), np.float32), 2.0)
QUICK = {"size": 128, "fade": 0.0, "heat": 0.0, "strength": 1.0}


class Tint:
    """A filter that mixes one colour in."""

    def __init__(self, name):
        self.name, self.asked, self.fails = name, [], 0

    def apply(self, pictures, strength, scale=1.0):
        if self.fails:
            self.fails -= 1
            raise NotFinite("it answered NaN")
        self.asked.append((pictures[0].copy(), strength, scale))
        return (pictures * (1 - strength) + np.array(COLOURS[self.name]) * strength).astype(np.uint8)


def shelf(first="blue", more=("red", "green")):
    def load(name):
        if name not in COLOURS:
            raise ModelMissing(f"{name}: no such filter; train one")
        return Tint(name)

    return Shelf(load, first, more)


class Wall:
    """The scene before a camera at 30 Hz, with a clock of its own."""

    def __init__(self, subject=None, filters=None, coarser=0, **settings):
        self.finder, self.shelf = Script(), filters or shelf()
        self.settings = RotoscopeSettings(**(QUICK | settings))
        room = subject or Room(self.finder, Visitors(live=False))
        self.asked = []
        ask = lambda *asked: self.asked.append(asked)
        self.scene = Rotoscope(room, self.shelf, DREAM, self.settings, coarser=coarser, ask=ask)
        self.now, self.seen, self.pictures = 100.0, None, []
        self.image = np.full((240, 320, 3), 200, np.uint8)

    def live(self, seconds, faces=(), camera=True, cut=False):
        self.finder.faces = list(faces)
        for _ in range(round(seconds * 30)):
            if camera:
                self.seen = self.scene.observe(Frame(self.image, self.now, cut))
                cut = False
            self.pictures.append(self.scene.draw(self.seen, self.now))
            self.now += 1 / 30
        return self.pictures[-1]

    def flicker(self, frames):
        """Live on for so many frames, each of another grey."""
        for _ in range(frames):
            self.image = (self.image + 20).astype(np.uint8)
            last = self.live(1 / 30, [face()])
        return last

    def tune(self, **changed):
        settings = RotoscopeSettings(**(QUICK | changed))
        scenes, perception = SimpleNamespace(rotoscope=settings), SimpleNamespace(reach=2.0)
        self.scene.tune(SimpleNamespace(scenes=scenes, perception=perception))

    @property
    def strength(self):
        """That the filter was asked for last, by the camera's painting."""
        return self.shelf.get("blue").asked[-1][1]


def blue(level, strength):
    """What becomes of a grey picture: it is lit, and then tinted."""
    grey = np.full((8, 8, 3), level, np.uint8)
    return colour(Picture(Tint("blue").apply(Light.of(grey).lit(grey, strength)[None], strength)[0]))


def colour(picture):
    return tuple(int(value) for value in picture.image.mean(axis=(0, 1)).round())


def test_a_viewer_is_painted_and_the_picture_is_known_to_show_a_viewer():
    wall = Wall(strength=0.5)
    last = wall.live(3.0, [face()])
    assert colour(last) == blue(200, 0.5)
    assert last.shows_viewer
    assert last.answers == pytest.approx(wall.now - 1 / 30)
    assert last.image.shape == (*fitted((240, 320), 128), 3)


def test_nobody_there_is_a_painted_dream_that_shows_no_viewer():
    wall = Wall(strength=0.5)
    for camera in (False, True):
        last = wall.live(2.0, camera=camera)
        assert colour(last) == blue(90, 0.5)
        assert not last.shows_viewer
        assert last.answers is None
    assert all(picture.image.max() > 100 for picture in wall.pictures), "it is never black"


def test_whoever_leaves_leaves_nothing_on_the_wall():
    wall = Wall(strength=0.5)
    wall.live(3.0, [face()])
    last = wall.live(5.0)
    assert not last.shows_viewer
    assert colour(last) == blue(90, 0.5)


def test_the_camera_is_not_painted_while_nobody_is_there():
    wall = Wall()
    wall.live(3.0)
    seen = [subject for subject, *_ in wall.shelf.get("blue").asked[1:]]
    dream = np.full((8, 8, 3), 90, np.uint8)
    assert all((subject == Light.of(dream).lit(dream, 1.0)[0, 0]).all() for subject in seen)


@pytest.mark.parametrize("blank", [True, False], ids=["black frames", "no frames"])
def test_a_camera_that_is_lost_leaves_nobody_on_the_wall(blank):
    wall = Wall(strength=0.5)
    wall.live(3.0, [face()])
    wall.image = np.zeros((48, 64, 3), np.uint8)
    last = wall.live(3.0, camera=blank, cut=True)
    assert not last.shows_viewer
    assert min(picture.image.max() for picture in wall.pictures) > 100
    assert last.image.shape == wall.pictures[89].image.shape, "the wall keeps its proportions"


def test_the_dream_gives_way_without_a_jump():
    wall = Wall(strength=0.5)
    wall.live(1.0)
    wall.live(3.0, [face()])
    wall.live(6.0)
    steps = [
        abs(a - b)
        for one, other in itertools.pairwise(wall.pictures)
        for a, b in zip(colour(one), colour(other), strict=True)
    ]
    assert max(steps) <= 6


def test_a_still_camera_with_noise_gives_a_still_painting():
    """σ = 3 of a sensor: what is painted of it has a fifth of it, so that strokes do not boil."""
    rng, denoiser = np.random.default_rng(0), TemporalDenoiser()
    room = rng.integers(40, 210, (120, 160, 1)).repeat(3, axis=2).astype(np.float32)
    calm = np.stack(
        [denoiser.denoise(np.clip(room + rng.normal(0, 3, room.shape), 0, 255).astype(np.uint8)) for _ in range(90)]
    )
    assert calm[60:].astype(float).std(axis=0).mean() < 0.3 * 3
    assert np.abs(calm[60:].mean(axis=0) - room).mean() < 1.0, "and nothing of the room is lost"


def test_whatever_moves_is_followed_at_once():
    rng, denoiser = np.random.default_rng(0), TemporalDenoiser()
    room = rng.normal(100, 3, (120, 160, 3)).clip(0, 255).astype(np.uint8)
    for _ in range(30):
        denoiser.denoise(room)
    moved = room.copy()
    moved[40:80, 60:100] = 160
    assert np.abs(denoiser.denoise(moved).astype(int) - moved)[42:78, 62:98].max() <= 2, "no ghost is left"


def test_after_a_cut_nothing_of_before_is_left():
    wall = Wall(strength=0.0)
    wall.live(3.0, [face()])
    wall.image = np.full((240, 320, 3), 203, np.uint8)
    assert colour(wall.live(1.0, [face()], cut=True)) == (203, 203, 203)


def test_heat_rises_while_somebody_stays_and_falls_when_they_go():
    heat, levels = Heat(), []
    for n in range(60):
        levels.append(heat.feel(n < 40, float(n)))
    assert all(later > before for before, later in itertools.pairwise(levels[:40]))
    assert all(later < before for before, later in itertools.pairwise(levels[39:]))
    assert levels[39] > 0.8
    assert heated(0.5, 0.0, 0.2) == 0.5
    assert heated(0.5, 1.0, 0.2) == pytest.approx(0.1)


def test_whoever_stays_is_painted_more_strongly():
    wall = Wall(heat=1.0)
    wall.live(2.0, [face()])
    early = wall.strength
    wall.live(30.0, [face()])
    assert early < 0.2
    assert wall.strength > 0.7


def test_one_filter_leads_into_the_next_without_a_jump():
    wall = Wall(filter="blue")
    wall.live(3.0, [face()])
    wall.tune(filter="red", fade=2.0)
    before = len(wall.pictures)
    wall.live(3.0, [face()])
    reds = [colour(picture)[0] for picture in wall.pictures[before:]]
    assert reds[0] < 20
    assert reds[30] == pytest.approx(128, abs=20)
    assert reds[-1] == 255
    assert max(np.diff(reds)) <= 8


def test_a_collection_takes_turns_for_ever():
    schedule = [{"filter": "blue", "minutes": 0.1}, {"filter": "green", "minutes": 0.05}]
    settings = RotoscopeSettings(schedule=schedule, fade=0.0)
    assert [turn_at(settings.schedule, s) for s in (0, 5.9, 6.1, 8.9, 9.1, 16)] == ["blue"] * 2 + ["green"] * 2 + [
        "blue",
        "green",
    ]
    programme = Programme(shelf())
    names = [programme.at(settings, 50.0 + s)[0][0].name for s in (0, 7, 10)]
    assert names == ["blue", "green", "blue"]
    asked = settings.model_copy(update={"filter": "red"})
    assert programme.at(asked, 61.0)[0][0].name == "red", "a filter that is named goes before the schedule"


def test_a_change_within_a_change_waits_for_its_end():
    programme, settings = Programme(shelf()), RotoscopeSettings(filter="blue", fade=4.0)
    programme.at(settings, 0.0)
    for now in np.arange(1.0, 12.0, 0.1):
        name = "red" if now < 3 else "green"
        shares = {one.name: share for one, share in programme.at(settings.model_copy(update={"filter": name}), now)}
        assert sum(shares.values()) == pytest.approx(1)
        assert ("green" in shares) == (now > 5.05)
    assert shares == {"green": 1.0}


def test_a_filter_that_is_not_there_is_said_and_the_one_before_it_stays(caplog):
    wall = Wall(filter="blue")
    wall.live(2.0, [face()])
    wall.tune(filter="no-such")
    wall.shelf._helper.shutdown(wait=True)
    assert colour(wall.live(1.0, [face()])) == (0, 0, 255)
    assert "no-such: no such filter" in caplog.text


@pytest.mark.parametrize("before", ["auto", "red"])
def test_a_filter_that_cannot_be_used_is_not_shown_as_the_one_that_paints(before):
    """The setting goes back to what it was, and may be tried again."""
    wall = Wall(filter=before)
    wall.live(0.1)
    asked = ("scenes.rotoscope.filter", before)
    for _ in range(2):
        held = threading.Event()
        wall.shelf._helper.submit(held.wait, 20)
        wall.tune(filter="no-such")
        wall.live(0.1)
        assert wall.asked == [], "it is not known yet"
        held.set()
        wall.shelf._helper.submit(lambda: None).result()
        wall.live(0.1)
        assert set(wall.asked) == {asked}
        wall.asked.clear()
        wall.tune(filter=before)
        wall.live(0.1)
        assert wall.asked == []


def test_before_anybody_came_a_schedule_of_filters_that_are_not_there_changes_nothing():
    programme = Programme(shelf())
    settings = RotoscopeSettings(schedule=[{"filter": "sunflowers"}])
    assert [(one.name, share) for one, share in programme.at(settings, 0.0)] == [("blue", 1)]


def test_a_filter_that_answers_nan_is_said_as_well(caplog):
    filters = shelf(more=())
    broken = Tint("green")
    broken.fails = 1
    filters._load = lambda name: broken
    filters.want(["green"])
    filters._helper.shutdown(wait=True)
    assert filters.get("green") is None
    assert "answered NaN" in caplog.text


def test_a_filter_that_is_named_while_the_wall_runs_is_loaded_beside_it():
    wall = Wall(filters=shelf(more=()), filter="blue")
    wall.live(2.0, [face()])
    wall.tune(filter="red")
    wall.shelf._helper.shutdown(wait=True)
    assert colour(wall.live(1.0, [face()])) == (255, 0, 0)


def test_what_is_not_finite_is_not_shown_and_ten_in_a_row_are_said():
    """The last good picture stays; the tenth is raised where the display is drawn, and the model is loaded again."""
    wall = Wall(filter="blue")
    wall.live(3.0, [face()])
    wall.shelf.get("blue").fails = 9
    assert colour(wall.flicker(9)) == (0, 0, 255)
    assert colour(wall.flicker(2)) == (0, 0, 255)
    wall.shelf.get("blue").fails = 10
    with pytest.raises(NotFinite):
        wall.flicker(10)


def test_dials_reach_the_filter():
    wall = Wall()
    wall.live(2.0, [face()])
    wall.tune(strength=0.25, strokes=2.0)
    wall.live(0.2, [face()])
    assert wall.shelf.get("blue").asked[-1][1:] == (0.25, 2.0)


def test_the_cheaper_step_paints_a_smaller_picture():
    small, whole = (Wall(size=512, coarser=coarser).live(3.0, [face()]).image.shape for coarser in (1, 0))
    assert small[0] * 2 == pytest.approx(whole[0], abs=4)


def test_the_same_moments_give_the_same_pictures():
    one, other = Wall(strength=0.5), Wall(strength=0.5)
    for wall in (one, other):
        wall.live(1.0)
        wall.live(2.0, [face()])
        wall.live(4.0)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one.pictures, other.pictures, strict=True))


def test_no_picture_with_a_viewer_in_it_may_leave_the_window():
    """Also while the dream gives way, and while it comes back: what is mixed of a viewer shows the viewer."""
    wall, permit = Wall(strength=0.5), Permit(live=True)
    wall.live(3.0, [face()])
    wall.live(6.0)
    dream = colour(wall.pictures[-1])
    refused = [permit.refusal(picture) is not None for picture in wall.pictures]
    assert all(held for held, picture in zip(refused, wall.pictures, strict=True) if colour(picture) != dream)
    assert not refused[-1], "a dream may"
    assert permit.refusal(Wall(subject=Reflected(Mirrored())).live(3.0)) is None


def test_frozen_it_stands_still():
    wall = Wall()
    wall.live(3.0, [face()])
    wall.scene.obey("freeze")
    kept = wall.live(0.5, [face()]).image
    wall.image = np.full((240, 320, 3), 20, np.uint8)
    wall.tune(strength=0.2)
    assert wall.live(1.0, [face()]).image is kept
    wall.scene.obey("thaw")
    assert wall.live(1.0, [face()]).image is not kept


class Mirrored(BaseScene):
    """In the place of the mirror: a grey picture that answers every frame."""

    def __init__(self):
        self.tuned = 0

    def draw(self, seen, now):
        image = np.full((64, 64, 3), 150, np.uint8)
        part = Panel(image, (0.0, 0.0, 1.0, 1.0))
        return Picture(image, seen.time, captions=("a caption",), panels=(part,))

    def tune(self, settings):
        self.tuned += 1


def test_of_a_reflection_the_mirrors_picture_is_painted_and_shows_no_viewer():
    mirror = Mirrored()
    wall = Wall(subject=Reflected(mirror), strength=0.5)
    last = wall.live(2.0)
    assert colour(last) == blue(150, 0.5)
    assert last.image.shape == (128, 128, 3)
    assert (last.shows_viewer, last.captions) == (False, ("a caption",))
    assert last.panels == (), "what no filter has painted is not shown"
    assert last.answers == pytest.approx(wall.now - 1 / 30)
    wall.tune(strength=1.0)
    wall.live(0.2)
    assert mirror.tuned == 1, "the mirror is tuned by the thread that draws it"


def test_the_report_tells_of_the_filter_and_of_nobody():
    wall = Wall()
    wall.live(2.0, [face()])
    assert wall.scene.report() == {"filter": "blue"}
