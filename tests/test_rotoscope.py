"""What the rotoscope promises on the wall: calm paint, heat, a dream in the same paint, nobody is left behind."""

import itertools

import numpy as np
import pytest
from rotoscope_parts import Wall, blue, colour
from viewer_parts import face

from narcissus.core.errors import NotFinite
from narcissus.core.permit import Permit
from narcissus.core.types import Panel, Picture
from narcissus.networks.style import Light
from narcissus.scenes.contract import BaseScene
from narcissus.scenes.rotoscope.heat import Heat, heated
from narcissus.scenes.rotoscope.subject import Reflected, fitted
from narcissus.sources.denoising import TemporalDenoiser


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
