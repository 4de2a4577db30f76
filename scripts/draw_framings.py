"""Draw the pictures of docs/framing.md: one face on many walls.

    python scripts/draw_framings.py [--folder docs] [--seed 14]

The face is the first one of numpy.random.default_rng(SEED), drawn by the generator that ships: of 0 to 15 one was
chosen that is whole, for here walls are shown and not what the generator can do. The walls are those of
`narcissus/sinks/framing.py`, as a display shows them. Presets are read from config.yaml.
"""

import argparse
import os
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))
os.environ.setdefault("PYGAME_HIDE_SUPPORT_PROMPT", "1")

from narcissus.app.settings import Settings, load  # noqa: E402
from narcissus.core.flags import seed  # noqa: E402
from narcissus.core.sections import Framing  # noqa: E402

LANDSCAPE, PORTRAIT = (1920, 1080), (1080, 1920)  # pixels: width and height of a wall
SMALL = 6  # how many times smaller a whole wall stands on the page
GAP, PAPER = 12, 214  # pixels between the walls; the grey of the page


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=HOME / "docs", help="where they go (default: %(default)s)")
    parser.add_argument("--seed", type=seed, default=14, help="of the face (default: %(default)s)")
    asked = parser.parse_args(words)

    import numpy as np

    from narcissus.networks.pggan import Generator
    from narcissus.sinks.png import write_png

    settings = load(HOME / "config.yaml")
    generator = Generator.load(settings.generator_path, precision="float32")
    latent = np.random.default_rng(asked.seed).standard_normal((1, generator.latent_size)).astype(np.float32)
    for name, picture in pictures(generator.render(latent)[0], settings).items():
        path = asked.folder / f"framing-{name}.png"
        write_png(path, picture)
        print(f"{path}: {picture.shape[1]}×{picture.shape[0]}, {path.stat().st_size // 1024} KiB")
    return 0


def pictures(face, settings: Settings) -> dict:
    """Every picture of the page by its name, uint8 (H, W, 3)."""
    whole = lambda wall, **framing: small(wall_of(face, wall, Framing(**framing)))
    near = lambda **framing: detail(wall_of(face, LANDSCAPE, Framing(**framing)))
    fits = ({}, {"fit": "whole"}, {"fit": "fill"}, {"zoom": 0.7})
    edges = ({"vignette": 0.0}, {"vignette": 0.5}, {"vignette": 1.0}, {"background": "#3a2f28"})
    presets = [
        (wall, settings.presets[name].framing) for name, wall in {"portrait": PORTRAIT, "landscape": LANDSCAPE}.items()
    ]
    return {
        "fit": page([whole(LANDSCAPE, **framing) for framing in fits]),
        "fit-portrait": page([whole(PORTRAIT, **framing) for framing in fits]),
        "filter": page([near(filter=name) for name in ("soft", "cubic", "pixels")]),
        "edge": page([whole(LANDSCAPE, **framing) for framing in edges]),
        "grain": page([near(grain=strength) for strength in (0.0, 0.25, 1.0)]),
        "presets": page([small(wall_of(face, wall, framing)) for wall, framing in presets]),
    }


def wall_of(face, size: tuple[int, int], framing: Framing):
    """The wall as its display shows it: uint8 (H, W, 3)."""
    import pygame

    from narcissus.sinks.framing import Framer

    surface = pygame.Surface(size, depth=32)
    Framer(framing).draw(surface, face, 0.0)
    return pygame.surfarray.array3d(surface).transpose(1, 0, 2)


def small(wall):
    import cv2

    return cv2.resize(wall, (wall.shape[1] // SMALL, wall.shape[0] // SMALL), interpolation=cv2.INTER_AREA)


def detail(wall):
    """Around an eye, one pixel for one of the wall's."""
    return wall[180:420, 660:900]


def page(walls):
    """Side by side on grey paper."""
    import numpy as np

    height = max(wall.shape[0] for wall in walls) + 2 * GAP
    columns = [np.full((height, GAP, 3), PAPER, np.uint8)]
    for wall in walls:
        column = np.full((height, wall.shape[1] + GAP, 3), PAPER, np.uint8)
        column[GAP : GAP + wall.shape[0], : wall.shape[1]] = wall
        columns.append(column)
    return np.hstack(columns)


if __name__ == "__main__":
    sys.exit(main())
