"""Addresses of cameras in a network: how they are known, and what of them may be said aloud."""

import re

KINDS = ("rtsp", "rtsps", "http", "https")
ADDRESS = re.compile(r"(?P<kind>[A-Za-z][A-Za-z0-9+.-]*)://(?P<rest>(?:\S*@)?[^\s'\"]*)")
HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?")


def is_address(what: str) -> bool:
    """Whether `what` is written like an address, of whatever kind."""
    return ADDRESS.match(what) is not None


def is_stream(what: str) -> bool:
    """Whether `what` is the address of a camera that can be asked: rtsp://…, http://… and their encrypted kinds."""
    found = ADDRESS.fullmatch(what)
    return found is not None and found["kind"].lower() in KINDS


def masked(text: str) -> str:
    """The same text with no more of every address in it than its kind, its host and its port.

    Names and passwords stand before the host, but also in paths and after question marks; cameras differ.
    """
    return ADDRESS.sub(lambda found: f"{found['kind']}://{_host(found['rest'])}", text)


def named(source: str) -> str:
    """What may be said of a source: of an address its kind and host, of one with a space in it the kind alone."""
    found = ADDRESS.match(source)
    if found is None or found.end() == len(source):
        return masked(source)
    return f"{found['kind']}://…"


def _host(rest: str) -> str:
    """Host and port of what stands after ://, if that is what they are."""
    place = re.split(r"[/?#]", rest.rpartition("@")[2])[0]
    return place if HOST.fullmatch(place) else "…"
