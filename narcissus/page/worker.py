"""The child process that decodes and colours: it holds the network, and may write no file.

Spoken on standard input and output: a request is a REQUEST header and the picture's bytes, a reply a REPLY header and
its body. After a fault that is not the picture's the child ends, and the pool starts another.
"""

import math
import os
import resource
import struct
import sys
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from narcissus.core.errors import NarcissusError, SourceError
from narcissus.core.privacy import forbid_dumps, forbid_probing
from narcissus.page.formats import size_of
from narcissus.page.limits import MEMORY, USUAL, Limits
from narcissus.page.refusal import TOO_LARGE, UNREADABLE, RequestRefused

REQUEST = struct.Struct("<Qd")  # bytes of the picture, temperature (NaN: the network's own)
REPLY = struct.Struct("<HQ")  # HTTP's status, bytes of the body
READY, ANSWERED, FAILED = 100, 200, 500
ENVIRONMENT = {
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",  # as many workers as cores, each on one: nobody waits for anybody
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "CUDA_VISIBLE_DEVICES": "-1",
    "PYTHONDONTWRITEBYTECODE": "1",
    "MALLOC_ARENA_MAX": "2",
    "MALLOC_MMAP_THRESHOLD_": str(1 << 20),  # a large picture's memory goes back as soon as it is answered
}
Answer = Callable[[bytes, float | None], bytes]


def main(model: Path) -> int:
    asked, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silence()
    try:
        answer = opened(model)
    except NarcissusError as error:
        reply(told, FAILED, str(error).encode())
        return error.exit_code
    confine()
    reply(told, READY, b"")
    return serve(asked, told, answer)


def opened(model: Path) -> Answer:
    """Everything loaded, and one picture answered: nobody waits for a compilation. Raises ModelError."""
    forbid_probing()
    import cv2
    import numpy as np

    from narcissus.core.types import Box
    from narcissus.networks.colour.colourist import Colourist
    from narcissus.page.answer import Answerer
    from narcissus.people.models import landmarks_in

    cv2.setNumThreads(1)
    answer = Answerer(Colourist.open(model))
    landmarks_in(np.zeros((200, 200), np.uint8), Box(20, 20, 180, 180))  # the predictor's file is read
    answer(cv2.imencode(".png", np.zeros((192, 256, 3), np.uint8))[1].tobytes(), None)
    return answer


def serve(asked: BinaryIO, told: BinaryIO, answer: Answer, limits: Limits = USUAL) -> int:
    """Until the parent closes the line, or something happened after which a new process is safer."""
    while len(head := asked.read(REQUEST.size)) == REQUEST.size:
        length, temperature = REQUEST.unpack(head)
        status, body = answered(asked.read(length), temperature, answer, limits)
        reply(told, status, body)
        if status == FAILED:
            return 1
    return 0


def answered(data: bytes, temperature: float, answer: Answer, limits: Limits) -> tuple[int, bytes]:
    """Status and body. Whatever is wrong with a picture is said in one line."""
    try:
        judge_size(size_of(data), limits)
        return ANSWERED, answer(data, None if math.isnan(temperature) else temperature)
    except RequestRefused as refusal:
        return refusal.status, refusal.reason.encode()
    except SourceError as error:
        return UNREADABLE, str(error).encode()
    except ValueError as error:
        return 400, str(error).encode()
    except BaseException:  # memory, above all
        return FAILED, b""


def judge_size(size: tuple[int, int], limits: Limits) -> None:
    """Raises RequestRefused before a pixel has been unfolded."""
    width, height = size
    if max(size) > limits.side or width * height > limits.pixels:
        most = limits.pixels // 1_000_000
        raise RequestRefused(TOO_LARGE, f"{width} × {height} pixels are too many; {most} million at most.")


def confine() -> None:
    """No dump, no file of any length, and no more memory than a photograph needs: the kernel sees to it."""
    taken = address_space()
    forbid_dumps()
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    if taken is not None:
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))


def address_space() -> int | None:
    """Bytes of address space that this process has taken; None where the kernel does not say (macOS)."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:
            return int(file.read().split()[0]) * resource.getpagesize()
    except FileNotFoundError:
        return None


def silence() -> None:
    """What libraries print reaches neither the protocol nor anybody's log."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)


def reply(told: BinaryIO, status: int, body: bytes) -> None:
    told.write(REPLY.pack(status, len(body)))
    told.write(body)
    told.flush()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
