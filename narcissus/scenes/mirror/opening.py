"""The mirror's parts, loaded and put together."""

from narcissus.core.sections import SharedSettings
from narcissus.features import sheet
from narcissus.features.portrait import COLUMNS
from narcissus.inverter import Inverter
from narcissus.networks.attributes import Attributes
from narcissus.people import FaceFinder
from narcissus.people.visitors import Visitors
from narcissus.scenes.contract import Kit
from narcissus.scenes.mirror.scene import Mirror


def opened(settings: SharedSettings, kit: Kit) -> Mirror:
    """Raises ModelError where a file cannot be used. It has looked at a face once: nobody waits for a compilation."""
    generator = kit.generator()
    attributes = Attributes.open(settings.attributes_folder)
    inverter = Inverter.open(settings.inverter_folder, generator.sha256, COLUMNS)
    Mirror(FaceFinder(), Visitors(live=False), inverter, generator, attributes).rehearse()
    mirror = Mirror(
        FaceFinder(reach=settings.perception.reach),
        Visitors(live=kit.live),
        inverter,
        generator,
        attributes,
        live=kit.live,
        room=sheet.read_gains(sheet.LIGHT) if sheet.LIGHT.is_file() else None,
        stage=kit.stage,
    )
    mirror.tune(settings)
    return mirror
