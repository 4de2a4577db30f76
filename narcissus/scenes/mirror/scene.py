"""The mirror: a face that never existed moves as the viewer moves, and dreams while nobody is there.

Each viewer has a Sitter, which keeps what is measured of this one, and a Reflection, which moves as this one does. The
mirror has one viewer, or everybody who is there.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from narcissus.core.errors import DrawingError, NotFinite
from narcissus.core.sections import SharedSettings
from narcissus.core.types import Diagram, Frame, Panel, Picture
from narcissus.features.portrait import GROUPS, portray
from narcissus.people.presence import Presence
from narcissus.people.sketch import sketch
from narcissus.scenes.contract import Stage, square, unmeasured
from narcissus.scenes.dream import Dream
from narcissus.scenes.mirror.captions import captions
from narcissus.scenes.mirror.gathering import Gathering
from narcissus.scenes.mirror.ledger import Ledger, sentences
from narcissus.scenes.mirror.measured import measured, nobody
from narcissus.scenes.mirror.measuring import Measuring
from narcissus.scenes.mirror.placing import FOLLOW, placed, wanted
from narcissus.scenes.mirror.reflection import Reflection, Transitions
from narcissus.scenes.mirror.seen import Seen, Shown, Target
from narcissus.scenes.mirror.sitter import Sitter, Sitters
from narcissus.scenes.mirror.steps import Stall
from narcissus.scenes.wording import wording

if TYPE_CHECKING:  # TensorFlow comes with it, and a scene may have to wait for that while another already shows
    from narcissus.networks.pggan import Generator

GUESS_PERIOD = 0.2  # seconds; nobody grows old faster
LOOK_PERIOD = 0.09  # seconds between two looks at a face's light and colours, which are calmed over seconds anyway
TOGETHER = 4  # reflections that the generator draws in one go; more are drawn as several times so many
REHEARSALS, SEEN_SIZE = 10, 240  # drawn faces, of which most are found; pixels, as large as a viewer at half a metre
SURFACE = slice(GROUPS["colour"].start, GROUPS["guesses"].stop)  # the columns that change slowly, or not at all


class Mirror(Dream):
    """`observe` belongs to the perception thread and `draw` to the display's.

    They share what is handed over in Seen, which nobody changes, and the few numbers of `tune`, each of which
    the display sets and perception reads.
    """

    def __init__(
        self,
        finder,
        visitors,
        inverter,
        generator: "Generator",
        attributes,
        *,
        live: bool = False,
        room: np.ndarray | None = None,
        everybody: bool = False,
        tell: bool = False,
        exaggeration: float = 1.0,
        calm: float = 0.5,
        follow: Sequence[str] = FOLLOW,
        seed: int = 0,
        dream_speed: float = 12.0,
        stage: Stage = unmeasured,
        measuring: Measuring | None = None,
        ledger: Ledger | None = None,
        aspect: Callable[[], float] = square,
    ) -> None:
        """`live`: whether real people stand before the source, of whom nothing is counted.

        `everybody`: whether all who are there have a reflection of their own, or the foremost viewer alone.
        `tell`: whether what the machine takes the viewer for is told to the wall; the mirror needs it anyway.
        `room` (3,): gains that a white sheet has told of the room's light; None: nothing is known of it.
        `follow`: which of tilt, place and distance the reflection answers by how its picture hangs.
        `measuring` draws what was measured, and `ledger` says what was found of this mirror, where that is asked for;
        `aspect` is the shape of the wall that several share.
        """
        self._finder, self._visitors, self._inverter, self._attributes = finder, visitors, inverter, attributes
        super().__init__(generator, seed=seed, dream_speed=dream_speed, stage=stage)
        self._tell = tell
        self._exaggeration, self._everybody, self._follow = exaggeration, everybody, tuple(follow)
        self._colour, self._looked_with, self._room = "auto", "auto", room
        self._rehearsed = False
        self._sitters = Sitters(calm)
        self._presence = Presence()
        another = partial(_another, generator.latent_size, seed, dream_speed)
        self._gathering = Gathering(self._reflection, another, aspect)
        self._stall = Stall()
        self._live = live
        self._measuring, self._ledger = measuring, ledger
        self._measure, self._language = "off", "en"
        self._captions: dict[int, str] = {}  # what is said of each person
        self._panels: tuple[Panel, ...] = ()
        self._foremost = 0  # which of them is the foremost viewer's
        self._diagram: Diagram | None = None
        self._behind: partial | None = None
        self._places: np.ndarray | None = None  # float64 (n, 4): how the last pictures hung
        self._whole = True  # whether the last picture was drawn of one reflection that fills the wall
        self._frames = self._frames_with_viewer = 0

    def observe(self, frame: Frame) -> Seen:
        """Who is there, and where each reflection should go."""
        try:
            self._prepare()
        except DrawingError as fault:  # for the display's thread, where it is known what hangs instead
            return Seen(frame, fault=fault)
        if frame.cut:
            for memory in (self._presence, self._sitters, self._visitors):
                memory.forget()
        if self._colour != self._looked_with:  # what was gathered under another setting is not this one's
            self._looked_with = self._colour
            self._sitters.forget()
        with self._stage("find"):
            faces = self._presence.named(self._finder.find(frame), frame.time)
        viewer = self._visitors.choose(faces, frame.time, frame.image.shape[1])
        self._frames += 1
        self._frames_with_viewer += viewer is not None
        count = sum(face.has_moved or not self._live for face in faces)
        company = [] if viewer is None else [viewer]
        if self._everybody:
            company = self._visitors.gather(faces, viewer, frame.time, frame.image.shape[1])
        sitters = self._sitters.seat(company, frame.time, waited_for=self._everybody)
        if not company:
            return Seen(frame, faces, measured=nobody(count))
        with self._stage("portray"):
            outlines = [sitter.landmarks(face, frame.time) for sitter, face in zip(sitters, company, strict=True)]
            rows = self._portrayed(frame, outlines, sitters)
        with self._stage("invert"):
            latents, confidences = self._inverted(rows, sitters, frame.time)
        guesses = [named(one.guesses) | one.told() if self._tell and one.guesses else None for one in sitters]
        places = [wanted(*one, frame.image.shape, self._follow) for one in zip(company, outlines, strict=True)]
        targets = tuple(
            Target(face, latent, frame.time, float(confidence), guessed, place, outline)
            for face, latent, confidence, guessed, place, outline in zip(
                company, latents, confidences, guesses, places, outlines, strict=True
            )
        )
        if viewer is None:
            return Seen(frame, faces, company=targets, measured=nobody(count))
        first = targets[0]
        told = measured(rows[0], first.confidence, count)
        return Seen(frame, faces, viewer, first.latent, first.confidence, first.guesses, targets, told)

    def draw(self, seen: Seen | None, now: float) -> Picture:
        """As a dream's. Raises DrawingError where perception could not draw what it needed."""
        if seen is not None and seen.fault is not None:
            raise seen.fault
        return super().draw(seen, now)

    def rehearse(self) -> None:
        """Look at a drawn face, so that what is loaded only when needed is there before the first viewer is."""
        for moment in range(REHEARSALS):
            face = self.draw(None, float(moment)).image.repeat(SEEN_SIZE // self.generator.resolution + 1, axis=0)
            face = face.repeat(face.shape[0] // face.shape[1], axis=1)
            room = np.pad(face, [(60, 60), (60, 60), (0, 0)], mode="edge")
            if self.observe(Frame(room, float(moment), cut=True)).viewer is not None:
                return

    def _prepare(self) -> None:
        """Have ready what must be drawn before it can be shown, on the thread that may be kept waiting.

        Several reflections are drawn in one go: that is compiled before anybody waits for it. Raises DrawingError.
        """
        if self._measuring is not None and self._measure == "over":
            self._measuring.locate()
        if self._everybody and not self._rehearsed:
            with suppress(NotFinite):
                self._drawn(np.zeros((TOGETHER, self.generator.latent_size), np.float32))
            self._rehearsed = True

    def tune(self, settings: SharedSettings) -> None:
        super().tune(settings)
        mine = settings.scenes.mirror
        self._exaggeration, self._tell = mine.exaggeration, mine.guesses
        self._everybody, self._follow = mine.viewers == "all", tuple(mine.follow)
        self._colour, self._measure, self._language = mine.colour, mine.measure, settings.language
        self._sitters.calm = mine.calm
        self._gathering.transitions = Transitions(mine.arrival, mine.hand_over, mine.departure, mine.dream)
        for reflection in self._gathering.reflections:
            reflection.dream_speed = settings.scenes.dream.speed
        self._finder.reach = settings.perception.reach

    def report(self) -> dict[str, object]:
        """Told of files alone: before a camera nobody is counted aloud, nor said how far a reflection followed."""
        if self._live:
            return {}
        return super().report() | {"frames": self._frames, "frames_with_viewer": self._frames_with_viewer}

    def _portrayed(self, frame: Frame, outlines: Sequence[np.ndarray], sitters: Sequence[Sitter]) -> np.ndarray:
        """Each viewer with these landmarks (68, 2) as a row of numbers, calmed: float32 (n, P)."""
        for sitter, landmarks in zip(sitters, outlines, strict=True):
            if frame.time - sitter.looked > LOOK_PERIOD:
                sitter.look(frame, landmarks, self._colour, self._room)
        longest = min(range(len(sitters)), key=lambda i: sitters[i].guessed)  # one a frame: many make no frame late
        if frame.time - sitters[longest].guessed > GUESS_PERIOD:
            sitters[longest].guesses = self._attributes.guess(frame.image, outlines[longest], sitters[longest].gains)
            sitters[longest].guessed = frame.time
        rows = [
            portray(frame.image, landmarks, sitter.guesses, colour="off")
            for sitter, landmarks in zip(sitters, outlines, strict=True)
        ]
        for row, sitter in zip(rows, sitters, strict=True):
            row[GROUPS["colour"]] = sitter.colours
            row[SURFACE] = sitter.surface(row[SURFACE], frame.time)
        return np.stack(rows)

    def _inverted(self, rows: np.ndarray, sitters: Sequence[Sitter], now: float) -> tuple[np.ndarray, np.ndarray]:
        """The latents float32 (n, L) that these rows ask for, and the confidence in each (n,)."""
        resting, moments = self._inverter.divide(rows)  # (n, P), (n, m)
        confidences = self._inverter.confidence(rows)
        for sitter, *seen in zip(sitters, resting, moments, confidences.tolist(), strict=True):
            sitter.gather(*seen, now)
        tremor = self._inverter.tremor
        moments = np.stack([sitter.moment(one, tremor, now) for sitter, one in zip(sitters, moments, strict=True)])
        people = np.stack([sitter.person(self._inverter, self._exaggeration, now) for sitter in sitters])  # (n, L)
        return self._inverter.move(people, moments, confidences), confidences

    def _move(self, seen: Seen | None, now: float) -> None:
        self._gathering.move(seen, now)
        self._reflection = self._gathering.foremost.reflection
        self._captions = {} if seen is None else captions(seen, wording(self._language))

    def _viewer(self, seen: Seen | None) -> int | None:
        return None if seen is None or seen.viewer is None else seen.viewer.identity

    def _latents(self) -> np.ndarray:
        return self._gathering.latents

    def _drawn(self, latents: np.ndarray) -> np.ndarray:
        return self._inverter.drawn(self.generator, latents)

    def _composed(self, images: np.ndarray) -> np.ndarray:
        self._whole, self._places = self._gathering.at_rest, self._gathering.places
        images = np.stack([placed(*one) for one in zip(images, self._upright(self._places), strict=True)])
        self._panels, self._foremost = self._gathering.panels(images, self._captions)
        return self._gathering.composed(images)

    def _upright(self, places: np.ndarray) -> np.ndarray:
        """The places (n, 4), each less the tilt that its face is drawn with, if tilt is followed."""
        upright = places.copy()
        if "tilt" in self._follow:
            upright[:, 0] -= np.radians(self._inverter.tilt(self._latents()))
        return upright

    def _at_rest(self, latents: np.ndarray) -> bool:
        if not super()._at_rest(latents):
            return False
        still = self._whole and self._gathering.at_rest and np.array_equal(self._gathering.places, self._places)
        return self._frozen or still

    def _picture(self, seen: Seen | None, shown: Shown, now: float) -> Picture:
        if not self._frozen:
            self._diagram = self._measured(seen, now)
        if seen is None:
            self._behind = None
            return Picture(self._image, state=shown, diagram=self._diagram)
        if self._frozen:
            self._stall.forget()
        return Picture(
            self._image,
            answers=seen.frame.time if seen.company and self._gathering.follows else None,
            stalled=not self._frozen and self._stall.look(self._image, shown.latent, seen.latent, now),
            captions=tuple(self._captions.values()),
            behind=self._behind_of(seen),
            panels=self._panels,
            diagram=self._diagram,
            state=shown,
            measured={**seen.measured, "phase": shown.phase},
        )

    def _measured(self, seen: Seen | None, now: float) -> Diagram | None:
        """The drawing of what was measured of the foremost viewer, if it is asked for."""
        if self._measuring is None:
            return None
        if self._measure == "off":
            self._measuring.forget()
            return None
        words = sentences(self._ledger, wording(self._language))
        company = () if seen is None else seen.company
        target = next((one for one in company if one.face is seen.viewer), None)
        if self._measure == "beside":
            return self._measuring.beside(target, now, words)
        return self._measuring.over(target, self._reflection.place, now, words, self._foremost)

    def _behind_of(self, seen: Seen) -> Callable[[int], np.ndarray]:
        """The same for as long as the same frame is behind the pictures."""
        if self._behind is None or self._behind.args[0] is not seen:
            self._behind = partial(_behind, seen)
        return self._behind


def _another(size: int, seed: int, dream_speed: float, number: int) -> Reflection:
    """One more reflection, which begins in a dream of its own."""
    return Reflection(size, seed + number, dream_speed)


def _behind(seen: Seen, height: int) -> np.ndarray:
    """The frame with the landmarks of everybody in it: uint8 (height, W, 3)."""
    mirrored = [face for face in (seen.viewer, *(one.face for one in seen.company)) if face is not None]
    return sketch(seen.frame, seen.faces, mirrored, height)


def named(guesses) -> dict[str, float]:
    """`attributes.Guesses` as plain names and numbers, for the screen."""
    return {"age": guesses.age, "female": guesses.female, **guesses.expression}
