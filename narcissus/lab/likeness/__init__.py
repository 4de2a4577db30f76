"""How like the reflection is, measured on people that nothing was trained on; docs/likeness.md defines every figure.

`album` reads photographs, `perception` finds and measures faces, `conditions` reflects them (ours and the baselines),
`figures` measures, `motion_figures` measures movement in films, `ledger` counts who is drawn lighter, older or other,
`page` shows it all.
"""
