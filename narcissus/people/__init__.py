"""Frame -> faces with 68 landmarks. The one door through which dlib comes in.

`FaceFinder` follows the people before a camera, `find_portrait` looks at one picture, `describe` is for measuring only.
Everybody else knows `narcissus.core.types.Face`.
"""

from narcissus.people.following import FaceFinder
from narcissus.people.portrait import describe, find_portrait

__all__ = ["FaceFinder", "describe", "find_portrait"]
