"""The source of an unattended mirror, opened as the settings ask, and what a camera made of the asking."""

import logging
from collections.abc import Mapping

from narcissus.core.config import Camera, Settings
from narcissus.core.errors import ModelError, SourceError
from narcissus.core.journal import Journal
from narcissus.core.types import Source

log = logging.getLogger("narcissus")

POWER_LINES = {0: None, 50: 1, 60: 2}  # Hz -> the value of Video4Linux's control; 0 leaves it as it is


def open_watched(settings: Settings, journal: Journal) -> Source:
    """Raises SourceError, also where the imaginary viewer cannot be drawn."""
    from narcissus.sources import CameraSource, open_source

    if settings.source == "demo":
        return _imaginary(settings)
    source = open_source(settings.source, settings.camera, photo_seconds=settings.photo_seconds)
    if isinstance(source, CameraSource):
        compare(source.name, source.got, settings.camera, journal)
    return source


def _imaginary(settings: Settings) -> Source:
    from narcissus.networks.pggan import Generator
    from narcissus.sources import open_source

    try:
        generator = Generator.load(settings.generator_path)
    except ModelError as fault:
        raise SourceError(f"the imaginary viewer cannot be drawn: {fault}") from fault
    return open_source("demo", draw_faces=generator.render, latent_size=generator.latent_size)


def compare(name: str, got: Mapping[str, object], asked: Camera, journal: Journal) -> None:
    """Say once what the camera gives, and where its controls read back otherwise than they were set."""
    wanted = {
        "exposure": None if asked.exposure == "auto" else asked.exposure,
        "white balance": None if asked.white_balance == "auto" else asked.white_balance,
        "power line": POWER_LINES[asked.power_line],
    }
    refused = [
        f"{control} {value} was set, {got.get(control, 'nothing')} is read back"
        for control, value in wanted.items()
        if value is not None and got.get(control) != value
    ]
    if refused:
        journal.fault("camera controls", f"{name}: {'; '.join(refused)}")
    else:
        journal.well("camera controls")
    journal.news("camera", f"{name} gives " + ", ".join(f"{control} {value}" for control, value in got.items()))
