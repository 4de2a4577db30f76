"""Dream, arrival, following, departure: one latent that always moves. Perception and generator are played by fakes."""

import math

import numpy as np
import pytest
from gallery import IMAGE, Gallery, L, Painter, face, tuned

from narcissus.app.settings import Settings
from narcissus.core.errors import NotFinite
from narcissus.core.timeouts import REJOINED
from narcissus.core.types import Face, Frame
from narcissus.features.portrait import GROUPS
from narcissus.motion import angle
from narcissus.scenes import SCENES, work
from narcissus.scenes.dream import FAILURES, WORK, Dream
from narcissus.scenes.mirror.reflection import HOLD, STALE
from narcissus.scenes.mirror.sitter import Sitter


def test_the_registry_names_scenes_that_are_there():
    assert all(work(name).name == name for name in SCENES)


def test_nobody_there_is_a_dream_that_moves_on():
    gallery = Gallery()
    gallery.live(3.0)
    assert {picture.state.phase for picture in gallery.pictures} == {"dream"}
    assert gallery.steps[20:].min() > 0.05
    assert gallery.steps.max() < 1.5


def test_a_dream_needs_no_frames():
    dream = Dream(Painter(), dream_speed=12.0)
    assert not WORK.wants_source
    assert angle(dream.draw(None, 0.0).state.latent, [dream.draw(None, n / 60).state.latent for n in range(60)][-1]) > 3


def test_a_new_viewer_is_answered_within_350_ms_where_an_arrival_is_as_quick_as_a_hand_over():
    gallery = Gallery()
    gallery.mirror.tune(tuned(arrival=0.25))
    gallery.live(2.0)
    before = gallery.pictures[-1].state.latent
    gallery.live(0.35, [face()])
    far = angle(before, gallery.seen.latent)
    assert far > 60  # or it would be no test
    assert gallery.left() < 0.1 * far


def test_no_step_is_over_12_degrees_and_none_over_4_while_following():
    gallery = Gallery()
    gallery.live(1.0)
    wild = lambda now: [face(mouth=0.8 * math.sin(9 * now))]
    gallery.live(3.0, wild)
    gallery.live(3.0, [face(identity=2, x=60, mouth=-0.1)], cut=True)
    gallery.live(3.0)
    assert gallery.steps.max() <= 12
    phases = [picture.state.phase for picture in gallery.pictures]
    following = [step for n, step in enumerate(gallery.steps) if phases[n] == phases[n + 2] == "following"]
    assert len(following) > 200
    assert max(following) <= 4


def test_all_phases_lead_into_one_another_without_a_jump():
    gallery = Gallery()
    gallery.live(1.0)
    gallery.live(2.0, [face()])
    gallery.live(8.0)
    phases = [picture.state.phase for picture in gallery.pictures]
    order = [phase for n, phase in enumerate(phases) if n == 0 or phases[n - 1] != phase]
    assert order == ["dream", "arrival", "following", "departure", "dream"]
    speed = np.diff(angle(gallery.latents[1:], gallery.latents[:-1]))
    assert np.abs(speed).max() < 3.5  # degrees per 1/60 s each 1/60 s: the speed changes, too, without a jolt


def test_a_departure_begins_where_the_viewer_was_mirrored_and_is_calm():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    mirrored = gallery.pictures[-1].state.latent
    seen = len(gallery.pictures)
    gallery.live(HOLD + 0.1)
    assert angle(gallery.pictures[-1].state.latent, mirrored) < 8
    gallery.live(2.0)
    assert gallery.steps[seen:].max() < 3
    assert angle(gallery.pictures[-1].state.latent, mirrored) > 20  # after two seconds nobody is kept on the wall


def test_a_face_lost_for_a_blink_is_held():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    gallery.live(HOLD - 0.1)
    assert gallery.pictures[-1].state.phase == "following"
    gallery.live(0.5, [face()])
    assert gallery.pictures[-1].state.phase == "following"


def test_a_camera_that_hangs_leads_into_the_dream_within_two_seconds():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    gallery.live(STALE + HOLD + 0.1, camera=False)
    assert gallery.pictures[-1].state.phase == "departure"
    assert STALE + HOLD < 2


def test_a_hand_over_is_an_arrival():
    gallery = Gallery()
    gallery.live(2.0, [face(identity=1)])
    gallery.live(0.1, [face(identity=2, x=40, mouth=0.5)])
    assert gallery.pictures[-1].state.phase == "arrival"


def test_a_viewer_keeps_the_same_fill():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    settled = gallery.seen.latent
    gallery.live(2.0, [face()])
    assert angle(gallery.seen.latent, settled) < 0.1


def test_the_first_frames_settle_the_fill_without_a_jump():
    gallery = Gallery()
    gallery.live(0.1, [face()])
    early = gallery.seen.latent
    gallery.live(2.0, [face()])
    assert 0 < angle(gallery.seen.latent, early) < 20


def test_who_is_found_again_in_the_same_place_is_the_same_viewer():
    gallery = Gallery()
    gallery.live(2.0, [face(identity=1)])
    before = gallery.seen.latent
    gallery.live(0.5)
    gallery.live(0.1, [face(identity=2)])
    assert angle(gallery.seen.latent, before) < 0.5


def test_after_a_cut_nobody_is_the_same():
    gallery = Gallery()
    gallery.live(2.0, [face(identity=1)])
    before = gallery.seen.latent
    gallery.live(0.1, [face(identity=2)], cut=True)
    assert angle(gallery.seen.latent, before) > 1


def test_a_still_viewer_under_noise_is_calm_and_a_moving_mouth_is_not():
    random = np.random.default_rng(1)

    def noisy(amplitude):
        def seen(now):
            moved = face(mouth=amplitude * math.sin(2 * math.pi * 1.5 * now))
            noise = random.standard_normal((68, 2)) * 0.3  # pixels, at 60 between the eyes; measured on real frames
            return [Face((moved.landmarks + noise).astype(np.float32), moved.box, 1)]

        return seen

    still, moving, plain = Gallery(), Gallery(), Gallery()
    still.live(4.0, noisy(0.0))
    assert still.steps[60:].max() < 1.2
    moving.live(4.0, noisy(0.3))
    aimed = []
    for n in range(120):
        plain.mirror._sitters.forget()  # every frame for itself: nothing is smoothed
        plain.script.faces = [face(mouth=0.3 * math.sin(2 * math.pi * 1.5 * n / 30))]
        aimed.append(plain.mirror.observe(Frame(IMAGE, n / 30)).latent[: L // 2])
    direction = np.linalg.svd(np.array(aimed) - np.mean(aimed, axis=0))[2][0]
    assert np.ptp(moving.latents[60:, : L // 2] @ direction) > 0.7 * np.ptp(np.array(aimed) @ direction)


def test_near_and_far_viewers_are_mirrored_alike():
    near, far = Gallery(), Gallery()
    near.live(1.0, lambda now: [face(mouth=0.3 * math.sin(8 * now), size=80)])
    far.live(1.0, lambda now: [face(mouth=0.3 * math.sin(8 * now), size=20)])
    assert angle(near.seen.latent[: L // 2], far.seen.latent[: L // 2]) < 0.5


def test_walking_past_does_not_disturb_the_mouth():
    here, walking = Gallery(), Gallery()
    here.live(1.0, lambda now: [face(mouth=0.3 * math.sin(8 * now))])
    walking.live(1.0, lambda now: [face(mouth=0.3 * math.sin(8 * now), x=80 + 100 * (now - 100))])
    assert angle(here.seen.latent[: L // 2], walking.seen.latent[: L // 2]) < 0.5


def test_little_confidence_eases_towards_the_mean():
    gallery = Gallery()
    gallery.live(1.0, [face(mouth=0.5)])
    sure = np.linalg.norm(gallery.seen.latent[: L // 2])
    gallery.inverter.sure = 0.2
    gallery.live(1.0, [face(mouth=0.5)])
    assert np.linalg.norm(gallery.seen.latent[: L // 2]) < 0.5 * sure
    assert gallery.seen.confidence == pytest.approx(0.2)
    assert gallery.steps[40:].max() <= 4


def test_the_exaggeration_is_tuned_while_somebody_is_there():
    gallery = Gallery()
    broad = face()
    broad.landmarks[:17, 0] += 0.3 * (broad.landmarks[:17, 0] - 160)
    gallery.live(1.5, [broad])
    plain = gallery.seen.latent
    gallery.mirror.tune(tuned(exaggeration=0.0))
    gallery.live(0.1, [broad])
    everybodys = gallery.seen.latent
    gallery.mirror.tune(tuned(exaggeration=2.0))
    gallery.live(0.1, [broad])
    assert angle(plain, everybodys) > 5
    assert angle(gallery.seen.latent, everybodys) > 1.5 * angle(plain, everybodys)


def test_the_dream_takes_up_another_speed_without_a_jump():
    gallery = Gallery()
    gallery.live(4.0)
    slow = np.median(gallery.steps[60:])
    gallery.mirror.tune(Settings.model_validate({"scenes": {"dream": {"speed": 48.0}}}))
    gallery.live(4.0)
    assert np.median(gallery.steps[-120:]) == pytest.approx(4 * slow, rel=0.3)
    assert np.abs(np.diff(gallery.steps)).max() < 0.5  # degrees per 1/30 s each 1/60 s


def test_calm_is_tuned_while_the_same_viewer_sits_there():
    def trembling(calm):
        gallery, random = Gallery(), np.random.default_rng(2)
        seen = lambda now: [Face(face().landmarks + random.normal(0, 0.5, (68, 2)).astype(np.float32), face().box, 1)]
        gallery.live(2.0, seen)
        gallery.mirror.tune(tuned(calm=calm))
        gallery.live(4.0, seen)
        return gallery.steps[-120:].mean()

    assert trembling(1.0) < 0.5 * trembling(0.0)


def test_guesses_are_told_as_soon_as_they_are_asked_for():
    gallery = Gallery()
    gallery.live(1.0, [face()])
    gallery.mirror.tune(tuned(guesses=True))
    gallery.live(0.1, [face()])
    assert gallery.seen.guesses["age"] == 30.0


def test_the_same_settings_change_nothing():
    plain, tuned = Gallery(), Gallery()
    for gallery in (plain, tuned):
        gallery.live(1.0)
        gallery.live(1.0, [face(mouth=0.3)])
        if gallery is tuned:
            gallery.mirror.tune(Settings())
        gallery.live(0.5, [face(mouth=0.2)])
        gallery.live(2.0)
    assert np.array_equal(plain.latents, tuned.latents)


def test_frozen_it_stands_still_and_goes_on_without_a_jump():
    gallery = Gallery()
    gallery.live(1.0)
    gallery.mirror.obey("freeze")
    gallery.live(5.0)
    assert angle(gallery.latents[61], gallery.latents[-1]) == 0
    gallery.mirror.obey("thaw")
    gallery.live(1.0)
    assert gallery.steps[-1] > 0
    assert gallery.steps.max() < 3


def test_a_picture_that_is_not_finite_is_never_shown():
    gallery = Gallery()
    gallery.live(0.5)
    good = gallery.pictures[-1].image
    gallery.painter.fails = FAILURES - 1
    gallery.live((FAILURES - 1) / 60)
    assert np.array_equal(gallery.pictures[-1].image, good)
    gallery.live(0.5)
    assert not np.array_equal(gallery.pictures[-1].image, good)
    gallery.painter.fails = FAILURES
    with pytest.raises(NotFinite):
        gallery.live(1.0)


def test_guesses_are_made_a_few_times_a_second():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    assert 5 <= gallery.guesser.count <= 12


@pytest.fixture
def two_hues(monkeypatch):
    """A picture in which a face has colours."""
    image = IMAGE.copy()
    image[130:, :, 2] = 20
    monkeypatch.setattr("gallery.IMAGE", image)


@pytest.mark.usefixtures("two_hues")
def test_without_colours_nothing_is_left_of_those_of_whoever_stands_there():
    gallery = Gallery()
    known, divide = [], gallery.inverter.divide
    gallery.inverter.divide = lambda rows: known.append(np.isfinite(rows[:, GROUPS["colour"]]).any()) or divide(rows)
    gallery.live(3.0, [face()])
    assert all(known[-3:]), "the control"
    gallery.mirror.tune(tuned(colour="off"))
    known.clear()
    gallery.live(1.0, [face()])
    assert known
    assert not any(known)


@pytest.mark.usefixtures("two_hues")
def test_light_and_colours_are_looked_at_a_few_times_a_second_and_known_in_every_frame(monkeypatch):
    looks, known, gallery = [], [], Gallery()
    look, divide = Sitter.look, gallery.inverter.divide
    monkeypatch.setattr(Sitter, "look", lambda one, frame, *rest: looks.append(frame.time) or look(one, frame, *rest))
    gallery.inverter.divide = lambda rows: known.append(np.isfinite(rows[:, GROUPS["colour"]]).any()) or divide(rows)
    gallery.live(2.0, [face()])
    assert 15 <= len(looks) <= 25
    assert looks[0] == 100.0, "whoever has just come is looked at"
    assert len(known) == 60
    assert all(known)


def test_guesses_are_told_to_the_wall_only_if_the_artist_asks():
    quiet, telling = Gallery(), Gallery(tell=True)
    for gallery in (quiet, telling):
        gallery.live(0.5, [face()])
    assert quiet.guesser.count > 0
    assert quiet.seen.guesses is None
    assert telling.seen.guesses == {
        "age": 30.0, "female": 0.7, "neutral": 0.6, "happiness": 0.2, "surprise": 0.1, "other": 0.1,
    }  # fmt: skip


def test_the_same_frames_at_the_same_times_give_the_same_pictures():
    one, other = Gallery(), Gallery()
    for gallery in (one, other):
        gallery.live(0.5)
        gallery.live(0.5, [face()])
    assert np.array_equal(one.latents, other.latents)


def test_nothing_is_kept_of_whoever_has_gone():
    gallery = Gallery()
    gallery.live(1.0, [face()])
    assert len(gallery.mirror._sitters) == 1
    gallery.live(REJOINED + 0.5)
    assert len(gallery.mirror._sitters) == 0


def test_a_movement_that_stops_is_answered_soon_and_hardly_overshot():
    """The lower lip falls at a steady pace for 0.4 s, then stands still."""
    gallery = Gallery()
    gallery.live(4.0, lambda now: [face(mouth=0.4 * float(np.clip((now - 102) / 0.4, 0, 1)))])
    before, after = gallery.latents[110], gallery.latents[-1]
    way = after - before
    gone = (gallery.latents - before) @ way / (way @ way)  # 0 before, 1 in the end
    half = np.argmax(gone > 0.5) / 60 - 2.0
    assert half - 0.2 < 0.08
    assert gone.max() < 1.1


def test_somebody_lost_for_some_seconds_comes_back_as_the_same_person():
    gallery = Gallery()
    gallery.live(2.0, [face(identity=1)])
    before = gallery.seen.latent
    gallery.live(REJOINED - 0.5)
    gallery.live(0.1, [face(identity=2)])
    assert angle(gallery.seen.latent, before) < 1
    gallery.live(REJOINED + 0.5)
    gallery.live(0.1, [face(identity=3)])
    assert angle(gallery.seen.latent, before) > 1
