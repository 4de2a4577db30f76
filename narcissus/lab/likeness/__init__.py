"""How like the reflection is, measured on people that nothing was trained on; docs/likeness.md defines every figure.

`album` reads photographs, `looking` perceives them, `conditions` reflects them (ours and the baselines), `figures`
measures, `film` measures motion, `ledger` counts who is drawn lighter, older or other, `page` shows it all.
"""
