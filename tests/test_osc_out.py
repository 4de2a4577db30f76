"""Numbers of a viewer leave the mirror only where the settings ask for it, and this machine only where all agreed."""

from dataclasses import replace

import numpy as np
import pytest
from conftest import ROOT
from gallery import First, Gallery, face
from osc_wall import Program

from narcissus.app.build import Installation
from narcissus.app.settings import Settings
from narcissus.app.tuning import Tuning
from narcissus.app.tuning.osc import Osc
from narcissus.app.tuning.packets import messages
from narcissus.core.journal import Journal
from narcissus.core.permit import Permit
from narcissus.core.sections import Osc as Asked
from narcissus.core.types import Picture

MEASURED = {"there": 1, "count": 2, "turn": -12.5, "phase": "following"}
PICTURE = Picture(np.zeros((4, 4, 3), np.uint8), answers=1.0, measured=MEASURED)
HERE, AGREED, FILE = Permit(True, numbers_here=True), Permit(True, numbers_anywhere=True), Permit(False)


class Mouth:
    """In the place of a socket: who was sent what."""

    def __init__(self) -> None:
        self.sent = {}

    def sendto(self, packet, target):
        self.sent.setdefault(target[0], []).extend(messages(packet))

    def close(self):
        """It holds nothing."""


def sent(permit, *, out=True, picture=PICTURE):
    """What goes to a program on this machine, and to one on another, when this picture is shown."""
    asked = Asked(enabled=True, out=out, send_to=["127.0.0.1:9001", "192.0.2.7:9001"])
    osc = Osc(asked, Settings(), Journal(), listen=("127.0.0.1", 0), permit=permit)
    mouth, real = Mouth(), osc._mouth
    osc._mouth = mouth
    osc.presented(picture)
    osc.step(0)
    osc.close()
    real.close()
    numbers = lambda host: [address for address, _ in mouth.sent.get(host, []) if "/viewer/" in address]
    return len(numbers("127.0.0.1")), len(numbers("192.0.2.7"))


@pytest.mark.parametrize(
    ("permit", "out", "heard"),
    [
        (Permit(True), True, (0, 0)),
        (HERE, True, (4, 0)),
        (AGREED, True, (4, 4)),
        (FILE, True, (4, 4)),
        (FILE, False, (0, 0)),
        (AGREED, False, (0, 0)),
    ],
    ids=["forbidden", "this machine", "all agreed", "a file", "a file, not asked", "all agreed, not asked"],
)
def test_numbers_go_where_the_permit_lets_them(permit, out, heard):
    assert sent(permit, out=out) == heard


@pytest.mark.parametrize(
    ("consent", "out", "enabled", "heard"),
    [
        ("none", False, True, (0, 0)),
        ("none", True, True, (4, 0)),
        ("numbers", True, True, (4, 4)),
        ("pictures", True, True, (4, 4)),
        ("pictures", False, True, (0, 0)),
        ("numbers", True, False, (0, 0)),
    ],
)
def test_the_settings_of_a_live_installation_decide(consent, out, enabled, heard):
    settings = Settings.model_validate({"consent": consent, "osc": {"out": out, "enabled": enabled}})
    assert sent(Installation(settings).permit) == heard


def test_numbers_are_no_consent_to_pictures():
    viewer = Picture(np.zeros((4, 4, 3), np.uint8), shows_viewer=True, measured=MEASURED)
    agreed = Installation(Settings(consent="numbers")).permit
    assert agreed.refusal(viewer)
    assert agreed.outside(viewer).measured == {}


def test_every_picture_on_the_screen_is_one_bundle():
    program = Program()
    asked = Asked(enabled=True, out=True, send_to=[program.address])
    osc = Osc(asked, Settings(), Journal(), listen=("127.0.0.1", 0), permit=HERE)
    tuning = Tuning(Settings(), Journal(), osc=osc)
    program.ear.settimeout(5)
    for number in range(3):
        tuning.presented(PICTURE, float(number))
        osc.step(0)
        bundles = []
        while not bundles:
            packet = program.ear.recv(4096)
            bundles += [messages(packet)] if packet.startswith(b"#bundle") else []
        assert dict(bundles[0]) == {f"/narcissus/viewer/{name}": [value] for name, value in MEASURED.items()}
    program.ear.settimeout(0)
    with pytest.raises(BlockingIOError):
        next(packet for packet in iter(lambda: program.ear.recv(4096), None) if packet.startswith(b"#bundle"))
    osc.close()
    program.ear.close()


def test_the_mirror_measures_what_the_page_lists_and_nothing_while_nobody_is_there():
    gallery = Gallery()
    gallery.live(0.5)
    nobody = gallery.pictures[-1].measured
    gallery.live(1.0, [face(mouth=0.3)])
    told = gallery.pictures[-1].measured
    page = (ROOT / "docs" / "tuning.md").read_text()
    listed = [line.split("`")[1] for line in page.splitlines() if line.startswith("| `/narcissus/viewer/")]
    assert [f"/narcissus/viewer/{name}" for name in told] == listed
    assert nobody == {"there": 0, "count": 0, "phase": "dream"}
    assert (told["there"], told["count"], told["phase"]) == (1, 1, "following")
    assert told["smile"] == pytest.approx(0.2, abs=0.02), "as the Guesser says"


def counted(faces, visitors=None, **settings):
    """(there, count) before these faces."""
    gallery = Gallery(**settings)
    gallery.mirror._visitors = visitors or gallery.mirror._visitors
    gallery.live(0.5, faces)
    told = gallery.pictures[-1].measured
    return told["there"], told["count"]


def test_everybody_in_a_photograph_counts_and_before_a_camera_no_poster_does():
    faces = [face(), *(replace(face(number, x=80.0 * number), has_moved=False) for number in (2, 3))]
    assert counted(faces, live=False) == (1, 3)
    assert counted(faces, live=True) == (1, 1)


def test_the_others_count_while_the_foremost_viewer_is_missing():
    class Waiting(First):
        def choose(self, faces, now, width=None):
            return None

    assert counted([face(2), face(3, x=80.0)], Waiting(), live=True) == (0, 2)


def test_turn_tilt_and_mouth_say_what_they_are_called():
    def said(who):
        gallery = Gallery()
        gallery.live(2.0, [who])
        return gallery.pictures[-1].measured

    assert said(face(mouth=0.3))["mouth"] > said(face())["mouth"] + 0.2
    leaning = face()
    turn = np.array([[0.94, -0.34], [0.34, 0.94]], np.float32)  # 20° clockwise, y down
    centre = leaning.landmarks.mean(axis=0)
    leaning.landmarks[:] = (leaning.landmarks - centre) @ turn.T + centre
    assert said(leaning)["tilt"] == pytest.approx(20, abs=2)


def test_saving_from_another_program(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text("source: demo\n")
    osc = Osc(Asked(enabled=True), Settings(), Journal(), listen=("127.0.0.1", 0), file=path)
    for argument in (0, 1):
        osc._hear("/narcissus/save", [argument])
        assert osc.heard.take() == ({"save": True} if argument else {})
    osc._hear("/narcissus/save", ["evening"])
    assert "evening:" in path.read_text()
    osc.close()


def test_a_socket_that_is_shut_hurts_nobody_who_shows_pictures():
    osc = Osc(Asked(enabled=True, out=True), Settings(), Journal(), listen=("127.0.0.1", 0))
    for _ in range(100_000):
        osc.presented(PICTURE)
    osc.close()
    osc.presented(PICTURE)
