"""A file from an address that somebody named: resumable, limited in size, whole or not at all. Nothing else is asked.

What has arrived lies in `<file>.part`, and what must not change before it is continued in `<file>.part.json`: the
server's validator (RFC 9110, section 8.8) and the whole length. A server that names no validator, or answers a Range
with the whole file, makes it begin anew.
"""

import errno
import fcntl
import hashlib
import http.client
import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib import error, request
from urllib.parse import urlsplit

from narcissus.core.errors import ConfigError, ModelCorrupt, NarcissusError
from narcissus.core.files import write_whole
from narcissus.core.streams import masked

TIMEOUT = 30.0  # seconds without a byte
TRIES = 5  # in a row that bring nothing new
PAUSE = 2.0  # seconds between two of them
BLOCK = 1 << 18  # bytes read at a time
PAGE = (b"<!doctype", b"<html", b"<head", b"<?xml")  # how a web page begins
ELSEWHERE = "download the file with a browser, on any machine, and give it with --from FILE"


class Unreachable(NarcissusError):
    """The address gives no file: no network, no such host, no such file, or it broke off too often."""

    exit_code = 69  # EX_UNAVAILABLE


class _Broken(Exception):
    """The connection ended before the file did."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What a `.part` was begun from."""

    address: str  # sha256 of the address: one with a password or a token in it is written nowhere
    validator: str | None  # for If-Range; None where the server names none
    length: int | None  # of the whole file, bytes


def fetch(url: str, target: Path, largest: int, show: Callable[[int, int | None], None]) -> None:
    """Download `url` to `target`. `show` is told how many bytes are there, and of how many (None: unknown).

    Raises ConfigError for an address that is none, Unreachable, ModelCorrupt for what cannot be the file, and OSError
    when the disk is full; what has arrived is kept, and the next call goes on from there.
    """
    if not _is_web_address(url):
        raise ConfigError("--url: not an address of the form https://host/file")  # it may hold a token: never repeated
    part = target.with_name(f"{target.name}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    with _alone(part) as file:
        left = TRIES
        while True:
            before = _size(file)
            try:
                _continue(url, file, part, largest, show)
                break
            except _Broken as broken:
                left = TRIES if _size(file) > before else left - 1
                if not left:
                    raise Unreachable(f"{masked(url)}: {broken}; the same command goes on from there") from None
                time.sleep(PAUSE)
            except ModelCorrupt:
                part.unlink()
                _notes(part).unlink(missing_ok=True)
                raise
        file.flush()
        os.fsync(file.fileno())
        os.replace(part, target)
    _notes(part).unlink(missing_ok=True)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:  # such as http://[
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not re.search(r"\s", url)


@contextmanager
def _alone(part: Path) -> Iterator:
    """The .part, opened to be continued; nobody else may."""
    with open(part, "a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unreachable(f"{part}: another fetch_models.py is downloading it; wait for that one") from None
        yield file


def _continue(url: str, file, part: Path, largest: int, show: Callable) -> None:
    have, begun = _size(file), _begun(part, url)
    if have and begun and have == begun.length:
        return
    with _answer(url, have, begun) as answer:
        whole = _whole_length(answer)
        if answer.status != http.client.PARTIAL_CONTENT:
            have = 0
            file.truncate(0)
            _refuse_pages(answer, url)
            write_whole(_notes(part), json.dumps(asdict(Begun(_digest(url), _validator(answer), whole))))
        _refuse_large(url, whole, largest)
        _refuse_full(part, whole, have)
        try:
            for block in iter(lambda: answer.read(BLOCK), b""):
                _refuse_first(block, have, url)
                have += len(block)
                _refuse_large(url, have, largest)
                file.write(block)
                file.flush()  # what the disk cannot take is known before more is asked for
                show(have, whole)
        except (http.client.HTTPException, TimeoutError, ConnectionError) as fault:
            raise _Broken(f"broke off after {_megabytes(have)} ({type(fault).__name__})") from None
        if whole is not None and have < whole:
            raise _Broken(f"ended after {_megabytes(have)} of {_megabytes(whole)}")


def _answer(url: str, have: int, begun: Begun | None):
    headers = {"User-Agent": "Narcissus", "Accept-Encoding": "identity"}
    if have and begun and begun.validator:
        headers |= {"Range": f"bytes={have}-", "If-Range": begun.validator}
    try:
        answer = _opener().open(request.Request(url, headers=headers), timeout=TIMEOUT)
    except error.HTTPError as fault:
        meaning = http.client.responses.get(fault.code, "")  # the server's own words may repeat the address
        raise Unreachable(f"{masked(url)}: the server answers {fault.code} {meaning}; {ELSEWHERE}") from None
    except (http.client.HTTPException, ValueError) as fault:  # of an address with a blank or a wrong port, in full
        raise Unreachable(f"{masked(url)}: cannot be asked for ({type(fault).__name__}); {ELSEWHERE}") from None
    except OSError as fault:
        reason = getattr(fault, "reason", fault)
        raise Unreachable(f"{masked(url)}: cannot be reached ({reason}); {ELSEWHERE}") from None
    if answer.status == http.client.PARTIAL_CONTENT and _starts_at(answer) != have:
        answer.close()
        raise Unreachable(f"{masked(url)}: the server continues at another place than asked; {ELSEWHERE}")
    return answer


class _Redirects(request.HTTPRedirectHandler):
    def redirect_request(self, req, fp, code, msg, headers, newurl):
        there = urlsplit(newurl).scheme
        if there != "https" and there != urlsplit(req.full_url).scheme:
            raise error.URLError(f"it leads from {urlsplit(req.full_url).scheme} to {there}")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> request.OpenerDirector:
    """Knows http and https, and no other way of opening anything."""
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPDefaultErrorHandler(),
        _Redirects(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


def _begun(part: Path, url: str) -> Begun | None:
    """None where nothing was begun, or from another address."""
    try:
        begun = Begun(**json.loads(_notes(part).read_bytes()))
    except (OSError, ValueError, TypeError):
        return None
    return begun if begun.address == _digest(url) else None


def _validator(answer) -> str | None:
    """What If-Range may name: a strong ETag, else the date of the last change (RFC 9110, section 13.1.5)."""
    etag = answer.headers.get("ETag")
    return etag if etag and not etag.startswith("W/") else answer.headers.get("Last-Modified")


def _whole_length(answer) -> int | None:
    if answer.status == http.client.PARTIAL_CONTENT:
        total = re.search(r"/(\d+)$", answer.headers.get("Content-Range", ""))
        return int(total[1]) if total else None
    length = answer.headers.get("Content-Length", "")
    return int(length) if length.isdecimal() else None


def _starts_at(answer) -> int | None:
    start = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    return int(start[1]) if start else None


def _refuse_large(url: str, size: int | None, largest: int) -> None:
    if size is not None and size > largest:
        raise ModelCorrupt(f"{masked(url)}: larger than {_megabytes(largest)}, so it is not this network; {ELSEWHERE}")


def _refuse_full(part: Path, whole: int | None, have: int) -> None:
    free = shutil.disk_usage(part.parent).free
    if whole is not None and whole - have > free:
        raise OSError(
            errno.ENOSPC, f"{_megabytes(whole - have)} are still to come, {_megabytes(free)} are free", str(part.parent)
        )


def _refuse_pages(answer, url: str) -> None:
    if answer.headers.get_content_type() in ("text/html", "application/xhtml+xml"):
        raise ModelCorrupt(f"{masked(url)}: a web page, not the file (a site that wants a click first?); {ELSEWHERE}")


def _refuse_first(block: bytes, have: int, url: str) -> None:
    if not have and block.lstrip().lower().startswith(PAGE):
        raise ModelCorrupt(f"{masked(url)}: a web page, not the file (a site that wants a click first?); {ELSEWHERE}")


def _notes(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _size(file) -> int:
    return os.fstat(file.fileno()).st_size


def _digest(url: str) -> str:
    return hashlib.sha256(url.encode()).hexdigest()


def _megabytes(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
