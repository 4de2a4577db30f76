"""What came from outside, made fit for one line: no control character reaches a terminal or a journal."""

import reprlib

LONGEST = 200  # characters
_BRIEF = reprlib.Repr()
_BRIEF.maxlevel, _BRIEF.maxtuple, _BRIEF.maxlist, _BRIEF.maxdict, _BRIEF.maxother = 2, 3, 3, 3, 40


def printable(text: str, longest: int = LONGEST) -> str:
    """The text with everything escaped that is no visible character, cut where it is long."""
    shown = "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text
    )
    return shown if len(shown) <= longest else shown[:longest] + "…"


def brief(value: object) -> str:
    """A value as Python spells it, cut to a few dozen characters before it is spelt: a small file can nest for ever."""
    try:
        return printable(_BRIEF.repr(value))
    except ValueError:  # Python spells no number of more than 4,300 digits
        return "a number of thousands of digits"
