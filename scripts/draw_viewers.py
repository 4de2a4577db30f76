#!/usr/bin/env python
"""Draw how the wall goes along with people who come and go: imaginary ones, before one camera, with `viewers: all`.

    python scripts/draw_viewers.py [--out docs/viewers.png] [--every SECONDS]

Above what the camera sees, below the wall, at the moments of MOMENTS; `--every` shows all of it instead, so many
seconds apart. In a time of its own: the same command draws the same picture.
"""

import argparse
import os
import sys
from dataclasses import dataclass
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402

from narcissus.app.settings import load  # noqa: E402

WIDTH, HEIGHT, RATE = 1280, 720, 10  # of the camera
FACE, COMING = 300.0, 1.0  # pixels of a drawn face in the camera's picture; seconds in which somebody comes or goes
MOMENTS = (3.0, 5.7, 7.4, 9.7, 10.7, 12.8, 15.0, 17.4, 22.6, 28.0)  # seconds
SIDE, GAP, COLUMNS = 180, 4, 5  # pixels of a wall, and between two


@dataclass(frozen=True, slots=True)
class Person:
    seed: int  # of the latent
    across: float  # where in the picture, 0 to 1
    comes: float  # seconds
    goes: float
    cloth: tuple[int, int, int]  # RGB

    def there(self, moment: float) -> float:
        """0 to 1: how far they have come into the picture."""
        return float(np.clip(min(moment - self.comes, self.goes - moment) / COMING, 0, 1))


CROWD = (
    Person(14, 0.38, 0.5, 24.0, (44, 36, 50)),
    Person(17, 0.14, 4.0, 21.5, (66, 50, 38)),
    Person(19, 0.86, 8.0, 17.0, (52, 80, 70)),
    Person(15, 0.62, 11.0, 16.0, (66, 44, 70)),
)


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=HOME / "docs" / "viewers.png", help="default: %(default)s")
    parser.add_argument("--every", type=float, metavar="SECONDS", help="show all of it instead of the chosen moments")
    asked = parser.parse_args(words)

    from narcissus.sinks.png import write_png

    wanted = list(np.arange(0, MOMENTS[-1] + 0.01, asked.every)) if asked.every else list(MOMENTS)
    cells = [cell for moment, cell in walls() if wanted and moment >= wanted[0] - 1e-6 and (wanted.pop(0), True)[1]]
    cells += [np.zeros_like(cells[0])] * (-len(cells) % COLUMNS)
    rows = [np.hstack(cells[start : start + COLUMNS]) for start in range(0, len(cells), COLUMNS)]
    write_png(asked.out, np.vstack(rows)[: -2 * GAP, :-GAP])
    print(asked.out)
    return 0


def walls():
    """(seconds, camera over wall) at every moment of the camera."""
    from narcissus.app.build import Installation
    from narcissus.core.types import Frame

    settings = load(HOME / "config.yaml", source="demo")
    mirror = settings.scenes.mirror.model_copy(update={"viewers": "all"})
    scenes = settings.scenes.model_copy(update={"mirror": mirror})
    built = Installation(settings.model_copy(update={"scenes": scenes}))
    scene, room = built.scene(), wall_behind()
    for number in range(round(MOMENTS[-1] * RATE) + 1):
        moment = number / RATE
        image = camera(room, built.generator, moment)
        picture = scene.draw(scene.observe(Frame(image, moment, cut=number == 0)), moment)
        yield moment, cell(image, picture.image)


def camera(room: np.ndarray, generator, moment: float) -> np.ndarray:
    """uint8 (720, 1280, 3): the room and whoever is in it, the last who came in front."""
    here = [person for person in CROWD if person.there(moment) > 0]
    if not here:
        return room
    image = room
    faces = generator.render(np.stack([latent(person, generator.latent_size, moment) for person in here]))
    for person, face in zip(here, faces, strict=True):
        image = with_person(image, person, face, moment)
    return image


def latent(person: Person, size: int, moment: float) -> np.ndarray:
    """float32 (size,): the person's own face, straying a little."""
    rng = np.random.default_rng(person.seed)
    own, one, other = rng.standard_normal((3, size))
    return (own + 0.25 * (np.sin(1.1 * moment) * one + np.sin(0.7 * moment) * other)).astype(np.float32)


def with_person(image: np.ndarray, person: Person, face: np.ndarray, moment: float) -> np.ndarray:
    import cv2

    from narcissus.sources.demo import oval

    side, below = face.shape[0], (1 - person.there(moment)) ** 2 * HEIGHT
    x = person.across * WIDTH + 14 * np.sin(0.8 * moment + person.seed)
    y = 0.45 * HEIGHT + below + 6 * np.sin(1.1 * moment + person.seed)
    body = np.zeros((HEIGHT // 4, WIDTH // 4), np.float32)
    cv2.ellipse(
        body, (round(x / 4), round((y + 0.98 * FACE) / 4)), (round(0.21 * FACE), round(0.16 * FACE)), 0, 0, 360, 1.0, -1
    )
    body = cv2.resize(cv2.GaussianBlur(body, (0, 0), 1.5), (WIDTH, HEIGHT))
    image = cv2.blendLinear(image, np.full_like(image, person.cloth), 1 - body, body)
    place = np.float32([[FACE / side, 0, x - FACE / 2], [0, FACE / side, y - FACE / 2]])
    head = cv2.warpAffine(face, place, (WIDTH, HEIGHT), flags=cv2.INTER_CUBIC)
    share = cv2.warpAffine(oval(side), place, (WIDTH, HEIGHT), flags=cv2.INTER_LINEAR)
    return cv2.blendLinear(image, head, 1 - share, share)


def wall_behind() -> np.ndarray:
    """uint8 (720, 1280, 3): a wall out of focus."""
    import cv2

    coarse = np.random.default_rng(0).uniform(-14, 14, (6, 9, 1)) + np.array([128.0, 118.0, 105.0])
    large = cv2.resize(coarse.astype(np.float32), (WIDTH, HEIGHT), interpolation=cv2.INTER_CUBIC)
    return np.clip(np.rint(large), 0, 255).astype(np.uint8)


def cell(image: np.ndarray, wall: np.ndarray) -> np.ndarray:
    import cv2

    seen = cv2.resize(image, (SIDE, round(SIDE * HEIGHT / WIDTH)), interpolation=cv2.INTER_AREA)
    way = cv2.INTER_AREA if wall.shape[0] > SIDE else cv2.INTER_CUBIC
    both = np.vstack([seen, np.full((GAP, SIDE, 3), 255, np.uint8), cv2.resize(wall, (SIDE, SIDE), interpolation=way)])
    return cv2.copyMakeBorder(both, 0, 2 * GAP, 0, GAP, cv2.BORDER_CONSTANT, value=(255, 255, 255))


if __name__ == "__main__":
    sys.exit(main())
