"""Section "felt": how far the reflection's movements trail the viewer's on film, in lockstep, machine time apart."""

from collections.abc import Iterator
from itertools import takewhile

import numpy as np

from benchmark.mirror import CLIPS
from benchmark.rows import Absent, Options, Row
from narcissus.app.build import Installation
from narcissus.app.settings import Settings
from narcissus.lab.likeness.clip_figures import correlation, felt_latency
from narcissus.lab.likeness.clips import NOBODY, NOTHING, Clip, columns, screened, signals
from narcissus.people import find_portrait
from narcissus.sources.lockstep import every_frame

SIGNALS = ("yaw", "roll", "mouth")


def rows(options: Options) -> Iterator[Row]:
    """Raises Absent where there are no videos: an imaginary viewer says nothing of how people move."""
    if options.shared is None:
        raise Absent("the viewers' videos are not here")
    for name in CLIPS:
        yield Row(
            "felt", name, told(watched(options.shared / "viewers" / f"{name}.mp4", 4.0 if options.quick else 8.0))
        )


def watched(path, seconds: float) -> Clip:
    """What the viewer of a film did and what the wall showed for it, sixty pictures a second."""
    seen, shown, last = [], [], None
    frames = takewhile(lambda frame: frame.time < seconds, every_frame(path))
    for now, observation, picture in screened(Installation(Settings(source="films")).scene(), frames):
        if observation.viewer is None or picture.state.phase != "following":
            continue
        if observation is not last:
            seen.append((observation.frame.time, signals(observation.viewer.landmarks)))
            last = observation
        face = find_portrait(picture.image)
        shown.append((now, np.full(5, np.nan) if face is None else signals(face.landmarks)))
    return Clip(*columns(seen, NOTHING), *columns(shown, NOTHING), *NOBODY)


def told(clip: Clip) -> dict[str, float | None]:
    """Milliseconds at which the reflection agrees best with the viewer, and how well it agrees there."""
    figures = {}
    for name in SIGNALS:
        late = felt_latency(clip, [name])
        figures[f"{name}, ms"] = None if np.isnan(late) else late
        figures[f"{name}, r"] = None if np.isnan(late) else correlation(clip, name, late / 1000)
    return figures
