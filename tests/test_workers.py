"""Processes that help another end with it, however it ends: a worker that stays would keep a gigabyte for nothing."""

import signal
import subprocess
import sys
from functools import partial

import psutil
import pytest
from conftest import ROOT

TRAINING = """
import sys
from pathlib import Path
import numpy as np
from narcissus.lab.training import pairs
from narcissus.lab.training.cluster import working_at

class Grey:
    latent_size, sha256, precision, name = 8, "0", "float32", "grey"
    def render(self, latents):
        return np.full((len(latents), 32, 32, 3), 90, np.uint8)

pairs.CHUNK, pairs.TELLING, write = 4, 1 << 40, pairs.write_whole
pairs.write_whole = lambda path, data: (write(path, data), print("works", flush=True))
with working_at(None):
    pairs.draw_pairs(Grey(), 20_000, 0, Path(sys.argv[1]), 2, None)
"""
EVALUATION = """
import sys
sys.path.append("scripts")
import numpy as np
import evaluate
with evaluate.seeing(2) as see_all:
    while True:
        see_all([(np.zeros((64, 64, 3), np.uint8), None, False)] * 20)
        print("works", flush=True)
"""


@pytest.mark.parametrize(
    ("work", "number"),
    [
        (TRAINING, signal.SIGTERM),
        (TRAINING, signal.SIGHUP),
        (TRAINING, signal.SIGKILL),
        (EVALUATION, signal.SIGTERM),
        (EVALUATION, signal.SIGKILL),
    ],
    ids=["training-TERM", "training-HUP", "training-KILL", "evaluation-TERM", "evaluation-KILL"],
)
def test_workers_end_with_the_process_they_work_for(work, number, tmp_path):
    """Each starts three processes that load the libraries: seconds."""
    command = [sys.executable, "-c", work, str(tmp_path)]
    hears = partial(signal.signal, signal.SIGHUP, signal.SIG_DFL)  # a suite under nohup(1) has it ignored
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, preexec_fn=hears)
    assert parent.stdout.readline() == b"works\n"
    workers = psutil.Process(parent.pid).children(recursive=True)
    assert len(workers) >= 2
    parent.send_signal(number)
    assert parent.wait(30) != 0
    parent.stdout.close()
    _, left = psutil.wait_procs(workers, timeout=30)
    for worker in left:
        worker.kill()
    assert not left
