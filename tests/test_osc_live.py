"""A real mirror under a flood of OSC packets: no line that is not ours, fresh pictures, and it still hears.

Takes seconds: a process of its own loads TensorFlow. The whole run: python scripts/flood_osc.py, 200,000 packets.
"""

import os
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

import flood_osc


@pytest.mark.skipif("NARCISSUS_FUZZ" not in os.environ, reason="by hand, NARCISSUS_FUZZ thousand packets")
def test_a_flood_of_packets_is_survived_and_the_next_one_heard():
    packets = 1000 * int(os.environ.get("NARCISSUS_FUZZ", "1"))
    found = flood_osc.flood(packets, 0)
    assert flood_osc.is_well(found), found
    assert (found["packets"], found["lost_by_the_kernel"]) == (packets, 0)
    assert 0 < found["readable"] < packets, "some are whole and some are not"
