"""The networks that Karras et al. published with "Progressive Growing of GANs" (ICLR 2018), in their TensorFlow format.

The authors publish neither sizes nor hashes. The size of the CelebA-HQ file is the one that other projects record when
they download it; the others hold three networks of 23.0 million weights each as well (G, D and Gs at 256 px), so theirs
follows from arithmetic. CelebA-HQ was published at 1024 px alone: lower resolutions exist only as snapshots of other
people's training, which scripts/import_pggan.py takes.
"""

from dataclasses import dataclass

AUTHORS_PAGE = "https://github.com/tkarras/progressive_growing_of_gans"
WHERE = f"{AUTHORS_PAGE}, README, Resources, Pre-trained networks (networks/tensorflow-version)"
LICENCE = "CC BY-NC 4.0"
ABOUT = 277  # million bytes of each file
LARGEST = 600 << 20  # bytes: twice what any of them has; more is not one of these files

ROOMS = ("bedroom", "classroom", "conferenceroom", "dining_room", "kitchen", "livingroom", "restaurant")
BUILDINGS = ("bridge", "churchoutdoor", "tower")
ANIMALS = ("bird", "cat", "cow", "dog", "horse", "sheep")
VEHICLES = ("airplane", "bicycle", "boat", "bus", "car", "motorbike", "train")
THINGS = ("bottle", "chair", "diningtable", "pottedplant", "sofa", "tvmonitor")


@dataclass(frozen=True, slots=True)
class Network:
    """One published network."""

    name: str  # what it is called here: models/pg_gan/<name>.npz
    file: str  # what its authors call it
    pixels: int
    draws: str
    faces: bool  # whether it can answer a viewer; any other can only dream
    sha256: str | None = None  # where one is published; of these none is


def _lsun(category: str) -> Network:
    name = category.replace("_", "")
    file = f"karras2018iclr-lsun-{category}-256x256.pkl"
    return Network(f"lsun-{name}", file, 256, f"LSUN {category.replace('_', ' ')}", False)


NETWORKS = {
    one.name: one
    for one in (
        Network("celebahq-1024", "karras2018iclr-celebahq-1024x1024.pkl", 1024, "CelebA-HQ faces", True),
        *(_lsun(category) for category in sorted((*ROOMS, *BUILDINGS, *ANIMALS, *VEHICLES, *THINGS, "person"))),
    )
}
