"""Trust on first use: the hash of a file that was imported once is written down, and the next file must have it."""

import json
from datetime import date
from pathlib import Path

from narcissus.core.errors import ModelCorrupt
from narcissus.core.files import write_whole

NAME = "trusted.json"
MEND = "delete it, and every file is a first one again"


def trusted(folder: Path) -> dict[str, dict]:
    """The official file's name -> {"sha256", "bytes", "first_imported"}. Raises ModelCorrupt."""
    path = folder / NAME
    try:
        known = json.loads(path.read_bytes())
    except FileNotFoundError:
        return {}
    except (OSError, ValueError, RecursionError) as fault:
        raise ModelCorrupt(
            f"{path}: cannot be read ({fault}); delete it, and every file is a first one again"
        ) from None
    if not isinstance(known, dict) or not all(
        isinstance(facts, dict) and isinstance(facts.get("sha256"), str) for facts in known.values()
    ):
        raise ModelCorrupt(
            f"{path}: does not map files to their sha256; delete it, and every file is a first one again"
        )
    return known


def remember(folder: Path, file: str, sha256: str, size: int, today: date) -> None:
    """Write the file's hash down, unless it is known already. Raises OSError, ModelCorrupt."""
    known = trusted(folder)
    if file not in known:
        known[file] = {"sha256": sha256, "bytes": size, "first_imported": today.isoformat()}
        write_whole(folder / NAME, json.dumps(known, indent=1, sort_keys=True) + "\n")
