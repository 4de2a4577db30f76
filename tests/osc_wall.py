"""A mirror's Tuning with OSC, and two programs that speak to it: for the tests of OSC."""

import socket

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import build_msg

from narcissus.app.settings import Settings
from narcissus.app.tuning import Tuning
from narcissus.app.tuning.osc import Osc
from narcissus.core.journal import Journal
from narcissus.core.sections import Osc as Asked

QUIET = {"scenes": {"mirror": {"exaggeration": 0.4, "calm": 0.9}}}
BOLD = {"scenes": {"mirror": {"exaggeration": 1.8}}}
SETTINGS_HERE = Settings.model_validate({"presets": {"quiet": QUIET, "bold": BOLD}})
FINE = build_msg("/narcissus/mirror/exaggeration", [0.5]).dgram
NOTHING_MORE = b"nothing more"


class Program:
    """Another program: what it is told."""

    def __init__(self):
        self.ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.ear.bind(("127.0.0.1", 0))
        self.ear.settimeout(5)
        self.address = f"127.0.0.1:{self.ear.getsockname()[1]}"

    def told(self):
        """address -> the last value, since it was asked last."""
        out = {}
        self.ear.sendto(NOTHING_MORE, self.ear.getsockname())  # it comes after whatever has been sent until now
        while (packet := self.ear.recv(4096)) != NOTHING_MORE:
            message = OscMessage(packet)
            (out[message.address],) = message.params
        return out


class Wall:
    """A Tuning with OSC and two programs; its thread's steps are done by the test."""

    def __init__(self, live=SETTINGS_HERE):
        self.programs = [Program(), Program()]
        asked = Asked(enabled=True, send_to=[program.address for program in self.programs])
        self.journal, self.now = Journal(), 0.0
        self.osc = Osc(asked, live, self.journal, lambda: self.now, listen=("127.0.0.1", 0))
        self.said = []
        self.tuning = Tuning(live, self.journal, osc=self.osc, say=self.said.append)

    def close(self):
        self.osc.close()
        for program in self.programs:
            program.ear.close()

    def send(self, address, *arguments):
        self.osc.receive(build_msg(address, list(arguments)).dgram)

    def pass_by(self):
        """One turn of the loop, and the programs are told."""
        commands = self.tuning.hear([])
        turned = self.tuning.turn(commands, self.now)
        self.osc.step(0)
        return commands, turned

    def told(self):
        one, other = (program.told() for program in self.programs)
        assert one == other, "two programs are told the same"
        return one
