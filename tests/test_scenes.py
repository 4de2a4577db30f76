"""Dream, arrival, following, departure: one latent that always moves. Perception and generator are played by fakes."""

import math

import numpy as np
import pytest

from narcissus.core.config import Settings
from narcissus.core.errors import NotFinite
from narcissus.core.types import Box, Face, Frame
from narcissus.features.portrait import COLUMNS
from narcissus.features.spatial import MEAN_SHAPE, normalise
from narcissus.motion import angle
from narcissus.networks.attributes import Guesses
from narcissus.scenes import SCENES, scene_called
from narcissus.scenes.dream import FAILURES, Dream
from narcissus.scenes.mirror.reflection import HOLD, STALE
from narcissus.scenes.mirror.scene import Mirror

L = 32
IMAGE = np.full((240, 320, 3), 120, np.uint8)
IMAGE[..., 0] = 160  # a colour, so that there are patches


class Painter:
    """A generator: it paints the latent's first three numbers, or fails when told to."""

    latent_size, resolution, name, sha256 = L, 4, "fake", "0" * 64

    def __init__(self) -> None:
        self.fails = 0

    def render(self, latents):
        if self.fails > 0:
            self.fails -= 1
            raise NotFinite("fake: NaN")
        colours = np.clip(latents[:, None, None, :3] * 40 + 128, 0, 255).astype(np.uint8)
        return np.ascontiguousarray(np.broadcast_to(colours, (len(latents), 4, 4, 3)))


class Script:
    """A finder that sees what it is told to see."""

    def __init__(self) -> None:
        self.faces: list[Face] = []

    def find(self, frame):
        return self.faces


class First:
    """Visitors of whom the first is the viewer."""

    def choose(self, faces, now, width=None):
        return faces[0] if faces else None

    def forget(self):
        """It remembers nobody."""


class Guesser:
    """Takes everybody for the same."""

    count = 0

    def guess(self, image, landmarks):
        self.count += 1
        return Guesses(30.0, 5.0, 0.7, {"neutral": 0.6, "happiness": 0.2, "surprise": 0.1, "other": 0.1})


class Linear:
    """An inverter with random directions for the shape, and a fill that trembles with every row."""

    def __init__(self) -> None:
        random = np.random.default_rng(0)
        self.weights = np.zeros((len(COLUMNS), L), np.float32)
        self.weights[:136, : L // 2] = random.standard_normal((136, L // 2)) * 0.6
        self.mean = np.zeros(len(COLUMNS), np.float32)
        self.mean[:136] = normalise(MEAN_SHAPE).ravel()
        self.sure = 1.0
        self._random = random

    def confidence(self, rows):
        return np.full(len(rows), self.sure, np.float32)

    def divide(self, rows):
        """Everybody is the same at rest; how somebody looks is the whole shape."""
        resting = np.repeat(self.mean[None], len(rows), axis=0)
        moments = np.nan_to_num(rows - self.mean)[:, :136]
        moments[:, 0] = moments[:, 1] = 0.0  # nobody turns or nods
        return resting, moments

    def person(self, resting, habit):
        return resting

    def move(self, latents, moments, confidence):
        moved = latents + confidence[:, None] * moments @ self.weights[:136]
        return (moved * math.sqrt(L) / np.linalg.norm(moved, axis=1, keepdims=True)).astype(np.float32)

    def explain(self, rows):
        return np.nan_to_num(rows - self.mean) @ self.weights, self.confidence(rows)

    def fill(self, rows):
        fill = np.zeros((len(rows), L), np.float32)
        fill[:, L // 2 :] = 1 + 0.5 * self._random.standard_normal((len(rows), L // 2))
        return fill / np.linalg.norm(fill, axis=1, keepdims=True)

    def compose(self, explained, fill, exaggeration=1.0):
        said = exaggeration * explained
        missing = np.sqrt(np.maximum(0, L - np.square(said).sum(axis=1, keepdims=True)))
        latents = said + missing * fill
        return (latents * math.sqrt(L) / np.linalg.norm(latents, axis=1, keepdims=True)).astype(np.float32)


def face(identity=1, *, x=160.0, mouth=0.0, size=60.0) -> Face:
    """The mean face at `x`, its lower lip `mouth` inter-ocular distances lower than usual."""
    landmarks = MEAN_SHAPE.copy()  # (68, 2)
    landmarks[55:60, 1] += mouth
    landmarks[65:68, 1] += mouth
    landmarks = (landmarks * size + (x, 120)).astype(np.float32)
    return Face(landmarks, Box(x - size, 120 - size, x + size, 120 + size), identity)


class Gallery:
    """A mirror at 60 Hz before a camera at 30 Hz, with a clock of its own and no threads."""

    def __init__(self, **settings) -> None:
        self.painter, self.script, self.inverter, self.guesser = Painter(), Script(), Linear(), Guesser()
        self.mirror = Mirror(self.script, First(), self.inverter, self.painter, self.guesser, **settings)
        self.now, self.ticks, self.observation, self.pictures = 100.0, 0, None, []

    def live(self, seconds: float, faces=(), camera=True, cut=False) -> None:
        """Let time pass; `faces` is what is seen, or a function of time that says so."""
        for _ in range(round(seconds * 60)):
            if camera and self.ticks % 2 == 0:
                self.script.faces = list(faces(self.now) if callable(faces) else faces)
                self.observation = self.mirror.observe(Frame(IMAGE, self.now, cut))
                cut = False
            self.pictures.append(self.mirror.draw(self.observation, self.now))
            self.now += 1 / 60
            self.ticks += 1

    @property
    def latents(self) -> np.ndarray:
        return np.array([picture.latent for picture in self.pictures])

    @property
    def steps(self) -> np.ndarray:
        """Degrees per 1/30 s, one for each picture from the third on."""
        return angle(self.latents[2:], self.latents[:-2])

    def left(self) -> float:
        """Degrees still to go to what was observed last."""
        return float(angle(self.pictures[-1].latent, self.observation.latent))


def test_the_registry_names_scenes_that_are_there():
    assert all(scene_called(name).__name__ == SCENES[name] for name in SCENES)


def test_nobody_there_is_a_dream_that_moves_on():
    gallery = Gallery()
    gallery.live(3.0)
    assert {picture.phase for picture in gallery.pictures} == {"dream"}
    assert gallery.steps[20:].min() > 0.05
    assert gallery.steps.max() < 1.5


def test_a_dream_needs_no_frames():
    dream = Dream(Painter(), dream_speed=12.0)
    assert not dream.watches
    assert angle(dream.draw(None, 0.0).latent, [dream.draw(None, n / 60).latent for n in range(60)][-1]) > 3


def test_a_new_viewer_is_answered_within_350_ms():
    gallery = Gallery()
    gallery.live(2.0)
    before = gallery.pictures[-1].latent
    gallery.live(0.35, [face()])
    far = angle(before, gallery.observation.latent)
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
    phases = [picture.phase for picture in gallery.pictures]
    following = [step for n, step in enumerate(gallery.steps) if phases[n] == phases[n + 2] == "following"]
    assert len(following) > 200
    assert max(following) <= 4


def test_all_phases_lead_into_one_another_without_a_jump():
    gallery = Gallery()
    gallery.live(1.0)
    gallery.live(2.0, [face()])
    gallery.live(8.0)
    phases = [picture.phase for picture in gallery.pictures]
    order = [phase for n, phase in enumerate(phases) if n == 0 or phases[n - 1] != phase]
    assert order == ["dream", "arrival", "following", "departure", "dream"]
    speed = np.diff(angle(gallery.latents[1:], gallery.latents[:-1]))
    assert np.abs(speed).max() < 3.5  # degrees per 1/60 s each 1/60 s: the speed changes, too, without a jolt


def test_a_departure_begins_where_the_viewer_was_mirrored_and_is_calm():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    mirrored = gallery.pictures[-1].latent
    seen = len(gallery.pictures)
    gallery.live(HOLD + 0.1)
    assert angle(gallery.pictures[-1].latent, mirrored) < 8
    gallery.live(2.0)
    assert gallery.steps[seen:].max() < 3
    assert angle(gallery.pictures[-1].latent, mirrored) > 20  # after two seconds nobody is kept on the wall


def test_a_face_lost_for_a_blink_is_held():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    gallery.live(HOLD - 0.1)
    assert gallery.pictures[-1].phase == "following"
    gallery.live(0.5, [face()])
    assert gallery.pictures[-1].phase == "following"


def test_a_camera_that_hangs_leads_into_the_dream_within_two_seconds():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    gallery.live(STALE + HOLD + 0.1, camera=False)
    assert gallery.pictures[-1].phase == "departure"
    assert STALE + HOLD < 2


def test_a_hand_over_is_an_arrival():
    gallery = Gallery()
    gallery.live(2.0, [face(identity=1)])
    gallery.live(0.1, [face(identity=2, x=40, mouth=0.5)])
    assert gallery.pictures[-1].phase == "arrival"


def test_a_viewer_keeps_the_same_fill():
    gallery = Gallery()
    gallery.live(2.0, [face()])
    settled = gallery.observation.latent
    gallery.live(2.0, [face()])
    assert angle(gallery.observation.latent, settled) < 0.1


def test_the_first_frames_settle_the_fill_without_a_jump():
    gallery = Gallery()
    gallery.live(0.1, [face()])
    early = gallery.observation.latent
    gallery.live(2.0, [face()])
    assert 0 < angle(gallery.observation.latent, early) < 20


def test_who_is_found_again_in_the_same_place_is_the_same_viewer():
    gallery = Gallery()
    gallery.live(2.0, [face(identity=1)])
    before = gallery.observation.latent
    gallery.live(0.5)
    gallery.live(0.1, [face(identity=2)])
    assert angle(gallery.observation.latent, before) < 0.5


def test_after_a_cut_nobody_is_the_same():
    gallery = Gallery()
    gallery.live(2.0, [face(identity=1)])
    before = gallery.observation.latent
    gallery.live(0.1, [face(identity=2)], cut=True)
    assert angle(gallery.observation.latent, before) > 1


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
    assert angle(near.observation.latent[: L // 2], far.observation.latent[: L // 2]) < 0.5


def test_walking_past_does_not_disturb_the_mouth():
    here, walking = Gallery(), Gallery()
    here.live(1.0, lambda now: [face(mouth=0.3 * math.sin(8 * now))])
    walking.live(1.0, lambda now: [face(mouth=0.3 * math.sin(8 * now), x=80 + 100 * (now - 100))])
    assert angle(here.observation.latent[: L // 2], walking.observation.latent[: L // 2]) < 0.5


def test_little_confidence_eases_towards_the_mean():
    gallery = Gallery()
    gallery.live(1.0, [face(mouth=0.5)])
    sure = np.linalg.norm(gallery.observation.latent[: L // 2])
    gallery.inverter.confidence = 0.2
    gallery.live(1.0, [face(mouth=0.5)])
    assert np.linalg.norm(gallery.observation.latent[: L // 2]) < 0.5 * sure
    assert gallery.observation.confidence == pytest.approx(0.2)
    assert gallery.steps[40:].max() <= 4


def test_the_exaggeration_is_tuned_while_somebody_is_there():
    gallery = Gallery()
    gallery.live(1.0, [face(mouth=0.5)])
    plain = np.linalg.norm(gallery.observation.latent[: L // 2])
    gallery.mirror.tune(Settings(exaggeration=0.0))
    gallery.live(0.1, [face(mouth=0.5)])
    assert np.linalg.norm(gallery.observation.latent[: L // 2]) < 0.01 * plain


def test_the_dream_takes_up_another_speed_without_a_jump():
    gallery = Gallery()
    gallery.live(4.0)
    slow = np.median(gallery.steps[60:])
    gallery.mirror.tune(Settings.model_validate({"motion": {"dream_speed": 48.0}}))
    gallery.live(4.0)
    assert np.median(gallery.steps[-120:]) == pytest.approx(4 * slow, rel=0.3)
    assert np.abs(np.diff(gallery.steps)).max() < 0.5  # degrees per 1/30 s each 1/60 s


def test_calm_is_tuned_while_the_same_viewer_sits_there():
    def trembling(calm):
        gallery, random = Gallery(), np.random.default_rng(2)
        seen = lambda now: [Face(face().landmarks + random.normal(0, 0.5, (68, 2)).astype(np.float32), face().box, 1)]
        gallery.live(2.0, seen)
        gallery.mirror.tune(Settings.model_validate({"motion": {"calm": calm}}))
        gallery.live(4.0, seen)
        return gallery.steps[-120:].mean()

    assert trembling(1.0) < 0.5 * trembling(0.0)


def test_guesses_are_told_as_soon_as_they_are_asked_for():
    gallery = Gallery()
    gallery.live(1.0, [face()])
    gallery.mirror.tune(Settings(guesses=True))
    gallery.live(0.1, [face()])
    assert gallery.observation.guesses["age"] == 30.0


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


def test_guesses_are_told_to_the_wall_only_if_the_artist_asks():
    quiet, telling = Gallery(), Gallery(tell=True)
    for gallery in (quiet, telling):
        gallery.live(0.5, [face()])
    assert quiet.guesser.count > 0
    assert quiet.observation.guesses is None
    assert telling.observation.guesses == {
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
    gallery.live(3.0)
    assert len(gallery.mirror._sitters) == 0
