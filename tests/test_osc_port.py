"""Where OSC listens: a port that is taken, a sandbox without a network, and both once they are open."""

import errno
import socket

import pytest
from osc_wall import Program

from narcissus.app.settings import Settings
from narcissus.app.tuning.osc import Osc
from narcissus.app.tuning.packets import packed
from narcissus.core.journal import Journal
from narcissus.core.sections import Osc as Asked


@pytest.fixture
def journal(caplog):
    return lambda: [record.getMessage() for record in caplog.records]


def test_a_port_in_use_is_one_line_and_taken_up_once_it_is_free(journal):
    program, now = Program(), [0.0]
    wanted = Asked(enabled=True, listen=program.address)
    osc = Osc(wanted, Settings(osc=wanted), Journal(), clock=lambda: now[0])
    for now[0] in (0.0, 5.0, 15.0, 30.0):
        osc.step(wait=0.0)
    (line,) = journal()
    assert f"{program.address} cannot be used (Address already in use)" in line
    program.ear.close()
    now[0] = 45.0
    osc.step(wait=0.0)
    assert journal()[-1].endswith("well again")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.sendto(packed("/narcissus/freeze", True), ("127.0.0.1", osc.port))
    osc.step(wait=5.0)
    assert osc.heard.take() == {"freeze": True}
    osc.close()


def test_a_sandbox_without_a_network_is_one_line_and_no_end(journal, monkeypatch):
    real, closed, now = socket.socket, [True], [0.0]

    def sandboxed(family=socket.AF_INET, *rest, **named):
        if family == socket.AF_INET and closed[0]:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return real(family, *rest, **named)

    monkeypatch.setattr(socket, "socket", sandboxed)
    wanted = Asked(enabled=True, out=True)
    osc = Osc(wanted, Settings(osc=wanted), Journal(), clock=lambda: now[0], listen=("127.0.0.1", 0))
    for now[0] in (0.0, 5.0, 15.0):
        osc.due.put("/narcissus/freeze", True)
        osc.step(wait=0.0)
    (line,) = journal()
    assert "cannot be used (Address family not supported by protocol)" in line
    closed[0], now[0] = False, 30.0
    osc.step(wait=0.0)
    assert journal()[-1].endswith("well again")
    osc.close()
