"""What came from outside, made fit for one line: no control character reaches a terminal or a journal."""

LONGEST = 200  # characters


def printable(text: str, longest: int = LONGEST) -> str:
    """The text with everything escaped that is no visible character, cut where it is long."""
    shown = "".join(
        one if one.isprintable() else one.encode("unicode_escape", "surrogatepass").decode() for one in text
    )
    return shown if len(shown) <= longest else shown[:longest] + "…"
