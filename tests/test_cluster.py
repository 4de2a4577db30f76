"""Other machines may help to see the drawn faces; they change nothing but the time it takes."""

import os
import subprocess
import sys

import numpy as np
import pytest
from conftest import ROOT

from narcissus.core.errors import ConfigError
from narcissus.lab.training import pairs
from narcissus.lab.training.cluster import working_at


def test_without_dask_the_remedy_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(ConfigError, match=r"pip install -r requirements-cluster\.txt"), working_at("tcp://host:8786"):
        pass
    assert (ROOT / "requirements-cluster.txt").is_file()


def test_an_address_where_nobody_answers_is_named():
    with pytest.raises(ConfigError, match=r"tcp://127\.0\.0\.1:9: nobody answers"), working_at("tcp://127.0.0.1:9"):
        pass


@pytest.fixture
def cluster():
    """A scheduler and two workers on this machine: the address, and the workers' processes."""
    import distributed  # takes a second: only where it is needed

    with distributed.LocalCluster(n_workers=0, processes=True, dashboard_address=None) as scheduler:
        command = ["-m", "distributed.cli.dask_worker", scheduler.scheduler_address, "--nthreads=1", "--no-nanny"]
        paths = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
        environment = os.environ | {"PYTHONPATH": paths}
        workers = [subprocess.Popen([sys.executable, *command, "--no-dashboard"], env=environment) for _ in range(2)]
        yield scheduler.scheduler_address, workers
        for worker in workers:
            worker.kill()
            worker.wait()


def test_a_cluster_of_two_gives_the_same_rows_though_one_is_killed_half_way(cluster, generator, tmp_path, monkeypatch):
    """Takes half a minute: three processes load the libraries."""
    address, workers = cluster
    monkeypatch.setattr(pairs, "CHUNK", 25)
    alone = pairs.draw_pairs(generator, 150, 0, tmp_path / "alone", 1, None)
    stored, write = [], pairs.write_whole

    def kill_half_way(path, data):
        write(path, data)
        stored.append(path)
        if len(stored) == 3:
            workers[0].kill()

    monkeypatch.setattr(pairs, "write_whole", kill_half_way)
    with working_at(address):
        together = pairs.draw_pairs(generator, 150, 0, tmp_path / "together", 2, None)
    assert workers[0].wait() != 0
    assert len(stored) == 6
    np.testing.assert_array_equal(together.rows, alone.rows)
    np.testing.assert_array_equal(together.latents, alone.latents)


def test_large_pictures_are_averaged_before_they_travel():
    picture = np.zeros((2, 1024, 1024, 3), np.uint8)
    picture[:, :4, :4] = np.arange(16, dtype=np.uint8).reshape(4, 4)[..., None] * 10
    small = pairs._no_larger(picture)
    assert small.shape == (2, 256, 256, 3)
    assert (small[:, 0, 0] == 75).all()
    assert small[:, 1:].max() == 0
    assert pairs._no_larger(picture[:, :64, :64]).shape == (2, 64, 64, 3)
