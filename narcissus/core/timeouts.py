"""How long who is missed is waited for, and who is new must have been there: one table, in seconds.

From the shortest to the longest: a face is believed in, then remembered; a viewer is waited for, then gives way; a
reflection holds, then leaves; a person may come back.
"""

# One face, followed (people.following)
UNSEEN_FOR = 0.09  # without proof by the detector, after which a face is gone
DOUBTED_FOR = 0.3  # the same while the detector still half sees it
REMEMBERED = 0.5  # in which a lost face found near its place is followed on as the same one

# Whose mirror it is (people.visitors)
GRACE = 0.3  # that a missing viewer is waited for before somebody else is taken
CHALLENGED_FOR = 0.8  # that somebody must have been clearly more prominent than the viewer
PROVEN_FOR = 0.4  # that somebody must have been there to get a mirror beside the viewer's

# What the wall shows (scenes.mirror) and tells (app.tuning)
HOLD = 0.4  # that a reflection waits for a lost face: a blink of the detector is no departure
GONE = 0.6  # since the last frame with somebody in it, after which nobody is there
STALE = 1.0  # after which an observation says nothing any more: the camera hangs
PLACE_KEPT = 1.2  # that a leaver's place on a wall of several is kept, while the picture darkens into the dream

# One person (people.presence)
REJOINED = 4.0  # in which whoever is found again near the same place is the same person
