"""Another work while it runs: the one before shows until the next is whole, and what cannot hang changes nothing."""

import gc
import itertools
import logging
import threading
import types
import weakref
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hanging import Lens

from narcissus.app import kiosk
from narcissus.app.build import Doors, Installation
from narcissus.app.on_demand import OnDemand
from narcissus.app.replacing import switching
from narcissus.app.schedule import Schedule
from narcissus.app.settings import Settings, load, tuned
from narcissus.app.supervisor import BLANK
from narcissus.app.switching import FAULT, Switching
from narcissus.app.tuning import Tuning
from narcissus.core.errors import ModelMissing, NotFinite, OutOfMemory, SourceMissing
from narcissus.core.journal import Journal
from narcissus.core.types import Frame, Picture
from narcissus.scenes.contract import BaseScene

pytestmark = pytest.mark.usefixtures("light_walks")

FRAME = Frame(np.zeros((4, 4, 3), np.uint8), 1.0)


class Named(BaseScene):
    """A scene that says what it was given."""

    def __init__(self, name) -> None:
        self.name, self.begun, self.obeyed, self.tuned, self.given = name, None, [], [], []

    def observe(self, frame):
        return f"{self.name} saw"

    def draw(self, seen, now):
        self.given.append(seen)
        return Picture(np.zeros((4, 4, 3), np.uint8), state=self.name)

    def begin(self, picture, now):
        self.begun = picture.state

    def obey(self, command):
        self.obeyed.append(command)

    def tune(self, settings):
        self.tuned.append(settings.scenes.dream.speed)


class Wall:
    """A wall on which a mirror hangs; `ready` lets the next scene be whole."""

    def __init__(self) -> None:
        self.journal, self.ready, self.replaced, self.fault = Journal(), threading.Event(), [], None
        self.settings = Settings()
        self.scene = Switching(Named("mirror"), self.settings, self.make, self.journal, self.replaced.append)
        self.now = 0.0

    def make(self, settings):
        assert self.ready.wait(20)
        if self.fault:
            raise self.fault
        return Named(settings.scene)

    def tune(self, **values):
        self.settings = tuned(self.settings, values)
        self.scene.tune(self.settings)

    def draw(self):
        self.now += 0.1
        return self.scene.draw(self.scene.observe(FRAME), self.now).state

    def wait(self):
        """Until what is being made is made, and the next picture after it."""
        self.draw()
        making = self.scene._making
        self.ready.set()
        if making:
            making[0].join(20)
        return self.draw()


def made(scene: Switching) -> None:
    """Wait for what is being made; it may be whole already, and then it hangs."""
    if scene._making is not None:
        scene._making[0].join(20)


@pytest.fixture
def wall():
    return Wall()


def test_the_work_before_shows_until_the_next_is_whole_and_hands_over(wall):
    wall.draw()
    wall.tune(scene="dream")
    assert [wall.draw() for _ in range(5)] == ["mirror"] * 5
    assert "the dream" in wall.scene.coming
    before = wall.scene.scene
    assert wall.wait() == "dream"
    assert (before.obeyed, wall.scene.scene.obeyed) == (["leave"], [])
    assert wall.scene.scene.begun == "mirror"
    assert wall.scene.coming == ""
    assert [settings.scene for settings in wall.replaced] == ["dream"]


def test_what_one_work_has_seen_is_not_given_to_the_next(wall):
    seen = wall.scene.observe(FRAME)
    wall.tune(scene="dream")
    wall.wait()
    wall.scene.draw(seen, 9.0)
    assert wall.scene.scene.given == [None, None]
    wall.draw()
    assert wall.scene.scene.given[-1] == "dream saw"


def test_the_next_takes_up_what_was_tuned_and_stands_still_if_the_wall_did(wall):
    wall.scene.obey("freeze")
    wall.tune(scene="dream", **{"scenes.dream.speed": 33.0})
    wall.wait()
    assert (wall.scene.scene.obeyed, wall.scene.scene.tuned) == (["freeze"], [33.0])


@pytest.mark.parametrize("fault", [ModelMissing("nothing.npz: is not there"), ValueError("a bug")], ids=str)
def test_what_cannot_be_made_is_said_and_the_setting_is_again_what_hangs(wall, fault):
    wall.fault = fault
    wall.tune(generator="nothing")
    assert wall.wait() == "mirror"
    assert str(fault) in wall.journal.faults[FAULT]
    with_hands = Tuning(wall.settings, wall.journal)
    with_hands.listen_to(wall.scene.asked)
    assert with_hands.turn(with_hands.hear([]), 1.0).generator == Settings().generator
    wall.fault = None
    wall.tune(generator="another")
    wall.draw()
    assert wall.wait() == "mirror"
    assert FAULT not in wall.journal.faults


def test_whoever_changes_his_mind_meanwhile_gets_the_last_asked_for(wall):
    wall.tune(scene="dream")
    wall.draw()
    wall.tune(scene="colourise")
    wall.wait()
    assert wall.wait() == "colourise"
    assert [settings.scene for settings in wall.replaced] == ["colourise"]
    wall.ready.clear()
    wall.tune(scene="dream")
    wall.draw()
    wall.tune(scene="colourise")
    assert wall.wait() == "colourise"
    assert len(wall.replaced) == 1, "it hung already"


def test_a_camera_is_open_only_while_the_work_wants_one():
    camera, closed = Lens(), []
    source = OnDemand(lambda: camera, closed=lambda: closed.append(1))
    assert source.read().image is BLANK
    source.want(True)
    assert source.read().image is not BLANK
    assert source.live
    source.want(False)
    assert source.read().image is BLANK
    assert (camera.closed, closed, source.live) == (1, [1], False)
    source.want(True)
    source.close()
    assert camera.closed == 2


def test_an_installation_hangs_another_work_with_the_same_generator_and_the_source_that_it_wants():
    loaded, opened = [], []
    doors = Doors(
        source=lambda *_: opened.append(Lens()) or opened[-1],
        scene=lambda step, settings, kit: kit.generator() and Named(step.work),
        generator=lambda settings, coarser: loaded.append(settings.generator) or settings.generator,
    )
    built = Installation(Settings(scene="dream"), doors)
    source = OnDemand(built.source)
    scene = switching(built, built.scene(), source)
    for name, generator in (("mirror", built.settings.generator), ("mirror", "another"), ("dream", "another")):
        scene.tune(built.settings.model_copy(update={"scene": name, "generator": generator}))
        scene.draw(None, 0.0)
        made(scene)
        scene.draw(None, 0.1)
        source.read()
        assert (built.settings.scene, built.settings.generator) == (name, generator)
    assert loaded == [Settings().generator, "another"]
    assert [camera.closed for camera in opened] == [1]


class Drawn(Named):
    """A scene that has a generator, and raises what it is told to."""

    def __init__(self, name, generator) -> None:
        super().__init__(name)
        self.generator, self.fault = generator, None

    def draw(self, seen, now):
        if self.fault:
            raise self.fault("rehearsed")
        return super().draw(seen, now)


class Network:
    """A generator that draws nothing."""


class Kiosk:
    """A kiosk's works, as it makes and switches them, without its threads; a network counts as large or small."""

    def __init__(self) -> None:
        self.large, self.beside_small = [], []  # the large networks; how many were left when a small one was loaded
        doors = Doors(scene=lambda step, settings, kit: Drawn(step.work, kit.generator()), generator=self.load)
        health = types.SimpleNamespace(restarted=lambda what: None)
        self.built, self.now = Installation(Settings(scene="dream"), doors), 0.0
        source = OnDemand(Lens)
        first = kiosk.standby_of(self.built, health)
        self.scene = switching(self.built, first, source, partial(kiosk.standby_of, health=health))

    def load(self, settings, coarser):
        network = Network()
        if coarser:
            gc.collect()
            self.beside_small.append(sum(one() is not None for one in self.large))
        else:
            self.large.append(weakref.ref(network))
        return network

    @property
    def standby(self):
        return self.scene.scene

    def switch(self, name):
        self.scene.tune(self.built.settings.model_copy(update={"scene": name}))
        self.draw()
        made(self.scene)
        assert self.draw() == name

    def draw(self):
        self.now += 1.0
        return self.scene.draw(None, self.now).state

    def fail(self, fault):
        """The work on the wall fails, until it has been made anew or another is there."""
        failing = self.standby._scene
        failing.fault = fault
        self.draw()
        while self.standby._scene in (failing, self.standby._stored):
            failing = None
            self.draw()
            if self.standby._making is not None:
                self.standby._making[0].join(20)


def test_on_a_full_gpu_the_large_network_is_gone_before_a_smaller_one_is_loaded():
    """Also after another work was hung: that one and the one before it share the large network."""
    wall = Kiosk()
    for name in ("mirror", "dream"):
        wall.switch(name)
        assert len(wall.large) == 1, "the works share one"
    wall.fail(OutOfMemory)
    assert wall.beside_small == [0]


def test_a_network_that_drew_nan_is_not_lent_to_the_next_work():
    wall = Kiosk()
    wall.switch("mirror")
    wall.fail(NotFinite)
    assert len(wall.large) == 2, "it was loaded anew"
    wall.switch("dream")
    gc.collect()
    assert [one() is not None for one in wall.large] == [False, True]
    assert wall.standby._scene.generator is wall.large[1]()


def test_what_a_work_asks_of_the_settings_is_heard_also_of_one_that_was_hung_later():
    asks = {}

    def make(step, settings, kit):
        asks[step.work] = kit.ask
        return Named(step.work)

    built = Installation(Settings(scene="dream"), Doors(source=lambda *_: Lens(), scene=make))
    scene = switching(built, built.scene(), OnDemand(built.source))
    scene.tune(built.settings.model_copy(update={"scene": "rotoscope"}))
    scene.draw(None, 0.0)
    made(scene)
    scene.draw(None, 0.1)
    for work in ("dream", "rotoscope"):
        asks[work]("scenes.rotoscope.filter", work)
        assert scene.asked.take() == {"scenes.rotoscope.filter": work}


def test_a_camera_is_let_go_of_again_when_the_work_that_wants_it_is_taken_back():
    ready, camera = threading.Event(), Lens()

    def make(step, *_):
        assert step.work == "dream" or ready.wait(20)
        return Named(step.work)

    built = Installation(Settings(scene="dream"), Doors(source=lambda *_: camera, scene=make))
    source = OnDemand(built.source)
    scene = switching(built, built.scene(), source)
    scene.tune(built.settings.model_copy(update={"scene": "mirror"}))
    scene.draw(None, 0.0)
    scene.tune(built.settings)
    ready.set()
    made(scene)
    assert source.read().image is not BLANK, "the control: it had been opened"
    assert scene.draw(None, 0.1).state == "dream"
    assert source.read().image is BLANK
    assert camera.closed == 1


def test_without_its_source_a_work_is_not_hung():
    def away(*_):
        raise SourceMissing("camera: none found")

    built = Installation(Settings(scene="dream"), Doors(source=away, scene=lambda step, *_: Named(step.work)))
    scene = switching(built, built.scene(), OnDemand(built.source))
    scene.tune(built.settings.model_copy(update={"scene": "mirror"}))
    scene.draw(None, 0.0)
    made(scene)
    assert scene.draw(None, 0.1).state == "dream"
    assert "camera: none found" in built.journal.faults[FAULT]


ENTRIES = {
    "presence": [{"nobody_for": 5.0, "scene": "rotoscope"}, {"somebody_for": 1.0, "scene": "colourise"}],
    "clock": [{"at": "10:00", "scene": "colourise"}],
}


def scheduled_wall(entries, broken=()):
    """A wall whose schedule has these entries: show(what) shows ten seconds of it to somebody, or to nobody."""

    def make(step, *_):
        if step.work in broken:
            raise ModelMissing("nothing.npz: is not there")
        return Named(step.work)

    built = Installation(Settings(schedule=entries), Doors(source=lambda *_: Lens(), scene=make))
    scene, schedule = switching(built, built.scene(), OnDemand(built.source)), Schedule(built.settings.schedule)
    tuning, moments = Tuning(built.settings, built.journal), itertools.count(1)
    for hand in (scene.asked, schedule.asked):
        tuning.listen_to(hand)

    def show(there):
        for now in itertools.islice(moments, 10):
            if settings := tuning.turn(tuning.hear([]), now):
                scene.tune(settings)
            picture = scene.draw(None, now)
            made(scene)
            schedule.presented(replace(picture, answers=now if there else None), now)
        return picture.state

    return show


def test_where_presence_decides_the_journal_does_not_say_when_people_came(caplog):
    caplog.set_level(logging.INFO, "narcissus")
    show = scheduled_wall(ENTRIES["presence"])
    assert [show(there) for there in (False, True, False, True)] == ["rotoscope", "colourise"] * 2
    assert caplog.messages == []


def test_a_change_by_the_clock_is_said(caplog):
    """The control of the test above."""
    caplog.set_level(logging.INFO, "narcissus")
    assert scheduled_wall(ENTRIES["clock"])(there=False) == "colourise"
    assert "on the wall" in caplog.text
    assert "settings: scene mirror → colourise" in caplog.text


def test_a_work_that_presence_asks_for_in_vain_is_said_once_and_not_at_every_coming(caplog):
    caplog.set_level(logging.INFO, "narcissus")
    entries = [*ENTRIES["presence"], {"somebody_for": 5.0, "scene": "creatures"}]
    show = scheduled_wall(entries, broken=["creatures"])
    assert [show(there) for there in (False, True, False, True)] == ["rotoscope", "colourise"] * 2
    assert [message.split(":")[0] for message in caplog.messages] == [FAULT]


def test_a_preset_may_name_a_work(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("presets: {night: {scene: dream, scenes: {dream: {speed: 3.0}}}}\n")
    tuning = Tuning(load(path), Journal())
    assert tuning.turn(tuning.hear(["preset 1"]), 0.0).scene == "dream"
