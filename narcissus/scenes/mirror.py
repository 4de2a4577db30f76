"""The mirror: a face that never existed moves as the viewer moves, and dreams while nobody is there."""

from typing import TYPE_CHECKING

import numpy as np

from narcissus.config import Settings
from narcissus.portrait import COLUMNS, GROUPS, portray
from narcissus.scenes.dream import Dream, Stage, unmeasured
from narcissus.scenes.sitter import Sitter
from narcissus.types import Face, Frame, Observation

if TYPE_CHECKING:  # TensorFlow comes with it, and a scene may have to wait for that while another already shows
    from narcissus.pggan import Generator

GUESS_PERIOD = 0.2  # seconds; nobody grows old faster
REHEARSALS, SEEN_SIZE = 10, 240  # drawn faces, of which most are found; pixels, as large as a viewer at half a metre
SURFACE = slice(GROUPS["colour"].start, GROUPS["guesses"].stop)  # the columns that change slowly, or not at all


class Mirror(Dream):
    """`observe` belongs to the perception thread and `draw` to the display's.

    They share what is handed over in an Observation, which nobody changes, and the few numbers of `tune`, each of which
    the display sets and perception reads.
    """

    watches = True

    def __init__(
        self,
        finder,
        visitors,
        inverter,
        generator: "Generator",
        attributes,
        *,
        tell: bool = False,
        exaggeration: float = 1.0,
        calm: float = 0.5,
        seed: int = 0,
        dream_speed: float = 12.0,
        stage: Stage = unmeasured,
    ) -> None:
        """`tell`: whether what the machine takes the viewer for is told to the wall; the mirror needs it anyway."""
        super().__init__(generator, seed=seed, dream_speed=dream_speed, stage=stage)
        self._tell = tell
        self._finder, self._visitors, self._inverter, self._attributes = finder, visitors, inverter, attributes
        self._calm = calm
        self._exaggeration = exaggeration
        self._sitter: Sitter | None = None
        self._guesses, self._guessed = None, -np.inf  # what the machine takes the sitter for, and since when

    @classmethod
    def open(cls, settings: Settings, generator: "Generator", *, live: bool, stage: Stage = unmeasured) -> "Mirror":
        """Load what the settings name. Raises ModelError where a file cannot be used."""
        from narcissus.attributes import Attributes
        from narcissus.face import FaceFinder
        from narcissus.inverter import Inverter
        from narcissus.visitors import Visitors

        attributes = Attributes.open(settings.attributes_folder)
        inverter = Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS)
        cls(FaceFinder(), Visitors(live=False), inverter, generator, attributes).rehearse()
        return cls(
            FaceFinder(reach=settings.perception.reach),
            Visitors(live=live),
            inverter,
            generator,
            attributes,
            tell=settings.guesses,
            exaggeration=settings.exaggeration,
            calm=settings.motion.calm,
            dream_speed=settings.motion.dream_speed,
            stage=stage,
        )

    def observe(self, frame: Frame) -> Observation:
        """Who is there, and where the reflection should go."""
        if frame.cut:
            self._sitter = None
            self._visitors.forget()
        with self._stage("find"):
            faces = tuple(self._finder.find(frame))
        viewer = self._visitors.choose(faces, frame.time, frame.image.shape[1])
        if viewer is None:
            if self._sitter is not None and self._sitter.has_left(frame.time):
                self._sitter, self._guesses = None, None  # nothing is kept of whoever has gone
            return Observation(frame, faces)
        if self._sitter is None or not self._sitter.is_still(viewer, frame.time):
            self._sitter, self._guesses, self._guessed = Sitter(viewer, self._calm), None, -np.inf
        self._sitter.be_calm(self._calm)
        with self._stage("portray"):
            row = self._portrayed(frame, viewer, self._sitter)
        with self._stage("invert"):
            latent, confidence = self._inverted(row, self._sitter)
        guesses = named(self._guesses) if self._tell else None
        return Observation(frame, faces, viewer, latent, confidence, guesses)

    def rehearse(self) -> None:
        """Look at a drawn face, so that what is loaded only when needed is there before the first viewer is."""
        for moment in range(REHEARSALS):
            face = self.draw(None, float(moment)).image.repeat(SEEN_SIZE // self.generator.resolution + 1, axis=0)
            face = face.repeat(face.shape[0] // face.shape[1], axis=1)
            room = np.pad(face, [(60, 60), (60, 60), (0, 0)], mode="edge")
            if self.observe(Frame(room, float(moment), cut=True)).viewer is not None:
                return

    def tune(self, settings: Settings) -> None:
        super().tune(settings)
        self._exaggeration, self._tell = settings.exaggeration, settings.guesses
        self._calm = settings.motion.calm
        self._finder.reach = settings.perception.reach

    def _portrayed(self, frame: Frame, viewer: Face, sitter: Sitter) -> np.ndarray:
        """The viewer as one row of numbers float32 (P,), calmed."""
        landmarks = sitter.landmarks(viewer, frame.time)
        if frame.time - self._guessed > GUESS_PERIOD:
            self._guesses, self._guessed = self._attributes.guess(frame.image, landmarks), frame.time
        row = portray(frame.image, landmarks, self._guesses)
        row[SURFACE] = sitter.surface(row[SURFACE], frame.time)
        return row

    def _inverted(self, row: np.ndarray, sitter: Sitter) -> tuple[np.ndarray, float]:
        """The latent float32 (L,) that this row asks for, and the confidence in it."""
        rows = row[None]  # (1, P)
        explained, confidence = self._inverter.explain(rows)  # (1, L), (1,)
        fill = sitter.fill(lambda: self._inverter.fill(rows)[0], float(confidence[0]))  # (L,)
        latent = self._inverter.compose(explained, fill[None], self._exaggeration)[0]
        return latent, float(confidence[0])


def named(guesses) -> dict[str, float]:
    """`attributes.Guesses` as plain names and numbers, for the screen."""
    return {"age": guesses.age, "female": guesses.female, **guesses.expression}
