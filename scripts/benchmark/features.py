"""Section "features": from a followed face to the latent that its reflection aims at."""

from collections.abc import Iterator
from functools import partial

from benchmark.footage import SIZES, clips
from benchmark.rows import Absent, Options, Row
from benchmark.timing import interleaved
from narcissus.app.settings import Settings
from narcissus.core.files import sha256_of
from narcissus.core.types import Face, Frame
from narcissus.features.portrait import COLUMNS, portray
from narcissus.inverter import Inverter
from narcissus.people import FaceFinder


def rows(options: Options) -> Iterator[Row]:
    frame, face = _viewer(options)
    settings = Settings()
    inverter = Inverter.open(settings.inverter_folder, sha256_of(settings.generator_path), COLUMNS)
    row = portray(frame.image, face.landmarks)[None]  # (1, P)
    explained, _ = inverter.explain(row)
    fill = inverter.fill(row)
    parts = {
        "a face as a row of numbers": partial(portray, frame.image, face.landmarks),
        "what the row explains": partial(inverter.explain, row),
        "what it leaves open (once a viewer)": partial(inverter.fill, row),
        "the latent of both": partial(inverter.compose, explained, fill),
    }
    for name, times in interleaved(parts, seconds=2 if options.quick else 5).items():
        yield Row("features", name, times.figures())


def _viewer(options: Options) -> tuple[Frame, Face]:
    for _, frames in clips(options.shared, SIZES["640×480"], 10):
        finder = FaceFinder()
        for frame in frames:
            if found := finder.find(frame):
                return frame, found[0]
    raise Absent("no face was found in what there is to look at")
