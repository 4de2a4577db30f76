"""The heavy libraries come in one thread at a time, and are not heard.

They import each other. Of two threads that begin at two ends each soon waits for the other, and Python then lets one go
on with a module half made. A kiosk that changes its work while it starts has such threads.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from narcissus.core.quiet import quiet

_lock = threading.Lock()


@contextmanager
def importing() -> Iterator[None]:
    """Around an import and nothing else: what it waits for, all others wait for."""
    with _lock, quiet():  # TensorFlow greets on the standard error whatever its log level
        yield
