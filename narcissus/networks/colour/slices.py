"""The slices of the pile of pictures: one network knows them all, and one input chooses which answers."""

SLICES = (
    "all",
    "lighter",  # the third of the portraits with the lightest measured skin (ITA)
    "middle",
    "darker",
    "younger",  # the third of the portraits labelled youngest
    "older",
    "faces",  # portraits only
    "world",  # general photographs only
)
PORTRAITS = tuple(name for name in SLICES if name not in ("all", "world"))  # slices made of portraits alone


def slice_number(name: str) -> int:
    """Raises ValueError, naming the slices there are."""
    if name not in SLICES:
        raise ValueError(f"no slice {name!r}; there are {', '.join(SLICES)}")
    return SLICES.index(name)
