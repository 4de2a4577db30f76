"""Which machine, when, with which versions, and how busy it was: no figure means anything without."""

import importlib.util
import os
import platform
import subprocess
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version

PACKAGES = (
    "tensorflow",
    "jax",
    "torch",
    "keras",
    "numpy",
    "dlib-bin",
    "opencv-python-headless",
    "scikit-learn",
    "joblib",
)


def describe() -> dict[str, str]:
    """Names and values, in the order in which they are told."""
    cores = len(os.sched_getaffinity(0))
    return {
        "date": datetime.now().astimezone().strftime("%Y-%m-%d %H:%M %Z"),
        "processor": f"{_processor()}, {cores} core{'s' if cores > 1 else ''}, {_multiplies()}",
        "accelerator": _accelerator(),
        "memory": f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / 2**30:.0f} GiB",
        "system": f"{platform.system()} {platform.release()}, Python {platform.python_version()}",
        "versions": ", ".join(f"{name} {found}" for name in PACKAGES if (found := _version(name))),
        "commit": _commit(),
    }


def load() -> float:
    """Processes that wanted a core, on average over the last minute."""
    return os.getloadavg()[0]


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as file:
            return next(line.split(":", 1)[1].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _multiplies() -> str:
    from narcissus.core.processor import multiplies_bfloat16

    return "bfloat16 in hardware" if multiplies_bfloat16() else "no bfloat16 in hardware"


def _accelerator() -> str:
    try:
        asked = subprocess.run(
            ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"],
            capture_output=True,
            text=True,
            timeout=20,
        )
    except (OSError, subprocess.TimeoutExpired):
        return "none"
    return asked.stdout.strip().replace("\n", "; ") or "none"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _commit() -> str:
    """The commit that was measured, and whether anything had been changed since."""
    here = os.path.dirname(importlib.util.find_spec("narcissus").origin)
    git = lambda *words: subprocess.run(["git", "-C", here, *words], capture_output=True, text=True).stdout.strip()
    try:
        commit, changed = git("rev-parse", "--short", "HEAD"), git("status", "--porcelain", "--untracked-files=no")
    except OSError:
        return "unknown"
    return (commit or "unknown") + (", with changes" if changed else "")
