"""A visitor's profile: invented attributes by the artist's formulas, and apart from them what the machine guessed.

formulas.py   arithmetic on a white list        measures.py   the numbers formulas may speak of
profile.py    the file, checked with line and name    profiles.en.yaml, profiles.de.yaml   what is shipped
"""
