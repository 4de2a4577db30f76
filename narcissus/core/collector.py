"""Python's collector of cycles, kept from what was loaded: one walk over all of it holds every thread for 170 ms.

That is ten pictures, and no thread may do anything meanwhile, not even the display's.
"""

import gc


def set_aside() -> None:
    """What is there now is loaded and stays: later walks leave it out, until `collect`."""
    gc.freeze()


def collect() -> None:
    """Free all cycles that nobody refers to, also among what was set aside."""
    gc.unfreeze()
    gc.collect()
