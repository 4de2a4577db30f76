"""The bias ledger's three sentences, for the wall: what this mirror has made of people, by measurement.

Their figures lie beside the inverter, in ledger.json, as scripts/evaluate.py writes it. They are true of one generator
alone: of another one nothing is said.
"""

from pathlib import Path

from pydantic import Field, ValidationError

from narcissus.core.sections import Section
from narcissus.scenes.wording import Wording

LEAST_TONE, LEAST_AGE = 1.5, 0.5  # degrees of skin tone, and years: a smaller change is none


class Ledger(Section):
    """Changes from viewer to reflection on average, and the share of every difference between people that is kept."""

    generator_sha256: str
    people: int = Field(ge=1)
    skin_change: float = Field(ge=-180, le=180)  # degrees of the typology angle, above 0 lighter; the measuring's off
    skin_kept: float = Field(ge=-9, le=9)
    age_change: float = Field(ge=-150, le=150)  # years
    age_kept: float = Field(ge=-9, le=9)
    gender_kept: float = Field(ge=0, le=1)  # share that is seen as of the same gender


def read_ledger(folder: Path, generator_sha256: str) -> Ledger | None:
    """None where there is none, or it was measured with another generator or is no ledger."""
    try:
        found = Ledger.model_validate_json((folder / "ledger.json").read_bytes())
    except (OSError, ValidationError):
        return None
    return found if found.generator_sha256 == generator_sha256 else None


def sentences(ledger: Ledger | None, words: Wording) -> tuple[str, ...]:
    """Skin, age and gender; nothing where nothing was measured."""
    if ledger is None:
        return ()
    skin, age = words.ledger_skin, words.ledger_age
    tone = _compared(ledger.skin_change, LEAST_TONE, skin.lighter, skin.darker, skin.same)
    years = _compared(ledger.age_change, LEAST_AGE, age.older, age.younger, age.same)
    return (
        tone.format(kept=round(100 * ledger.skin_kept)),
        years.format(years=f"{abs(ledger.age_change):.1f}", kept=round(100 * ledger.age_kept)),
        words.ledger_gender.format(kept=round(100 * ledger.gender_kept)),
    )


def _compared(change: float, least: float, more: str, less: str, same: str) -> str:
    return same if abs(change) < least else more if change > 0 else less
