"""The guest's parts, loaded and put together."""

import time
from concurrent.futures import Executor
from datetime import datetime, timedelta

from narcissus.core.sections import SharedSettings
from narcissus.features import sheet
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
from narcissus.networks.attributes import Attributes
from narcissus.people import FaceFinder
from narcissus.scenes.contract import Kit
from narcissus.scenes.creatures.joining.joining import Joining
from narcissus.scenes.creatures.joining.observer import Observer
from narcissus.scenes.creatures.nursery import Nursery
from narcissus.scenes.creatures.profile.profile import path_of, read_profiles


def opened(settings: SharedSettings, kit: Kit, nursery: Nursery, worker: Executor) -> Joining:
    """Raises ModelError, ConfigError."""
    mine, generator = settings.scenes.creatures, kit.generator()
    observer = Observer(
        FaceFinder(reach=settings.perception.reach),
        Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS),
        Attributes.open(settings.attributes_folder),
        live=kit.live,
        room=sheet.read_gains(sheet.LIGHT) if sheet.LIGHT.is_file() else None,
        stage=kit.stage,
    )
    until = lambda: closing(settings.hours, mine.stay, time.time())
    return Joining(
        observer, nursery, worker, read_profiles(path_of(mine.profiles, settings.language)), until, mine.page
    )


def closing(hours: str, stay: float, now: float) -> float:
    """When whoever is caught at `now` expires: at closing time, `stay` hours later at most. Seconds since 1970."""
    latest = now + stay * 3600
    if hours == "always":
        return latest
    end = datetime.strptime(hours.split("-")[1], "%H:%M").time()
    today = datetime.fromtimestamp(now)
    closes = datetime.combine(today.date(), end)
    if closes <= today:
        closes += timedelta(days=1)
    return min(latest, closes.timestamp())
