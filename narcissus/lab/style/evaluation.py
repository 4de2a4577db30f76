"""All the figures of a filter, beside what was asked of it."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import cv2
import numpy as np

from narcissus.lab.likeness.progress import counted
from narcissus.lab.reading import pictures_in
from narcissus.lab.style import faces, figures, gpdm
from narcissus.lab.style.contents import REMEDY, Contents, middle, shown
from narcissus.lab.style.loss import Weights
from narcissus.lab.style.rows import Row
from narcissus.lab.style.style_picture import StylePicture
from narcissus.networks.style import Filter, SlowLight
from narcissus.sources.carried import Carried
from narcissus.sources.denoising import TemporalDenoiser
from narcissus.sources.lockstep import every_frame

SIDE = 256  # pixels of the pictures measured on
COMPARED = 4  # pictures that GPDM paints, too
SIZES = ((384, 384), (512, 512), (720, 1280), (1080, 1920))  # height, width
FRAMES = 24  # of a video
PORTRAITS = 60


def nearness(painter: Filter, style: StylePicture, contents: Contents, steps: int, terms: Weights) -> Iterator[Row]:
    """Held-out patch distance, beside the pictures themselves and GPDM's."""
    given, image = shown(contents, COMPARED, SIDE), style.image()
    before = figures.patch_distance(given, image)
    ours = figures.patch_distance(painter.paint(given, 1.0), image)
    best = figures.patch_distance(gpdm.optimised(given, style, terms, steps), image)
    yield Row("patch distance (11 × 11) of held-out pictures as they are", f"{before:.3f}")
    yield Row("… through the filter at strength 1", f"{ours:.3f}")
    yield Row(f"… as GPDM paints them, {steps} steps, the same loss", f"{best:.3f}")
    yield Row("the filter's over GPDM's", f"{ours / best:.2f}", "≤ 1.25")


def noise(painter: Filter, contents: Contents) -> Iterator[Row]:
    """At the default strength."""
    ratio = figures.noise_ratio(painter, shown(contents, 8, SIDE), painter.strength)
    yield Row("noise of σ 2/255, out over in", f"{ratio:.2f}", "≤ 1.5")


def flicker(painter: Filter, videos: list[Path]) -> Iterator[Row]:
    """At the default strength."""
    each = [flicker_of(painter, video) for video in counted("videos", len(videos), "video")(videos)]
    yield Row(f"warped error over the video's own, {len(videos)} videos", f"{np.mean(each):.2f}", "≤ 1.5")


def flicker_of(painter: Filter, video: Path) -> float:
    """Painted as a film is: without its noise, in a light that is followed, with paint that goes with what moves."""
    frames, moments = zip(*_frames(video), strict=True)
    denoiser, light, carried, painted = TemporalDenoiser(), SlowLight(), Carried(), []
    for frame, moment in zip(map(denoiser.denoise, frames), moments, strict=True):
        lit = light.follow(frame, moment).lit(frame, painter.strength)
        painted.append(carried.carry(frame, painter.apply(lit[None], painter.strength)[0], moment))
    return figures.flicker(frames, painted)


def likeness(painter: Filter, portraits: Path | None) -> Iterator[Row]:
    """Faces found, and how far their landmarks go, at the default strength."""
    given, whose = faces.drawn(), "drawn faces"
    if portraits is not None:
        read = pictures_in(portraits, SIDE, REMEDY, PORTRAITS)
        given, whose = faces.looked_at([middle(picture, SIDE) for picture in read]), "portraits"
    found, drift = faces.kept(given, painter.paint(given.pictures, painter.strength))
    yield Row(f"{len(given.pictures)} {whose} still found at strength {painter.strength:g}", f"{found:.0%}", "≥ 90 %")
    yield Row("drift of their landmarks, of the distance between the eyes", f"{drift:.1%}", "≤ 4 %")


def speed(painter: Filter) -> Iterator[Row]:
    asked = {(384, 384): "≥ 25", (512, 512): "≥ 18"}
    for height, width in SIZES:
        clock, processor = figures.pace(painter, height, width)
        told = f"{1000 / clock:.1f} ({clock:.0f} ms; {processor:.0f} ms of processor time)"
        yield Row(f"pictures a second at {width} × {height}", told, asked.get((height, width), ""))


def _frames(video: Path) -> Iterator[tuple[np.ndarray, float]]:
    """uint8 (H, W, 3) RGB and the time in seconds: the first frames of a video, at most 512 px wide."""
    for frame in islice(every_frame(video), FRAMES):
        scale = min(1.0, 512 / frame.image.shape[1])
        small = cv2.resize(frame.image[:, ::-1], None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        yield small, frame.time
