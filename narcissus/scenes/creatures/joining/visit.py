"""What becomes of somebody who was captured: shown, and forgotten unless a second, deliberate act keeps it.

Belongs to the display's thread, and is told the time. The hybrid is drawn and kept by the nursery's own thread.
"""

import hmac
import logging
import math
import secrets
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Literal

from narcissus.colony.sealing import wipe
from narcissus.core.errors import NarcissusError
from narcissus.scenes.creatures.joining.codes import new_code
from narcissus.scenes.creatures.joining.observer import Caught
from narcissus.scenes.creatures.nursery import Hybrid, Newborn
from narcissus.scenes.creatures.profile.profile import Profile, Profiles

OFFERED = 20.0  # seconds in which it may be kept
SHOWN = 20.0  # seconds for which the code of somebody who is kept is shown, for the only time
LASTING = {"offered": OFFERED, "kept": SHOWN}
SEEDS = 1 << 24

log = logging.getLogger("narcissus")

Stage = Literal["nobody", "drawing", "offered", "keeping", "kept"]


@dataclass(frozen=True, slots=True)
class Nurse:
    """What a visit asks of the nursery, each in its thread."""

    cross: Callable[..., Future]  # latent, seed -> Hybrid
    adopt: Callable[..., Future]  # hybrid, latent, attributes, seed, code -> Newborn


class Visit:
    """One visitor at a time. `newborn` is whoever was kept just now, until it is taken."""

    def __init__(self, nurse: Nurse, profiles: Profiles) -> None:
        self._nurse, self._profiles = nurse, profiles
        self.newborn: Newborn | None = None
        self._seed, self._work = 0, None
        self._nobody()

    def _nobody(self) -> None:
        """Nothing is left of whoever was here: the latent is overwritten, the code forgotten."""
        caught = getattr(self, "_caught", None)
        if caught is not None:  # at once, or when the nursery has done what it was asked to do with it
            self._work.add_done_callback(lambda _: wipe(caught.latent))
        self.stage: Stage = "nobody"
        self.since = 0.0
        self.profile: Profile | None = None
        self.hybrid: Hybrid | None = None
        self.code = ""
        self._caught: Caught | None = None
        self._work: Future | None = None

    def begin(self, caught: Caught, now: float) -> None:
        """Somebody was captured. It comes to nothing while another visit goes on, and where it was taken already."""
        if not caught.take():
            return
        if self.stage != "nobody":
            wipe(caught.latent)
            return
        self._caught, self._seed, self.code = caught, secrets.randbelow(SEEDS), new_code()
        self.profile = self._profiles.of(caught.measured, caught.guessed, self._seed)
        self._work = self._nurse.cross(caught.latent, self._seed)
        self._turn("drawing", now)

    def advance(self, now: float) -> None:
        """Go on to `now`."""
        if self.stage in ("drawing", "keeping") and self._work.done():
            self._take(now)
        elif now - self.since >= LASTING.get(self.stage, math.inf):
            self._nobody()

    def keep(self, code: str | None = None, *, now: float) -> bool:
        """The second act, by whoever stands at the wall, or from a page by whoever knows the code."""
        if self.stage != "offered" or (code is not None and not hmac.compare_digest(code.encode(), self.code.encode())):
            return False
        told = self.profile.as_json()
        self._work = self._nurse.adopt(self.hybrid, self._caught.latent, told, self._seed, self.code)
        self._turn("keeping", now)
        return True

    def forget(self) -> None:
        """At once, where nothing is kept yet; no more shown, where it is or is about to be."""
        self._nobody()

    def left(self, now: float) -> int:
        """Seconds until an offer is forgotten."""
        return max(0, round(OFFERED - (now - self.since)))

    def _take(self, now: float) -> None:
        """The nursery's answer; where it could not do it, nobody was here."""
        try:
            found = self._work.result()
        except NarcissusError as fault:
            log.warning("nobody joined: %s", fault)
            self._nobody()
            return
        if self.stage == "drawing":
            self.hybrid = found
            self._turn("offered", now)
        else:
            self.newborn = found
            self._turn("kept", now)

    def _turn(self, stage: Stage, now: float) -> None:
        self.stage, self.since = stage, now
