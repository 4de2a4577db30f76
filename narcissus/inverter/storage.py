"""The inverter's two files: inverter.joblib, and inverter.json that vouches for it."""

from io import BytesIO
from pathlib import Path

import joblib
import sklearn

from narcissus import store
from narcissus.store import Sidecar
from narcissus.store.kinds import INVERTER

FILE = "inverter.joblib"


def save(inverter, folder: Path, facts: dict) -> None:
    """Write both files; `facts` (pairs, seed, …) are added to the sidecar's. Raises OSError."""
    whole = BytesIO()
    joblib.dump(inverter, whole, compress=3)
    name, sha256 = inverter.generator
    write(Path(folder) / FILE, whole.getvalue(), name, sha256, {"columns": list(inverter.columns), **facts})


def write(path: Path, data: bytes, generator: str, generator_sha256: str, facts: dict) -> None:
    """Both files, from the bytes of the joblib file, which this scikit-learn has made. Raises OSError."""
    store.write(
        path,
        INVERTER,
        data,
        name=generator,
        licence=f"That of its generator, {generator}.",
        origin={
            "generator": generator,
            "generator_sha256": generator_sha256,
            "data": "faces that this generator drew",
            "command": f"python train_inverter.py --generator {generator}",
        },
        facts={"sklearn": sklearn.__version__} | facts,
    )


def load(wanted: type, folder: Path, generator_sha256: str, columns: tuple[str, ...]):
    """The `wanted` that lies in `folder`, made for this generator and these columns of a row.

    A joblib file is a program: its sha256 is checked before it is opened. Raises ModelMissing, ModelCorrupt and
    ModelMismatch, each with the command that trains a new one.
    """

    def accept(sidecar: Sidecar) -> None:
        made = sidecar.facts["sklearn"]
        if made != sklearn.__version__:
            raise ValueError(f"made with scikit-learn {made:.40}, this is {sklearn.__version__}")
        if sidecar.origin["generator_sha256"] != generator_sha256:
            raise ValueError(f"made for {sidecar.origin['generator']:.60} with other weights")
        if tuple(sidecar.facts["columns"]) != tuple(columns):
            raise ValueError("made for other features than this version reads")

    path = Path(folder) / FILE
    return opened(wanted, store.read(path, INVERTER, accept).data, path)


def opened(wanted: type, data: bytes, path: Path):
    """What the bytes of `path` hold, once their sha256 is known to be right. Raises ModelCorrupt unless a `wanted`."""
    try:
        found = joblib.load(BytesIO(data))
    except Exception as fault:  # a pickle may raise anything, and it is the file's fault whatever it is
        raise INVERTER.corrupt(path, f"cannot be opened ({type(fault).__name__}: {fault})") from fault
    if not isinstance(found, wanted):
        raise INVERTER.corrupt(path, f"holds no inverter but a {type(found).__name__}")
    return found
