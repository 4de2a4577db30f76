"""Of whoever has gone the mirror keeps nothing: not in a dream, not behind a closed wall, not when it is taken down."""

import datetime
import gc
import weakref

from gallery import IMAGE, Gallery, face

from narcissus.app.hours import OpeningHours
from narcissus.core.types import Frame


def test_in_the_dream_nothing_is_kept_of_whoever_was_there():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    reflection = gallery.mirror._reflection
    likeness = weakref.ref(gallery.seen.latent)
    gallery.live(8.0)
    gallery.pictures.clear()
    gallery.live(0.1)
    assert reflection.phase == "dream"
    assert likeness() is None


def test_a_wall_that_closes_keeps_nothing_of_whoever_stood_there_last():
    gallery, clock = Gallery(), [datetime.time(17, 59)]
    wall = OpeningHours(gallery.mirror, "10:00-18:00", lambda: clock[0])
    gallery.live(2.0, [face()])
    likeness, seen = weakref.ref(gallery.seen.latent), gallery.seen
    gallery.pictures, gallery.seen, gallery.script.faces = [], None, []
    clock[0] = datetime.time(18)
    for tick in range(20 * 60):
        now = gallery.now + tick / 60
        wall.draw(seen, now)
        seen = wall.observe(Frame(IMAGE, now)) if tick % 2 else seen
    assert likeness() is None
    assert len(gallery.mirror._sitters) == 0
    clock[0] = datetime.time(10)
    assert wall.draw(seen, now).state.phase == "dream"


def test_a_mirror_that_is_taken_down_is_gone_at_once_with_all_that_it_saw():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    gone = weakref.ref(gallery.mirror)
    gc.disable()  # as `core.collector` sets a scene aside
    try:
        gallery.mirror = None
        assert gone() is None
    finally:
        gc.enable()
