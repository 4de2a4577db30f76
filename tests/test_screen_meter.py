"""The meter that looks at a screen from outside sees light, changes, and a wall that stands still."""

import os
import shutil
import subprocess
import sys

import pytest
from conftest import ROOT

sys.path.insert(0, str(ROOT / "scripts"))

from screen_meter import ScreenMeter
from service_manager import wait

pytestmark = pytest.mark.skipif(shutil.which("Xvfb") is None, reason="needs Xvfb, a display server without a screen")

PAINTER = """
import pygame, sys
pygame.display.init()
window = pygame.display.set_mode((640, 360))
for line in sys.stdin:
    window.fill([int(line)] * 3)
    pygame.display.flip()
    pygame.event.pump()
    print(line, flush=True)
"""


def test_it_sees_the_first_light_each_change_and_how_long_nothing_changes():
    with ScreenMeter() as screen:
        painter = subprocess.Popen(
            [sys.executable, "-c", PAINTER],
            env=os.environ | screen.environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert paints(painter, 0)
        looks = screen.looks
        assert wait(lambda: screen.looks > looks + 5, 60)
        assert screen.lit_after is None, "a black window is no light"
        for level in (90, 120, 150, 180):
            changes = len(screen._changes)
            assert paints(painter, level)
            assert wait(lambda: len(screen._changes) > changes, 60)  # noqa: B023
        assert screen.lit_after is not None
        screen.forget()
        looks = screen.looks
        assert wait(lambda: screen.looks > looks + 10, 60)
        assert screen.stillest > 0, "nothing has changed since"
        painter.kill()
        painter.wait()


def paints(painter, level: int) -> bool:
    painter.stdin.write(f"{level}\n")
    painter.stdin.flush()
    while line := painter.stdout.readline():
        if line.strip() == str(level):
            return True
    return False
