"""The entries of `schedule:` in config.yaml."""

import difflib

from pydantic import Field, model_validator

from narcissus.core.sections import MOMENT, Section
from narcissus.scenes import SCENES, work


class Entry(Section):
    """A work, and the one thing that brings it: a time of the day, or somebody or nobody who has been there so long."""

    scene: str
    at: str | None = Field(None, pattern=f"^{MOMENT}$")
    nobody_for: float | None = Field(None, ge=1.0, le=86_400.0)  # seconds
    somebody_for: float | None = Field(None, ge=0.0, le=3600.0)

    @model_validator(mode="after")
    def _one_reason(self) -> "Entry":
        if self.scene not in SCENES:
            near = difflib.get_close_matches(self.scene, SCENES, n=1)
            raise ValueError(
                f"should name one of {', '.join(SCENES)}" + (f" (did you mean {near[0]}?)" if near else "")
            )
        if sum(reason is not None for reason in (self.at, self.nobody_for, self.somebody_for)) != 1:
            raise ValueError('should have one of at: (such as "18:00"), nobody_for: or somebody_for: (in seconds)')
        if self.at is None and not work(self.scene).wants_source:
            raise ValueError(f"should not bring the {self.scene} by presence: it sees nobody, and nothing would end it")
        return self
