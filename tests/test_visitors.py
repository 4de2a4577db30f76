"""Whose mirror it is: chosen stickily, never a poster's before a live camera."""

import numpy as np

from narcissus.core.timeouts import CHALLENGED_FOR, GRACE
from narcissus.core.types import Box, Face
from narcissus.people.visitors import Visitors

WIDTH = 640
RATE = 30.0


def face(identity, x=320, size=100, moved=True):
    return Face(np.zeros((68, 2), np.float32), Box(x - size / 2, 200, x + size / 2, 200 + size), identity, moved)


def choices(visitors, faces, seconds, start=0.0):
    """Whom the visitors choose while these faces are there; None where nobody."""
    chosen = [visitors.choose(faces, start + i / RATE, WIDTH) for i in range(round(seconds * RATE))]
    return [one.identity if one else None for one in chosen]


def test_nobody_is_nobody():
    assert Visitors(live=True).choose([], 0.0, WIDTH) is None


def test_the_largest_is_the_viewer():
    assert Visitors(live=False).choose([face(1, size=80), face(2, size=120)], 0.0, WIDTH).identity == 2


def test_of_two_alike_the_more_central_is_the_viewer():
    assert Visitors(live=False).choose([face(1, x=60), face(2, x=330)], 0.0, WIDTH).identity == 2


def test_a_poster_is_not_a_viewer():
    poster = face(1, size=200, moved=False)
    assert Visitors(live=True).choose([poster], 0.0, WIDTH) is None
    assert Visitors(live=True).choose([poster, face(2, size=50)], 0.0, WIDTH).identity == 2


def test_a_photo_may_be_still_where_nothing_is_live():
    assert Visitors(live=False).choose([face(1, moved=False)], 0.0, WIDTH).identity == 1


def test_two_people_of_like_size_do_not_take_the_mirror_from_each_other():
    visitors, rng, chosen = Visitors(live=True), np.random.default_rng(0), set()
    for i in range(300):
        faces = [face(1, 250, 100 + rng.normal(0, 5)), face(2, 390, 100 + rng.normal(0, 5))]
        chosen.add(visitors.choose(faces, i / RATE, WIDTH).identity)
    assert len(chosen) == 1


def test_who_steps_clearly_in_front_gets_the_mirror_after_a_while():
    visitors = Visitors(live=True)
    assert set(choices(visitors, [face(1)], 1.0)) == {1}
    taken = choices(visitors, [face(1), face(2, size=160)], 2.0, start=1.0)
    assert taken[-1] == 2
    assert taken.index(2) / RATE >= CHALLENGED_FOR - 1 / RATE


def test_who_only_walks_past_does_not():
    visitors = Visitors(live=True)
    choices(visitors, [face(1)], 1.0)
    for i in range(6):
        start = 1.0 + i
        assert set(choices(visitors, [face(1), face(2, size=160)], CHALLENGED_FOR / 2, start)) == {1}
        assert set(choices(visitors, [face(1)], 0.3, start + CHALLENGED_FOR / 2)) == {1}


def test_a_viewer_who_is_missed_for_a_moment_is_waited_for_and_nobody_stands_in():
    visitors = Visitors(live=True)
    choices(visitors, [face(1, size=150), face(2, x=100)], 1.0)
    assert set(choices(visitors, [face(2, x=100)], 0.2, start=1.0)) == {None}
    assert visitors.choose([face(1, size=150), face(2, x=100)], 1.2, WIDTH).identity == 1


def test_a_viewer_who_leaves_hands_over_to_who_is_still_there():
    visitors = Visitors(live=True)
    choices(visitors, [face(1, size=150), face(2, x=100)], 1.0)
    assert choices(visitors, [face(2, x=100)], GRACE + 0.2, start=1.0)[-1] == 2


def test_a_viewer_who_leaves_alone_is_gone_at_once_and_the_next_need_not_wait():
    visitors = Visitors(live=True)
    choices(visitors, [face(1)], 1.0)
    assert set(choices(visitors, [], 1.0, start=1.0)) == {None}
    assert visitors.choose([face(2)], 2.0, WIDTH).identity == 2


def test_without_the_frames_width_size_decides():
    assert Visitors(live=False).choose([face(1, x=20, size=101), face(2)], 0.0).identity == 1


def test_after_a_cut_nobody_is_waited_for():
    visitors = Visitors(live=False)
    choices(visitors, [face(1)], 1.0)
    visitors.forget()
    assert visitors.choose([face(2)], 1.0, WIDTH).identity == 2


def test_visitors_gather_the_viewer_first_and_wait_for_whoever_is_missed():
    visitors = Visitors(live=False)
    people = [Face(np.zeros((68, 2), np.float32), Box(x, 0, x + size, size), name) for name, x, size in
              ((1, 0, 50), (2, 100, 60), (3, 200, 40))]  # fmt: skip

    def gathered(faces, now):
        viewer = visitors.choose(faces, now, 320)
        return [one.identity for one in visitors.gather(faces, viewer, now, 320)]

    for frame in range(30):
        names = gathered(people, frame / 30)
    assert names == [2, 1, 3]
    assert gathered([people[0], people[1]], 1.0) == [2, 1]
    assert gathered(people, 1.1) == [2, 1, 3], "missed for a moment, and not a newcomer"
