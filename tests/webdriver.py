"""A real headless Chromium, spoken to in the W3C's WebDriver protocol over plain HTTP."""

import base64
import json
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from page_parts import wait
from ports import free_port

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
)
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # WebDriver's name for a reference to an element


class Chromium:
    """`with Chromium(1280, 900) as browser`: skips the test where there is none."""

    def __init__(self, width: int, height: int, downloads: Path | None = None) -> None:
        if not shutil.which("chromedriver"):
            pytest.skip("Chromium's driver is not here; install the package chromium-driver")
        self._profile = tempfile.mkdtemp()
        self._size, self.downloads = (width, height), downloads

    def __enter__(self) -> "Chromium":
        port = free_port()
        self._base = f"http://127.0.0.1:{port}"
        self._driver = subprocess.Popen(
            ["chromedriver", f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        assert wait(self._ready, 60)
        words = [*FLAGS, f"--user-data-dir={self._profile}", "--window-size={},{}".format(*self._size)]
        asked = {"goog:chromeOptions": {"args": words}, "goog:loggingPrefs": {"browser": "ALL"}}
        if self.downloads:
            asked["goog:chromeOptions"]["prefs"] = {"download.default_directory": str(self.downloads)}
        found = self._call("POST", "/session", {"capabilities": {"alwaysMatch": asked}})
        self._session = f"/session/{found['sessionId']}"
        width, height = self._size
        self.devtools(
            "Emulation.setDeviceMetricsOverride",
            {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600},
        )
        return self

    def __exit__(self, *_) -> None:
        try:
            self._call("DELETE", self._session)
        finally:
            self._driver.terminate()
            self._driver.wait(20)
            shutil.rmtree(self._profile, ignore_errors=True)

    @property
    def pid(self) -> int:
        """Of the driver, whose descendants draw the page."""
        return self._driver.pid

    def go(self, address: str) -> None:
        self._call("POST", f"{self._session}/url", {"url": address})

    def run(self, script: str, *values):
        """What the body of a function returns."""
        return self._call("POST", f"{self._session}/execute/sync", {"script": script, "args": values})

    def run_async(self, script: str, *values):
        """What is given to the last argument of the function whose body this is."""
        return self._call("POST", f"{self._session}/execute/async", {"script": script, "args": values})

    def give_file(self, selector: str, path: Path) -> None:
        self._call("POST", f"{self._element(selector)}/value", {"text": str(path)})

    def click(self, selector: str) -> None:
        self._call("POST", f"{self._element(selector)}/click", {})

    def press(self, key: str) -> None:
        """One key, by its character or WebDriver's code, wherever the focus is."""
        keys = [{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]
        self._call("POST", f"{self._session}/actions", {"actions": [{"type": "key", "id": "keys", "actions": keys}]})

    def until(self, script: str, seconds: float = 60):
        """Waits until it returns something that is true."""
        end = time.monotonic() + seconds
        while not (found := self.run(script)):
            assert time.monotonic() < end, f"{script}: not within {seconds:g} s; {self.complaints()}"
            time.sleep(0.1)
        return found

    def complaints(self) -> list[str]:
        """What the browser wrote into its console since it was last asked."""
        return [line["message"] for line in self._call("POST", f"{self._session}/se/log", {"type": "browser"})]

    def devtools(self, command: str, values: dict) -> dict:
        return self._call("POST", f"{self._session}/goog/cdp/execute", {"cmd": command, "params": values})

    def picture(self, whole: bool = True) -> bytes:
        """A PNG of the page."""
        return base64.b64decode(
            self.devtools("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole})["data"]
        )

    def _element(self, selector: str) -> str:
        found = self._call("POST", f"{self._session}/element", {"using": "css selector", "value": selector})
        return f"{self._session}/element/{found[ELEMENT]}"

    def _ready(self) -> bool:
        try:
            return self._call("GET", "/status")["ready"]
        except OSError:
            return False

    def _call(self, method: str, path: str, body: dict | None = None):
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self._base + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as fault:
            raise AssertionError(f"{path}: {fault.read().decode(errors='replace')[:500]}") from None
