"""Measure how fast everything is, beside the naive way of doing it and beside what the machine can do at best.

    python scripts/bench.py --quick                       the short table, under three minutes
    python scripts/bench.py --markdown docs/performance.md --json bench.json
    KERAS_BACKEND=jax python scripts/bench.py --generator-only     any accelerator that Keras reaches

What cannot be measured here says why in its row. Ctrl-C keeps the rows that are finished.
"""

import argparse
import json
import os
import sys
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

# As run_mirror.py has it, before numpy and TensorFlow are loaded.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

HOME = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(HOME))

from narcissus.core.flags import natural  # noqa: E402

# Section -> the module that measures it; each is loaded when its turn comes.
SECTIONS = {
    "machine": "ceiling",
    "generator": "generators",
    "perception": "perceiving",
    "features": "features",
    "selection": "selection",
    "mirror": "mirror",
    "felt": "felt",
    "training": "training",
}


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="short repeats, nothing heavy")
    parser.add_argument("--only", nargs="+", metavar="ROW", choices=SECTIONS, help=f"some of: {', '.join(SECTIONS)}")
    parser.add_argument(
        "--generator-only", action="store_true", help="the same as --only machine generator; needs Keras alone"
    )
    parser.add_argument(
        "--threads", type=natural, help="threads of the generator (as the mirror ships: all cores but one)"
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every figure there")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="write the page there")
    return parser.parse_args()


def main() -> int:
    flags = arguments()
    from benchmark import machine, report
    from benchmark.rows import Options

    shared = Path(os.environ.get("NARCISSUS_SHARED", HOME.parent / "shared"))
    options = Options(flags.quick, flags.threads, shared if shared.is_dir() else None)
    wanted = ("machine", "generator") if flags.generator_only else flags.only or tuple(SECTIONS)
    facts = machine.describe()
    print("\n".join(f"{name}: {value}" for name, value in facts.items()), flush=True)
    before = machine.load()
    rows, whole = collect(wanted, options)
    facts["load"] = f"{before:.1f} processes wanted a core when it began, {machine.load():.1f} when it ended"
    command = " ".join(["python scripts/bench.py", *sys.argv[1:]])
    page = report.markdown(facts, command, rows)
    print("\n" + page)
    write(flags, facts, command, rows, page)
    return 0 if whole else 130


def collect(wanted, options) -> tuple[list, bool]:
    """The rows of the wanted sections, told as they come; False: Ctrl-C, and these are what was finished."""
    from benchmark.report import shown
    from benchmark.rows import measured

    rows = []
    try:
        for name in wanted:
            section = lambda options, name=name: import_module(f"benchmark.{SECTIONS[name]}").rows(options)
            for row in measured(name, section, options):
                rows.append(row)
                told = "  ".join(f"{key} {shown(value)}" for key, value in row.figures.items())
                print(f"{row.section:10}  {row.name:34}  {told or row.note}", flush=True)
    except KeyboardInterrupt:
        print("\nstopped; what follows was finished", file=sys.stderr)
        return rows, False
    return rows, True


def write(flags: argparse.Namespace, facts: dict, command: str, rows: list, page: str) -> None:
    from narcissus.core.files import write_whole

    if flags.json:
        known = {"machine": facts, "command": command, "rows": [asdict(row) for row in rows]}
        write_whole(flags.json, json.dumps(known, indent=1, ensure_ascii=False) + "\n")
    if flags.markdown:
        write_whole(flags.markdown, page)


if __name__ == "__main__":
    sys.exit(main())
