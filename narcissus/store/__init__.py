"""Model files that can be vouched for: written whole, hashed before they are parsed.

A vouched file is a payload (.npz of plain arrays, or .joblib) and a sidecar .json of the same name.

kinds.py     the kinds of payload: version, limits, remedy; a new kind is one entry there
vouched.py   write and read both files            sidecar.py  the JSON, its fields and its limits
npz.py       plain arrays without pickle          guarded.py  bytes of a file that may be anything
"""

from narcissus.store.kinds import Kind
from narcissus.store.sidecar import Sidecar, sidecar_of
from narcissus.store.vouched import Vouched, read, write

__all__ = ["Kind", "Sidecar", "Vouched", "read", "sidecar_of", "write"]
