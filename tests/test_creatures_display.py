"""The display's thread composes, and nothing else: what takes long is drawn, lettered and written by the worker."""

import gc
import threading
import types
import weakref
from concurrent.futures import Future

import cv2
import numpy as np
import pytest
import segno
from creatures_parts import small_generator
from test_joining import PROFILES, caught

from narcissus.app.making import Making
from narcissus.breeding.genome import BELOW, LEVELS, Genome
from narcissus.colony import Colony
from narcissus.core.collector import collect, set_aside
from narcissus.networks import chimera
from narcissus.networks.pggan.seam import Seam
from narcissus.scenes.creatures.joining.easel import Easel
from narcissus.scenes.creatures.joining.joining import Joining
from narcissus.scenes.creatures.joining.observer import Caught, Noticed
from narcissus.scenes.creatures.layout import laid_out
from narcissus.scenes.creatures.nursery import Nursery
from narcissus.scenes.creatures.scene import Creatures
from narcissus.scenes.creatures.wall import Wall
from narcissus.scenes.creatures.worker import AtOnce, births_worker

SLOW = [  # what may hold a thread up: a network, letters, a code, a file
    (Nursery, ("bear", "hybrid", "adopt", "look", "refresh", "portrait")),
    (Colony, ("born", "settle", "join", "delete", "expire", "version", "prune", "visitors")),
    (Seam, ("features", "onward", "picture")),
    (cv2, ("putText", "getTextSize", "imencode")),
    (segno, ("make",)),
    (threading.Thread, ("join",)),
]


@pytest.fixture(scope="module")
def small():
    return small_generator()


@pytest.fixture
def called(monkeypatch):
    """Name of each slow call -> the threads that made it, from now on."""
    threads = {}

    def watched(name, call):
        def watching(*words, **named):
            threads.setdefault(name, set()).add(threading.current_thread().name)
            return call(*words, **named)

        return watching

    for owner, names in SLOW:
        for name in names:
            monkeypatch.setattr(owner, name, watched(f"{owner.__name__}.{name}", getattr(owner, name)))
    return threads


def test_while_creatures_are_born_and_somebody_joins_the_display_is_asked_for_nothing_slow(small, called):
    nursery = Nursery(small, Colony(), 12, 0)
    wall, worker = Wall(laid_out(12, (480, 270)), nursery.portraits(), 0.7), births_worker()
    guest = Joining(None, nursery, worker, PROFILES, lambda: 2e9, "http://wall.local:8001")
    scene = Creatures(nursery, wall, guest, worker=worker)
    called.clear()
    ring, phases = Noticed(0.0, True, "ring", 0.0), set()
    numbers = Caught(np.ones(64, np.float32), caught().caught.measured, caught().caught.guessed)
    closed = Noticed(1.0, True, "captured", 1.0, numbers)
    for number in range(120):
        now = number / 20
        seen = ring if now < 1 else closed if now < 2 else None
        scene.draw(seen, now)
        worker.submit(lambda: None).result()  # the worker keeps up, however slow this machine is
        phases.add(guest._visit.stage)
        if number == 80:
            scene.obey("keep")
    assert {"nobody", "offered", "kept"} <= phases
    assert {"Nursery.bear", "Nursery.adopt", "Colony.join", "putText", "make"} <= {
        name.removeprefix("cv2.").removeprefix("segno.") for name in called
    }, "the control: all of it happened"
    assert {name for name, threads in called.items() if threading.current_thread().name in threads} == set()
    worker.shutdown()


def test_nothing_is_compiled_once_the_wall_hangs(monkeypatch):
    """A birth that asks for a level nobody had before takes no longer than any other."""
    fresh = small_generator()
    Nursery(fresh, Colony(), 12, 0)
    monkeypatch.setattr(Seam, "_compiled", lambda seam, function: pytest.fail("compiled during a birth"))
    whole, latents = Genome.of("#7"), np.zeros((2, fresh.latent_size), np.float32)
    for levels in range(1, LEVELS + 1):
        alleles = whole.alleles.copy()
        alleles[:levels, 2:4] = 1
        alleles[1:levels, :2] = BELOW
        chimera.portrait(fresh.seam, Genome(("#7", "#8"), alleles, whole.sources), latents)


def test_the_ring_is_lettered_before_anybody_comes(called):
    guest = Joining(None, types.SimpleNamespace(colony=Colony()), AtOnce(), PROFILES, lambda: 2e9)
    guest.fit((800, 450))
    called.clear()
    shown = [guest.picture(Noticed(5.0, True, "ring", 5.0 - past), 5.0) for past in (0.0, 1.2, 2.9)]
    assert not {"cv2.putText", "cv2.getTextSize"} & called.keys()
    assert all(one.shape == (450, 800, 3) for one in shown)
    assert len({one.tobytes() for one in shown}) == 3


class Later:
    """A worker that does what it was asked when the test says so."""

    def __init__(self):
        self.waiting = []

    def submit(self, work, *words):
        done = Future()
        self.waiting.append((done, work, words))
        return done

    def go_on(self):
        waiting, self.waiting = self.waiting, []
        for done, work, words in waiting:
            done.set_result(work(*words))


def test_what_was_wanted_stands_until_what_is_wanted_is_there():
    worker = Later()
    easel = Easel(worker)
    assert easel.take(1, lambda: "one") is None
    worker.go_on()
    assert easel.take(2, lambda: "two") == "one"
    assert easel.take(3, lambda: "three") == "one"
    worker.go_on()
    assert easel.take(3, lambda: "three") == "two"
    worker.go_on()
    assert easel.take(3, lambda: "three") == "three"
    easel.take(4, lambda: "four")
    easel.clear()
    worker.go_on()
    assert easel.take(5, lambda: "five") is None, "nothing that was wanted before is shown to somebody else"


class Web:
    """A scene that refers to itself, as scenes do."""

    def __init__(self):
        self.web = self


def test_what_is_loaded_is_set_aside_and_still_freed_before_the_next_scene_is_made():
    scene = Web()
    gone = weakref.ref(scene)
    set_aside()
    try:
        assert gc.get_freeze_count() > 0
        del scene
        gc.collect()
        assert gone() is not None, "the control: it was set aside"
        making = Making("next", Web)
        making.run()
        assert gone() is None
    finally:
        collect()
