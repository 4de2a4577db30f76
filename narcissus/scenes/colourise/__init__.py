"""What colour do they think I am? The viewer, drained of colour, in the colours that a pile of pictures assumes.

scene.py     the viewer grey, and coloured again        temporal.py chroma that does not flicker
swatches.py  the palette on the wall                    Photographs as files: narcissus/stills.
"""

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from narcissus.core.files import HOME
from narcissus.core.importing import importing
from narcissus.core.sections import Live, Section, SharedSettings
from narcissus.networks.colour.slices import SLICES
from narcissus.scenes.contract import Kit, Work

if TYPE_CHECKING:
    from narcissus.scenes.colourise.scene import Colourise

MODEL = HOME / "models" / "colour" / "pile.npz"


class ColouriseSettings(Section):
    temperature: Live[Literal["auto"] | Annotated[float, Field(ge=0.05, le=2.0)]] = "auto"
    strength: Live[float] = Field(1.0, ge=0.0, le=1.5)
    slice: Live[Literal[SLICES]] = "all"
    film: Live[Literal["modern", "panchromatic", "orthochromatic", "blue-sensitive"]] = "modern"
    show: Live[Literal["grey", "assumed", "split", "palette"]] = "assumed"


def open_colourise(settings: SharedSettings, kit: Kit) -> "Colourise":
    """Load the network. Raises ModelError where a file cannot be used."""
    with importing():
        from narcissus.scenes.colourise.scene import opened

    return opened(settings, kit, MODEL)


WORK = Work("colourise", open_colourise, block=ColouriseSettings, wants_source=True, dial="strength")
