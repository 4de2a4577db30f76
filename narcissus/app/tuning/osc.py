"""OSC: other programs turn the live settings, and are told what becomes of them. In a thread of its own.

Only what stands in addresses.py is ever sent: the values of the settings, whether somebody is there, and pictures a
second. Numbers measured of a viewer come here only with `osc: out`, and each target gets what the permit allows it.
"""

import ipaddress
import logging
import select
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from narcissus.app.settings import Settings, value_of
from narcissus.app.tuning import presets
from narcissus.app.tuning.addresses import (
    FREEZE,
    KEEP,
    PRESET,
    RECORD,
    SAVE,
    SETTINGS,
    TELL,
    VIEWER,
    Refused,
    only,
    preset_from,
    setting_from,
    switch,
    unknown,
)
from narcissus.app.tuning.packets import LARGEST, Malformed, bundled, messages, packed
from narcissus.app.tuning.slots import Slots
from narcissus.core.errors import ConfigError
from narcissus.core.journal import Journal
from narcissus.core.permit import STRICTEST, Permit
from narcissus.core.sections import Osc as OscSettings
from narcissus.core.sections import host_and_port
from narcissus.core.types import Picture

log = logging.getLogger("narcissus")

WAIT = 0.02  # seconds until what is due goes out, when nothing comes in
AT_ONCE = 20  # packets
PAUSE = 9  # times as long as the work before: a flood of packets takes no more than a tenth of the interpreter
AGAIN = 10.0  # seconds between two tries to listen
SILENT = 60.0  # seconds after which a fault that came back is said again
NUMBERS_OUT = "what is measured of the viewer goes to other machines: see docs/notice.md"
NUMBERS_STAY = (
    "what is measured of the viewer stays on this machine: nobody has agreed to more (see consent in config.yaml)"
)
MOST_FAULTS = 16  # that are said at once: a flood of addresses is no flood of lines


class Osc:
    """`heard` and `due` are the slots between its thread and the display's; `step` is the thread's work.

    `heard` holds checked values by the name of their setting, besides "preset" (a name), "freeze" and "record"
    (truth values) and "tell"; `due` holds what is to be told, by address.
    """

    def __init__(
        self,
        asked: OscSettings,
        settings: Settings,
        journal: Journal,
        clock: Callable[[], float] = time.monotonic,
        *,
        listen: tuple[str, int] | None = None,
        permit: Permit = STRICTEST,
        file: Path | None = None,
    ) -> None:
        """`listen` takes the place of what is asked for; its port may be 0, any that is free. `file`: the settings
        file, where presets are kept.

        Where it cannot listen, that is said once, and it is tried again every AGAIN seconds.
        """
        self.settings = settings  # as they are now: whoever changes them sets this too
        self.heard, self.due = Slots(), Slots()
        self._journal, self._clock = journal, clock
        self._faults: dict[str, float] = {}  # what was said to be wrong, and when it was so last
        self._targets = {host_and_port(target): _here(target) for target in asked.send_to}  # -> on this machine?
        self._permit, self._file, self._out = permit, file, asked.out
        self._newest: Picture | None = None  # of which the numbers have not been sent
        self._waking, self._woken = socket.socketpair()
        self._ear: socket.socket | None = None  # and no mouth either: the kiosk's sandbox has no network
        self._mouth: socket.socket | None = None
        self._listen = listen or host_and_port(asked.listen)
        self._hears, self._next_try = False, clock()
        for line in (self._waking, self._woken):
            line.setblocking(False)
        self._bind()

    @classmethod
    def open(
        cls, settings: Settings, journal: Journal, permit: Permit = STRICTEST, file: Path | None = None
    ) -> "Osc | None":
        """None where the settings want none."""
        asked = settings.osc
        if not asked.enabled:
            return None
        osc = cls(asked, settings, journal, permit=permit, file=file)
        told = ", ".join(asked.send_to) or "nobody"
        if osc._hears:
            log.info("osc: listens on %s, tells %s", asked.listen, told)
        if not _here(asked.listen):
            log.warning("osc: whoever reaches %s over the network can turn the live settings", asked.listen)
        if outside := [target for target in asked.send_to if not _here(target)]:
            log.warning("osc: %s is told over the network whether somebody is there", ", ".join(outside))
            if asked.out:
                log.warning("osc: %s", NUMBERS_OUT if permit.numbers_anywhere or not permit.live else NUMBERS_STAY)
        return osc

    def _bind(self) -> None:
        """Listen, where the port is free."""
        try:
            if self._ear is None:
                self._ear, self._mouth = _line(), _line()
            self._ear.bind(self._listen)
        except OSError as fault:
            self._next_try = self._clock() + AGAIN
            address = "{}:{}".format(*self._listen)
            reason = f"{address} cannot be used ({fault.strerror or fault}); until it can, nothing is heard"
            self._journal.fault("osc port", reason)
        else:
            self._hears = True
            self._journal.recovered("osc port")

    @property
    def port(self) -> int:
        return self._ear.getsockname()[1]

    def close(self) -> None:
        for line in (self._ear, self._mouth, self._waking, self._woken):
            if line is not None:
                line.close()

    def presented(self, picture: Picture) -> None:
        """A picture was shown: what is measured goes out with it. Never waits."""
        if self._out:
            self._newest = picture
            with suppress(OSError):  # it is awake already
                self._waking.send(b".")

    def step(self, wait: float = WAIT) -> None:
        """Wait a moment for packets, take in what has come, and send what is due."""
        ready, _, _ = select.select([self._ear, self._woken] if self._hears else [self._woken], [], [], wait)
        begun = self._clock()
        if self._woken in ready:
            self._woken.recv(LARGEST)
            self._measure()
        if not self._hears and begun >= self._next_try:
            self._bind()
        for packet in self._arrived() if self._hears else ():
            self.receive(packet)
        self._send()
        self._forgive()
        time.sleep(PAUSE * max(0.0, self._clock() - begun))

    def _arrived(self) -> Iterator[bytes]:
        for _ in range(AT_ONCE):
            try:
                yield self._ear.recv(LARGEST + 1)
            except OSError:  # nothing more is there
                return

    def receive(self, packet: bytes) -> None:
        """Take in a packet, whatever it holds."""
        try:
            found = messages(packet)
        except Malformed as fault:
            self._complain("packet", f"{fault}; it is ignored")
            return
        for address, arguments in found:
            try:
                self._hear(address, arguments)
            except Refused as refused:
                self._complain(address, str(refused))
                if address in SETTINGS:  # whoever sent it hears what holds instead
                    self.due.put(address, value_of(self.settings, SETTINGS[address]))

    def _measure(self) -> None:
        """Tell everybody what is measured of the viewer, as far as the permit allows, in one bundle."""
        picture, self._newest = self._newest, None
        if picture is None:
            return
        for target, here in self._targets.items():
            told = self._permit.measured(picture, here=here)
            if told:
                self._tell(bundled(packed(VIEWER + name, value) for name, value in told.items()), target)

    def _hear(self, address: str, arguments: list) -> None:
        if address in SETTINGS:
            self.heard.put(SETTINGS[address], setting_from(address, arguments))
        elif address == PRESET:
            name = preset_from(arguments, list(self.settings.presets))
            if name is not None:
                self.heard.put("preset", name)
        elif address == FREEZE:
            self.heard.put("freeze", switch(arguments))
        elif address == RECORD:
            self.heard.put("record", switch(arguments))
        elif address == SAVE:
            self._save(arguments)
        elif address == KEEP:
            if switch(arguments):  # a button that is released says 0
                self.heard.put("keep", True)
        elif address == TELL:
            self.heard.put("tell", True)
        else:
            raise Refused(unknown(address))

    def _save(self, arguments: list) -> None:
        """1: the reflection, as a picture; a name: how the wall looks now, as a preset. Raises Refused."""
        name = only(arguments)
        if not isinstance(name, str):
            if switch(arguments):  # a released button sends 0
                self.heard.put("save", True)
        elif self._file is None:
            raise Refused("no settings file is in use, so no preset can be kept")
        else:
            try:
                presets.keep(self._file, name, self.settings)
            except ConfigError as refused:
                raise Refused(str(refused)) from None

    def _send(self) -> None:
        for address, value in self.due.take().items():
            message = packed(address, value)
            for target in self._targets:
                self._tell(message, target)

    def _tell(self, packet: bytes, target: tuple[str, int]) -> None:
        if self._mouth is None:  # as the journal says
            return
        try:
            self._mouth.sendto(packet, target)
        except OSError as fault:
            self._complain(f"to {target[0]}:{target[1]}", f"cannot be sent ({fault.strerror or fault})")

    def _complain(self, what: str, reason: str) -> None:
        """Say it, once for as long as it goes on."""
        name = f"osc {ascii(what)[1:-1][:60]}"
        if name not in self._faults and len(self._faults) >= MOST_FAULTS:
            name, reason = "osc", "more faults than can be said"
        self._faults[name] = self._clock()
        self._journal.fault(name, reason)

    def _forgive(self) -> None:
        now = self._clock()
        for name in [name for name, last in self._faults.items() if now - last > SILENT]:
            del self._faults[name]
            self._journal.forget(name)


def _line() -> socket.socket:
    """For packets, and never waiting. Raises OSError."""
    line = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    line.setblocking(False)
    return line


def _here(address: str) -> bool:
    """Whether it stays within this machine."""
    return ipaddress.IPv4Address(host_and_port(address)[0]).is_loopback
