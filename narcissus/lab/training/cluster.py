"""The workers that measure drawn faces: processes of this machine, or a running Dask cluster (an optional extra)."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from joblib import parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.parallel import LokyBackend

from narcissus.core.errors import ConfigError
from narcissus.core.files import HOME
from narcissus.lab.lifeline import end_with_parent, lifeline, starting

ANSWER = 10.0  # seconds within which the scheduler must answer, and have a worker
READERS = ("dlib-bin", "numpy", "opencv-python-headless", "tensorflow")  # what a row depends on besides our own code


def working_at(address: str | None):
    """Inside this context joblib's work goes to the Dask scheduler at `address`, such as "tcp://host:8786".

    None leaves it to processes of this machine, see `here`: idle they would hold half a gigabyte each. A worker that
    goes is no loss: its work is done by another. Raises ConfigError when Dask is not installed, nobody answers there,
    or a worker would read faces differently.
    """
    return here() if address is None else _cluster(address)


@contextmanager
def here() -> Iterator[None]:
    """Inside this context joblib's work goes to processes of this machine, which end with it: done, or stopped.

    They end with this process too, however it ends.
    """
    try:
        with parallel_config(backend=Sheltered(initializer=end_with_parent, initargs=(lifeline(),))):
            yield
    finally:
        get_reusable_executor().shutdown(wait=True, kill_workers=True)


class Sheltered(LokyBackend):
    """Its workers, which the first task starts, are deaf to Ctrl-C from their first moment."""

    def submit(self, func, callback=None):
        with starting():
            return super().submit(func, callback)


@contextmanager
def _cluster(address: str) -> Iterator[None]:
    try:
        from distributed import Client
    except ImportError:
        raise ConfigError(
            "--cluster needs Dask; install it with: .venv/bin/python -m pip install -r requirements-cluster.txt"
        ) from None
    try:
        client = Client(address, timeout=ANSWER)
    except (OSError, ValueError):  # what Dask raises for a scheduler that is not there, and for what is no address
        raise ConfigError(
            f"--cluster {address}: nobody answers; start one there with: dask scheduler, and elsewhere: dask worker"
        ) from None
    with client:
        try:
            client.wait_for_workers(1, timeout=ANSWER)
        except TimeoutError:
            raise ConfigError(f"--cluster {address}: has no worker; start one with: dask worker {address}") from None
        _agree(client)
        with parallel_config(backend="dask", wait_for_workers_timeout=ANSWER):
            yield


def _agree(client) -> None:
    """Every worker must read a face as this machine does. Raises ConfigError, naming the first that does not."""
    here = likeness_of_readers()
    for worker, there in client.run(likeness_of_readers, on_error="return").items():
        if there != here:
            raise ConfigError(
                f"--cluster: the worker {worker} has another version of Narcissus or of its packages, or none; "
                "start it in a copy of this checkout, with: python -m distributed.cli.dask_worker"
            )


def likeness_of_readers() -> str:
    """A hash of all code and packages that a row depends on: the same where the same picture gives the same row."""
    digest = hashlib.sha256(" ".join(f"{name} {version(name)}" for name in READERS).encode())
    for path in sorted(Path(HOME, "narcissus").rglob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()
