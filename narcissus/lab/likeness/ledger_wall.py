"""The few figures of the bias ledger that the wall may say in three sentences, where `measure:` is on."""

from narcissus.scenes.mirror.ledger import Ledger


def for_the_wall(ledger: dict, generator_sha256: str) -> Ledger | None:
    """None where skin, age or gender presentation could not be measured."""
    tone, age = ledger["echo"]["ITA, degrees"], ledger["echo"]["age, years"]
    kept = ledger["echo"]["gender presentation"]["mirror"]["kept"]["value"]
    needed = [line["mirror"][figure]["value"] for line in (tone, age) for figure in ("change", "slope")]
    if kept is None or None in needed:
        return None
    skin_change, skin_kept, age_change, age_kept = needed
    return Ledger(
        generator_sha256=generator_sha256,
        people=ledger["viewers"]["faces"],
        skin_change=skin_change - (tone["estimator"]["change"]["value"] or 0.0),
        skin_kept=skin_kept,
        age_change=age_change,
        age_kept=age_kept,
        gender_kept=kept,
    )
