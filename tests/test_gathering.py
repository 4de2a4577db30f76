"""Everybody who is there has a reflection: cells open, move and close calmly, and alone nothing is different."""

from itertools import pairwise

import numpy as np
import pytest
from gallery import IMAGE, Gallery, face, tuned

from narcissus.core.errors import OutOfMemory
from narcissus.core.timeouts import PLACE_KEPT, REJOINED
from narcissus.core.types import Face, Frame
from narcissus.motion import Spring, angle
from narcissus.people.visitors import MOST, Visitors
from narcissus.scenes.mirror.captions import captions
from narcissus.scenes.mirror.gathering import FOR_A_WHILE
from narcissus.scenes.mirror.reflection import HOLD, STALE
from narcissus.scenes.mirror.scene import Mirror
from narcissus.scenes.mirror.steps import Stall, Steps
from narcissus.scenes.wording import wording

WIDTH = IMAGE.shape[1]


class Hall(Gallery):
    """A gallery whose mirror is everybody's, with the visitors that ship."""

    def __init__(self, live=False, everybody=True, **settings) -> None:
        super().__init__()
        self.painter.batches = []
        render = self.painter.render
        self.painter.render = lambda latents: (self.painter.batches.append(len(latents)), render(latents))[1]
        visitors = Visitors(live)
        self.mirror = Mirror(
            self.script, visitors, self.inverter, self.painter, self.guesser, everybody=everybody, **settings
        )

    @property
    def cells(self):
        return self.mirror._gathering._cells

    @property
    def seats(self):
        """Whose cells hang there, from left to right."""
        return [cell.person for cell in self.cells]

    @property
    def people(self):
        """Identities of all who are mirrored, the viewer first."""
        return [one.face.identity for one in self.seen.company]


def crowd(*xs, **rest):
    """One person at each x; the first are the larger ones."""
    return [face(number, x=x, mouth=0.2 * number, size=24 - number, **rest) for number, x in enumerate(xs, 1)]


def test_alone_the_picture_is_the_single_mirrors_to_the_bit():
    one, everybody = Hall(everybody=False), Hall()
    for hall in (one, everybody):
        hall.live(0.5)
        hall.live(1.0, [face(1)])
        hall.live(0.2)
        hall.live(1.0, lambda now: [face(1, mouth=0.3 * np.sin(5 * now))])
        hall.live(3.0)
        hall.live(1.0, [face(2, x=60)])
    assert np.array_equal(one.latents, everybody.latents)
    assert all(np.array_equal(a.image, b.image) for a, b in zip(one.pictures, everybody.pictures, strict=True))
    assert [picture.state.phase for picture in one.pictures] == [picture.state.phase for picture in everybody.pictures]
    assert everybody.pictures[-1].image.shape == (4, 4, 3)


def test_everybody_goes_to_their_own_likeness_in_one_batch():
    hall = Hall()
    hall.live(4.0, crowd(60, 160, 260))
    assert len(hall.cells) == 3
    likeness = {one.person: one.latent for one in hall.seen.company}
    for cell in hall.cells:
        assert angle(cell.reflection.latent, likeness[cell.person]) < 1
    first, *others = (cell.reflection.latent for cell in hall.cells)
    assert all(angle(first, other) > 3 for other in others)
    assert hall.painter.batches[-1] == 3
    assert hall.pictures[-1].image.shape == (12, 12, 3)


def test_one_viewer_is_everybodys_only_where_it_is_asked_for():
    hall = Hall(everybody=False)
    hall.live(2.0, crowd(60, 160, 260))
    assert len(hall.cells) == len(hall.seen.company) == 1
    assert hall.pictures[-1].image.shape == (4, 4, 3)


def test_the_cells_hang_as_the_people_stand():
    hall = Hall()
    hall.live(3.0, crowd(260, 60, 160))
    xs = {one.person: one.face.box.centre[0] for one in hall.seen.company}
    assert [xs[seat] for seat in hall.seats] == [60, 160, 260]
    assert all(left.placement[0] < right.placement[0] for left, right in pairwise(hall.cells))


def test_two_who_stand_close_do_not_change_places_and_two_who_walked_past_do():
    hall = Hall()
    hall.live(2.0, crowd(100, 220))
    before = hall.seats
    rng = np.random.default_rng(0)
    hall.live(3.0, lambda now: crowd(*(160 + rng.normal(0, 4, 2))))
    assert hall.seats == before
    hall.live(3.0, crowd(164, 156))
    assert hall.seats == before, "a step is no walking past"
    hall.live(FOR_A_WHILE / 2, crowd(220, 100))
    assert hall.seats == before
    hall.live(FOR_A_WHILE, crowd(220, 100))
    assert hall.seats == before[::-1]


def test_a_newcomer_is_proven_first_and_the_first_of_all_is_not():
    hall = Hall()
    hall.live(0.1, crowd(100))
    assert hall.people == [1]
    hall.live(0.3, crowd(100, 220))
    assert hall.people == [1]
    hall.live(0.3, crowd(100, 220))
    assert hall.people == [1, 2]


def test_a_poster_beside_a_viewer_gets_no_cell():
    hall = Hall(live=True)
    viewer, poster = crowd(100, 220)
    hall.live(3.0, [viewer, Face(poster.landmarks, poster.box, 2, has_moved=False)])
    assert hall.people == [1]
    assert len(hall.cells) == 1


def test_cells_move_without_a_jump():
    hall, widths = Hall(), []

    def seen(now):
        if hall.mirror._gathering.foremost._placement is not None:
            widths.append(hall.mirror._gathering.foremost.placement.copy())
        count = int((now - 100) // 1.5) % 4 + 1
        return crowd(60, 260, 160, 110)[:count]

    hall.live(15.0, seen)
    places = np.array(widths)  # every 1/30 s
    assert np.ptp(places[:, 2]) > 0.4  # or it would be no test
    assert np.abs(np.diff(places, axis=0)).max() < 0.06  # of the wall
    assert np.abs(np.diff(places, 2, axis=0)).max() < 0.02  # and the speed does not jump either


def test_a_leavers_cell_darkens_into_the_dream_then_closes_and_the_other_fills_the_wall():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    left = hall.cells[1]
    hall.live(HOLD + 0.2, crowd(100))
    assert left in hall.cells
    assert left.reflection.phase == "departure"
    assert left.placement[3] < 0.95
    assert hall.cells[0].placement[2] < 0.6, "nobody else moves yet"
    hall.live(PLACE_KEPT + 4.0, crowd(100))
    assert hall.cells == [hall.mirror._gathering.foremost]
    assert hall.pictures[-1].image.shape == (4, 4, 3)
    assert hall.cells[0].reflection.phase == "following"


def test_a_face_lost_for_a_blink_keeps_its_cell_as_it_is():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    cells = list(hall.cells)
    hall.live(HOLD - 0.15, crowd(100))
    hall.live(1.0, crowd(100, 220))
    assert hall.cells == cells
    assert [cell.reflection.phase for cell in cells] == ["following"] * 2
    assert min(cell.placement[3] for cell in cells) > 0.99


def test_who_is_found_again_in_the_same_place_gets_the_same_cell():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    cells, (first, second) = list(hall.cells), crowd(100, 220)
    hall.live(0.5, [first])
    hall.live(1.5, [first, Face(second.landmarks, second.box, 77)])
    assert hall.cells == cells
    assert cells[1].placement[3] > 0.9


def test_when_the_viewer_leaves_the_others_keep_their_cells():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    first, second = hall.cells
    hall.live(5.0, crowd(100, 220)[1:])
    assert hall.cells == [second]
    assert hall.mirror._gathering.foremost is second
    assert first.reflection.phase in ("departure", "dream")


def test_when_all_have_left_one_cell_dreams_on_the_whole_wall():
    hall = Hall()
    hall.live(3.0, crowd(60, 160, 260))
    seen = len(hall.pictures)
    hall.live(12.0)
    assert len(hall.cells) == 1
    assert hall.pictures[-1].state.phase == "dream"
    assert hall.pictures[-1].image.shape == (4, 4, 3)
    brightest = [picture.image.max() for picture in hall.pictures[seen:]]
    assert min(brightest) > 60, "the wall is never black"


def test_two_who_leave_one_after_the_other_leave_one_cell_and_no_black_wall():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    hall.live(0.2, crowd(100, 220)[1:])
    hall.live(12.0)
    assert hall.cells == [hall.mirror._gathering.foremost]
    assert hall.cells[0].placement[3] > 0.99
    assert hall.pictures[-1].state.reflection == hall.cells[0].reflection.seed
    assert hall.pictures[-1].image.shape == (4, 4, 3)


def test_a_camera_that_hangs_leads_everybody_into_the_dream():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    last = hall.seen.frame.time
    hall.live(STALE + HOLD + 0.3, camera=False)
    assert {cell.reflection.phase for cell in hall.cells} == {"departure"}
    answered = [picture.answers for picture in hall.pictures]
    assert answered[-90:-40] == [last] * 50, "for a while it holds"
    assert answered[-6:] == [None] * 6, "a dream answers nobody, however long perception hangs"
    hall.live(6.0, camera=False)
    assert len(hall.cells) == 1


def test_the_setting_changes_while_people_stand_there_and_the_wall_follows_calmly():
    hall = Hall(everybody=False)
    people = crowd(100, 220)
    hall.live(2.0, people)
    hall.mirror.tune(tuned(viewers="all"))
    hall.live(3.0, people)
    assert len(hall.cells) == 2
    hall.mirror.tune(tuned(viewers="one"))
    hall.live(6.0, people)
    assert len(hall.cells) == 1
    assert hall.seen.viewer.identity == 1
    assert hall.pictures[-1].image.shape == (4, 4, 3)
    assert hall.steps[60:].max() <= 4, "the viewer's own reflection takes no notice"


def test_no_more_than_nine_have_a_cell_and_whoever_has_one_keeps_it():
    hall = Hall()
    xs = np.linspace(20, 300, 12)
    hall.live(2.0, crowd(*xs))
    first = set(hall.people)
    assert first == set(range(1, MOST + 1)), "the largest"
    larger = [face(number, x=x, size=12 + number / 4) for number, x in enumerate(xs, 1)]
    hall.live(0.5, larger)
    assert set(hall.people) == first
    assert len(hall.cells) == MOST


@pytest.mark.parametrize("departure", [1.5, 30.0])
def test_on_a_full_wall_whoever_left_first_gives_place_to_who_comes(departure):
    hall = Hall()
    hall.mirror.tune(tuned(viewers="all", departure=departure))
    xs = np.linspace(20, 300, MOST + 4).tolist()
    people = [face(number, x=x, mouth=0.05 * number, size=12) for number, x in enumerate(xs, 1)]
    hall.live(2.0, people[:MOST])
    for gone in range(1, 4):
        hall.live(0.5, people[gone : MOST + gone])
        assert len([cell for cell in hall.cells if cell.seen == hall.mirror._gathering.foremost.seen]) == MOST
    hall.live(3.0, people[3 : MOST + 3])
    assert sorted(hall.seats) == list(range(4, MOST + 4))
    assert (np.diff([cell.x for cell in hall.cells]) > 0).all(), "in the order in which they stand"


def test_after_a_cut_nobody_keeps_a_cell():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    before = set(hall.seats)
    hall.live(1.0, crowd(100, 220), cut=True)
    assert not before & {one.person for one in hall.seen.company}


def test_nothing_is_kept_of_whoever_has_gone():
    hall = Hall()
    hall.live(2.0, crowd(60, 160, 260))
    assert len(hall.mirror._sitters) == 3
    hall.live(REJOINED + 0.5, crowd(60))
    assert len(hall.mirror._sitters) == 1
    hall.live(REJOINED + 0.5)
    assert len(hall.mirror._sitters) == 0
    assert not hall.mirror._visitors._there
    assert not hall.mirror._visitors._guests


def test_where_one_has_the_mirror_whoever_hands_it_over_is_forgotten_at_once():
    hall = Hall(everybody=False)
    hall.live(1.0, [face(1)])
    hall.live(0.1, [face(2, x=60)], cut=True)
    assert len(hall.mirror._sitters) == 1
    hall.live(0.5, [])
    hall.live(0.1, [face(3, x=260)])
    assert len(hall.mirror._sitters) == 1


def test_many_people_are_guessed_at_in_turn_one_a_frame():
    hall = Hall()
    hall.live(2.0, crowd(40, 100, 160, 220, 280))
    count = hall.guesser.count
    hall.live(1.0, crowd(40, 100, 160, 220, 280))
    assert 20 <= hall.guesser.count - count <= 31
    assert all(one.guesses is not None for one in hall.mirror._sitters._sitting.values())


def test_guesses_of_several_stand_on_the_wall_from_left_to_right():
    hall = Hall(tell=True)
    hall.live(2.0, crowd(260, 60))
    assert list(captions(hall.seen, wording("en"))) == [2, 1]
    quiet = Hall()
    quiet.live(2.0, crowd(260, 60))
    assert captions(quiet.seen, wording("en")) == {}


def test_another_foremost_viewer_is_no_step_of_the_latent():
    hall, steps = Hall(), Steps()
    hall.live(3.0, crowd(100, 220))
    hall.pictures.clear()
    hall.live(3.0, crowd(100, 220)[1:])
    assert len({picture.state.reflection for picture in hall.pictures}) == 2
    jumps = angle(hall.latents[2:], hall.latents[:-2])
    assert jumps.max() > 10  # or it would be no test
    for number, picture in enumerate(hall.pictures):
        steps.add(picture.state, 1, 100 + number / 60)
    assert steps.report()["max"] <= 4


def test_a_wall_of_several_is_not_taken_for_a_frozen_picture():
    hall, stall = Hall(), Stall()
    people = lambda now: crowd(100, 220) if now < 104 else crowd(100, 220)[1:]
    for _ in range(8 * 60):
        hall.live(1 / 60, people)
        picture = hall.pictures[-1]
        assert not picture.stalled
        assert not stall.look(picture.image, picture.state.latent, hall.seen.latent, hall.now)


def test_a_network_that_fails_while_several_are_prepared_for_is_the_displays_business():
    hall = Hall(everybody=False)
    hall.live(1.0, crowd(100, 220))
    render = hall.painter.render

    def short(latents):
        if len(latents) > 1:
            raise OutOfMemory("fake: no memory for several")
        return render(latents)

    hall.painter.render = short
    hall.mirror.tune(tuned(viewers="all"))
    hall.seen = hall.mirror.observe(Frame(IMAGE, hall.now))
    with pytest.raises(OutOfMemory):
        hall.mirror.draw(hall.seen, hall.now)
    hall.painter.render = render
    hall.live(3.0, crowd(100, 220))
    assert len(hall.cells) == 2


def test_frozen_the_whole_wall_stands_still():
    hall = Hall()
    hall.live(3.0, crowd(100, 220))
    hall.mirror.obey("freeze")
    hall.live(2.0, [])
    assert np.array_equal(hall.pictures[-1].image, hall.pictures[-100].image)
    assert len(hall.cells) == 2


def test_a_glide_bends_and_never_jumps_however_often_it_is_asked():
    slow, quick = Spring(np.zeros(2)), Spring(np.zeros(2))
    target = lambda now: np.array([1.0, 0.0]) if now < 0.5 else np.array([0.0, 1.0])
    path = []
    for step in range(120):
        path.append(quick.follow(target(step / 60), step / 60, stiffness=5).copy())
        if step % 2 == 0:
            slow.follow(target(step / 60), step / 60, stiffness=5)
    assert np.abs(slow.value - quick.value).max() < 0.02
    assert np.abs(np.diff(path, 2, axis=0)).max() < 0.03
    assert quick.value == pytest.approx([0, 1], abs=0.03)
