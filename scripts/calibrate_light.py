#!/usr/bin/env python
"""Hold a white sheet before the camera once: is the light good, and what makes white white?

    python scripts/calibrate_light.py
        the camera of config.yaml; the sheet must fill the middle quarter of what it sees
    python scripts/calibrate_light.py --source sheet.jpg --out light.json
        a photograph or film of the sheet instead

Says in a sentence each what is wrong with the light and what mends it, and writes the gains into light.json. Lock
exposure and white balance in config.yaml first: a camera on automatic changes both as soon as the sheet is gone.
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from narcissus.app.settings import load  # noqa: E402
from narcissus.core.errors import NarcissusError, SourceEnded, SourceError  # noqa: E402

SETTLING, LOOKED_AT = 15, 30  # frames that a camera needs to settle, and that are measured


def main(words: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", help="camera, the address of one, a photo or a video; default: as in config.yaml")
    parser.add_argument("--config", type=Path, default=ROOT / "config.yaml", metavar="FILE")
    parser.add_argument("--out", type=Path, default=ROOT / "light.json", metavar="FILE", help="default: %(default)s")
    options = parser.parse_args(words)
    try:
        return calibrate(options)
    except NarcissusError as error:
        print(f"calibrate_light: {error}", file=sys.stderr)
        return error.exit_code
    except OSError as error:
        print(f"calibrate_light: {options.out}: {error.strerror}", file=sys.stderr)
        return 73  # EX_CANTCREAT
    except KeyboardInterrupt:
        return 130


def calibrate(options: argparse.Namespace) -> int:
    """0 where the light is good, 1 where it is not. Raises SourceError where no sheet is seen."""
    from narcissus.features import sheet

    settings = load(options.config)
    light = sheet.looked_at(frames(options.source or settings.source, settings.camera))
    if not light.is_sheet:
        raise SourceError(
            "no white sheet in the middle of the picture; hold one so that it fills a quarter of what the camera sees"
        )
    sheet.write(options.out, light)
    faults = light.faults()
    print("\n".join(faults) or "The light is good.")
    gains = ", ".join(f"{gain:.2f}" for gain in light.gains)
    print(f"{options.out}: gains {gains} of red, green and blue make the sheet white")
    return 1 if faults else 0


def frames(what: str, camera) -> list:
    """Pictures uint8 (H, W, 3) of the source; of a photograph the one."""
    from narcissus.sources import open_source

    seen = []
    with open_source(what, camera, once=True) as source:
        wanted = SETTLING + LOOKED_AT if source.live else LOOKED_AT
        try:
            while len(seen) < wanted:
                seen.append(source.read().image)
        except SourceEnded:
            pass
    return seen[SETTLING:] if source.live else seen


if __name__ == "__main__":
    sys.exit(main())
