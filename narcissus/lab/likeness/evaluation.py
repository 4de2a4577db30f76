"""One whole evaluation: what was asked for, step by step, keeping what is known when somebody interrupts."""

import contextlib
from dataclasses import dataclass, field

import numpy as np

from narcissus.core.errors import SourceError
from narcissus.lab.likeness import ledger, lights
from narcissus.lab.likeness.album import Album
from narcissus.lab.likeness.bootstrap import Figure
from narcissus.lab.likeness.conditions import BATCH, DRAWN, Drawn, Reflector, draw
from narcissus.lab.likeness.figures import AMPLITUDES, BESIDE, FROM_FILMS, FROM_PICTURES, FROM_PORTRAITS, measure
from narcissus.lab.likeness.identity import spread
from narcissus.lab.likeness.oracle import oracle
from narcissus.lab.likeness.perception import Eye, Looks
from narcissus.lab.likeness.photo_set import SAMPLE, PhotoSet, baselines, reflect_all, sample
from narcissus.lab.likeness.pictures import brought
from narcissus.lab.likeness.progress import counted
from narcissus.lab.likeness.quality import quality

RESAMPLES, FEWER = 1000, 300  # bootstrap samples of our own figures, and of a baseline's
TEACHERS = 1500  # portraits of the training set that the ledger looks at
ORACLE_SHAPE, ORACLE_LIKENESS = ("landmark_skill", "landmark_error", "mouth_r", "yaw_r"), ("identity_auc",)

Sets = dict[str, PhotoSet]  # "people" and "faces", those that were given
Table = dict[str, Figure]


@dataclass(eq=False)
class Evaluation:
    """Everything that was measured so far; `complete` says whether that is all that was asked for."""

    eye: Eye
    reflector: Reflector
    seed: int
    resamples: int = RESAMPLES
    drawn: Drawn | None = None
    sets: Sets = field(default_factory=dict)
    figures: dict[str, Table] = field(default_factory=dict)  # by set
    baselines: dict[str, dict[str, Table]] = field(default_factory=dict)  # by set, then by condition
    films: dict = field(default_factory=dict)
    oracle: dict = field(default_factory=dict)
    quality: dict | None = None
    under_lights: dict[str, lights.InLights] = field(default_factory=dict)  # by set
    ledger: dict | None = None
    taught: dict | None = None  # the census of what taught the generator
    complete: bool = False

    def prepare(self) -> None:
        """Draw the random faces that everything is compared with."""
        bar = counted("drawing random faces", DRAWN, "face", lambda start: BATCH)
        self.drawn = draw(DRAWN, self.reflector, self.eye, self.seed, bar)

    def view(self, name: str, photo_set: PhotoSet) -> None:
        """See and reflect every photograph of the set. Raises KeyboardInterrupt; what was seen by then is kept."""
        self.sets[name] = photo_set
        bar = counted(
            f"{name}: seeing and reflecting", len(photo_set.album.photos), "photo", lambda batch: len(batch[0])
        )
        reflect_all(photo_set, self.eye, self.reflector, self.drawn, bar)

    def measure(self, name: str) -> None:
        """The set's own figures; quick."""
        photo_set = self.sets[name]
        if not photo_set.photos:
            return
        self.figures[name] = measure(
            photo_set.viewers, photo_set.reflections, photo_set.latents, photo_set.people, self._random_spread(),
            resamples=self.resamples, seed=self.seed,
        )  # fmt: skip

    def compare(self, name: str) -> None:
        """The set's sample answered by every baseline, and by the photograph itself at the generator's size."""
        photo_set = self.sets[name]
        if not photo_set.photos or not photo_set.viewers.found.any():
            return
        which = in_sample(photo_set)
        viewers, people, latents = photo_set.viewers[which], photo_set.people[which], photo_set.latents[which]
        parts = (self.eye, self.reflector, self.drawn, counted(f"{name}: baselines", 5, "baseline"))
        answers = baselines(viewers, photo_set.reflections[which], latents, people, parts, self.seed)
        answers["own_photo"] = photo_set.own[which], np.full_like(latents, np.nan)
        self.baselines[name] = {
            condition: measure(
                viewers,
                looks,
                codes,
                people,
                self._random_spread(),
                resamples=min(FEWER, self.resamples),
                seed=self.seed,
            )
            for condition, (looks, codes) in answers.items()
        }

    def light(self, name: str, album: Album, count: int) -> None:
        """`count` people of the set under seven lights."""
        batches = -(-min(count, len(album.photos)) // lights.BATCH)
        bar = counted(f"{name}: under seven lights", batches, "batch")
        self.under_lights[name] = lights.in_lights(album, count, self.eye, self.reflector, bar)

    def consult(self, count: int) -> None:
        """The oracle, for `count` people: the figures that the generator itself could reach."""
        photo_set = next((self.sets[name] for name in ("people", "faces") if name in self.sets), None)
        if photo_set is None or not photo_set.photos or not count:
            return
        which = np.flatnonzero(in_sample(photo_set))
        viewers, people, latents = photo_set.viewers[which], photo_set.people[which], photo_set.latents[which]
        parts = (
            self.eye.without_guesses(),
            self.reflector,
            self.drawn,
            counted("oracle: searching", count, "search"),
        )
        found = oracle(viewers, latents, people, parts, count, self.seed)
        if found is None:
            return
        some, shapes, likenesses = found
        for keys, looks in ((ORACLE_SHAPE, shapes), (ORACLE_LIKENESS, likenesses)):
            table = measure(
                viewers[some], looks, np.full_like(latents[some], np.nan), people[some], None,
                resamples=min(FEWER, self.resamples), seed=self.seed,
            )  # fmt: skip
            self.oracle |= {key: table[key].row() for key in keys}

    def judge_quality(self) -> None:
        """Distances of random renders and of reflections from real faces, in colour where there are any."""
        photo_set = next((self.sets[name] for name in ("faces", "people") if name in self.sets), None)
        if photo_set is None or not photo_set.photos:
            return
        which = np.flatnonzero(in_sample(photo_set) & photo_set.viewers.found)
        side = self.reflector.generator.resolution
        viewers = photo_set.viewers
        real = [
            brought(photo_set.album.read(photo_set.photos[i]), viewers.landmarks[i], self.drawn.outline, side)
            for i in which
        ]
        if not real:
            return
        self._describe_random(SAMPLE // 2)
        codes = {
            "real": photo_set.own.codes[which],
            "reflections": photo_set.reflections.codes[which],
            "random": self.drawn.looks.codes,
        }
        reflections = self.reflector.pictures(photo_set.latents[which])
        self.quality = quality(np.stack(real), reflections, self.drawn.pictures, codes, self.seed)

    def measure_what_was_left(self) -> None:
        """The own figures of a set whose viewing was interrupted."""
        for name in self.sets.keys() - self.figures.keys():
            self.measure(name)

    def look_at_teachers(self, paths: list[str]) -> None:
        """The ledger's census of what taught the generator: of each folder or zip file an equal share of portraits."""
        albums = [Album(path, by_person=False) for path in paths]
        share = -(-TEACHERS // len(albums))
        photos = [(album, photo) for album in albums for photo in evenly(album.photos, share)]
        looks = []
        for album, photo in counted("looking at the training set", len(photos), "photo")(photos):
            with contextlib.suppress(SourceError):  # a picture that cannot be read taught nothing
                looks.append(self.eye.look([album.read(photo)]))
        self.taught = ledger.census(Looks.joined(looks))

    def keep_ledger(self, labels: dict | None) -> None:
        """The bias ledger of the portraits, or of the people where there are no portraits."""
        photo_set = next((self.sets[name] for name in ("faces", "people") if name in self.sets), None)
        if photo_set is None or not photo_set.photos:
            return
        viewers, reflections, own = photo_set.viewers, photo_set.reflections, photo_set.own
        known = ledger.Labels.of([photo.name for photo in photo_set.photos], labels) if labels else None
        self.ledger = {
            "viewers": ledger.census(viewers),
            "training set": self.taught,
            "random renders": ledger.census(self.drawn.looks),
            "reflections": ledger.census(reflections),
            "echo": ledger.echo(viewers, reflections, own),
            "transitions": ledger.transitions(viewers, reflections),
            "groups": ledger.groups(viewers, reflections, own, known),
            "light": next(
                (lights.whom_it_makes(self.under_lights[n]) for n in ("faces", "people") if n in self.under_lights),
                None,
            ),
        }

    def report(self) -> dict:
        """evaluation.json: every figure at the top, then the same under each baseline, then everything in detail."""
        result = {name: f.row() for name, f in self.headline(self.figures).items() if name in FROM_PICTURES}
        result |= {name: self.films.get(name, Figure()).row() for name in FROM_FILMS}
        conditions = dict.fromkeys(name for table in self.baselines.values() for name in table)
        under = {
            c: self.headline({s: table[c] for s, table in self.baselines.items() if c in table}) for c in conditions
        }
        rows = {c: {k: f.row() for k, f in table.items()} | dict.fromkeys(FROM_FILMS) for c, table in under.items()}
        bounds = {"own_photo": rows.pop("own_photo", None), "oracle": self.oracle or None}
        return result | {
            "baselines": rows,
            "bounds": bounds,
            "sets": {name: {k: f.row() for k, f in table.items()} for name, table in self.figures.items()},
            "beside": {name: figure.row() for name, figure in self.headline(self.figures).items() if name in BESIDE},
            "amplitude": {name: self.films[name].row() for name in AMPLITUDES if name in self.films},
            "films": self.films.get("each"),
            "clips": self.films.get("clips"),
            "quality": self.quality,
            "lights": {name: lights.measured(seen) for name, seen in self.under_lights.items()},
            "ledger": self.ledger,
            "photographs": {
                name: {
                    "given": len(s.album.photos),
                    "seen": len(s.photos),
                    "unreadable": len(s.unreadable),
                    "with a face": int(s.viewers.found.sum()),
                }
                for name, s in self.sets.items()
            },
            "generator": {"name": self.reflector.generator.name, "sha256": self.reflector.generator.sha256},
            "seed": self.seed,
            "complete": self.complete,
        }

    def headline(self, tables: dict[str, Table]) -> Table:
        """One figure per key: colour and attributes from the portraits, all else from the people, else from the
        other.
        """
        best = {}
        for key in (*FROM_PICTURES, *BESIDE):
            order = ("faces", "people") if key in FROM_PORTRAITS else ("people", "faces")
            found = [tables[name][key] for name in order if name in tables]
            best[key] = next((figure for figure in found if figure.value is not None), Figure())
        return best

    def _random_spread(self) -> float:
        """Mean distance between the descriptors of random renders."""
        self._describe_random(SAMPLE // 2)
        codes = self.drawn.looks.codes[self.drawn.looks.described]
        if len(codes) < 2:
            return np.nan
        return float(spread(codes, np.arange(len(codes)))(np.ones((1, len(codes)), np.float32))[0])

    def random_faces(self) -> tuple[np.ndarray, np.ndarray]:
        """Random renders uint8 (n, R, R, 3) in which a face is found, and their descriptors (n, 128)."""
        if self.drawn is None:
            self.prepare()
        self._describe_random(SAMPLE // 2)
        known = self.drawn.looks.described
        return self.drawn.pictures[known], self.drawn.looks.codes[known]

    def _describe_random(self, count: int) -> None:
        first = np.zeros(len(self.drawn.latents), bool)
        first[:count] = True
        self.eye.describe(self.drawn.pictures, self.drawn.looks, first)


def in_sample(photo_set: PhotoSet) -> np.ndarray:
    """bool (n,): photographs on which everything was measured, with a face or without."""
    asked = sample(photo_set.album.photos)
    return np.array([photo.name in asked for photo in photo_set.photos], bool)


def evenly(photos: list, count: int) -> list:
    """At most `count` of them, evenly spread."""
    return [photos[int(i)] for i in np.linspace(0, len(photos) - 1, min(count, len(photos)))]
