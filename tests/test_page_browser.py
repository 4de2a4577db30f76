"""The page as a visitor meets it: a real headless Chromium, a real server, a real upload.

Takes half a minute or more: server, workers and browser start.
"""

import base64
import io
import time

import numpy as np
import pytest
from page_parts import Page, as_file, chance_model, photograph, wait
from PIL import Image
from webdriver import Chromium

from narcissus.networks.colour.colourist import Colourist
from narcissus.page.answer import Answerer
from narcissus.stills.photograph import read_photograph
from narcissus.stills.still import Painting, Wish, lightness

WIDE, PHONE = (1280, 900), (390, 844)
RIGHT, TAB = "\ue014", "\ue004"  # WebDriver's codes of the keys
ANSWERED = "return !document.getElementById('result').hidden"
SAID = "return document.getElementById('status').textContent"
LIVE = "return !document.getElementById('live').hidden"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return chance_model(tmp_path_factory.mktemp("model"))


@pytest.fixture(scope="module")
def page(model):
    with Page(model, "--workers", "1") as page:
        yield page


@pytest.fixture(scope="module")
def portrait(drawn, tmp_path_factory):
    """A portrait that nobody sat for, as a file."""
    image = Image.fromarray(drawn[3]).resize((900, 900), Image.Resampling.BICUBIC)
    path = tmp_path_factory.mktemp("pictures") / "portrait.png"
    path.write_bytes(as_file(np.asarray(image)))
    return path


@pytest.fixture(scope="module")
def browser(page, tmp_path_factory):
    with Chromium(*WIDE, downloads=tmp_path_factory.mktemp("downloads")) as browser:
        yield browser


@pytest.fixture
def answered(browser, page, portrait):
    """The browser with the portrait's answer before it."""
    browser.go(page.address)
    browser.give_file("#file", portrait)
    browser.until(ANSWERED)
    yield browser
    assert browser.complaints() == [], "and the browser's console has nothing to say, of the policy above all"


def painted_by_us(photo, colourist, wish) -> np.ndarray:
    """The picture as a file would be, uint8 (H, W, 3); no faces are looked for."""
    painting = Painting(photo, colourist, wish, lambda image: [])
    return painting.rows(0, photo.pixels.shape[0])[..., :3]


def test_a_portrait_is_answered_in_grey_and_in_assumed_colours(answered):
    chroma = (
        "const c = document.getElementById(arguments[0]); const d = c.getContext('2d').getImageData(0, 0, c.width, "
    )
    chroma += "c.height).data; let most = 0; for (let i = 0; i < d.length; i += 4) most = Math.max(most, "
    chroma += "Math.abs(d[i] - d[i + 1]), Math.abs(d[i + 2] - d[i + 1])); return most"
    assert answered.run(chroma, "grey") <= 1
    assert answered.run(chroma, "assumed") > 20
    assert answered.run("return document.querySelectorAll('#slices input').length") == 8
    rows = answered.run("return [...document.querySelectorAll('#palette th')].map((cell) => cell.textContent)")
    assert {"cheek", "lip", "hair"} <= set(rows)
    assert answered.run("return document.querySelectorAll('#palette li').length") >= 2 * len(rows)


def test_only_a_small_grey_copy_leaves_the_browser(browser, page, portrait):
    """What the page promises its visitors, looked at on the line: no colours, no metadata, 768 pixels."""
    browser.go(page.address)
    browser.run(
        "window.sent = []; const real = window.fetch; window.fetch = (address, how) => { window.sent.push(how.body); "
        "return real(address, how); }"
    )
    browser.give_file("#file", portrait)
    browser.until(ANSWERED)
    found = browser.run_async(
        "const done = arguments[0]; const reader = new FileReader(); reader.onload = () => done(reader.result);"
        "reader.readAsDataURL(window.sent[0])"
    )
    copy = Image.open(io.BytesIO(base64.b64decode(found.partition(",")[2])))
    assert copy.format == "JPEG"
    assert max(copy.size) == 768
    assert not copy.getexif()
    pixels = np.asarray(copy.convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() <= 2, "grey"
    assert browser.run("return window.sent.length") == 1


def test_the_browser_paints_as_the_house_does(browser, page, model):
    """The JavaScript beside its second witness in Python, pixel by pixel."""
    colourist = Colourist.open(model)
    data = photograph(400, 300, kind="PNG")
    answer = Answerer(colourist, lambda image: [])(data, 0.6)
    photo = read_photograph(data, "it")
    script = """
        const [answer, pixels, slice, done] = arguments;
        const bytes = (text) => Uint8ClampedArray.from(atob(text), (c) => c.charCodeAt(0));
        import("/colour.js").then(({ readAnswer, paint }) => {
          const image = new ImageData(bytes(pixels), 400);
          paint(image, readAnswer(bytes(answer).buffer), slice);
          done(btoa(Array.from(image.data, (level) => String.fromCharCode(level)).join("")));
        });
    """
    rgba = np.dstack([photo.pixels, np.full((300, 400), 255, np.uint8)])
    browser.go(page.address)
    for slice_, house in (
        (None, painted_by_us(photo, colourist, Wish("all", 0.6, 0.0))),
        ("older", painted_by_us(photo, colourist, Wish("older", 0.6))),
    ):
        words = [base64.b64encode(part).decode() for part in (answer, rgba.tobytes())]
        painted = base64.b64decode(browser.run_async(script, *words, slice_))
        ours = np.frombuffer(painted, np.uint8).reshape(300, 400, 4)[..., :3]
        assert np.abs(ours.astype(int) - house).mean() < 2.5
        assert np.abs(lightness(np.ascontiguousarray(ours)) - lightness(house)).mean() < 0.5


def test_the_download_is_the_whole_picture_and_its_lightness_is_untouched(answered, portrait):
    folder = answered.downloads
    answered.click("#download")
    assert wait(lambda: list(folder.glob("*.png")), 30)
    (path,) = folder.glob("*.png")
    assert path.name == "assumed-all.png"
    saved, given = (np.asarray(Image.open(file).convert("RGB")) for file in (path, portrait))
    assert saved.shape == given.shape
    difference = np.abs(lightness(saved) - lightness(given))
    assert np.median(difference) < 0.5, "but for colours that no screen can show"


def test_everything_is_done_by_keyboard(answered):
    focused = "return document.activeElement.id || document.activeElement.value"
    answered.run("document.getElementById('compare').focus()")
    answered.press(RIGHT)
    assert answered.run("return document.getElementById('stage').style.getPropertyValue('--at')") == "51%"
    answered.press(TAB)
    assert answered.run(focused) == "all"
    before = answered.run("return document.getElementById('assumed').toDataURL()")
    answered.press(RIGHT)
    assert answered.run(focused) == "lighter"
    assert answered.run("return document.getElementById('assumed').toDataURL()") != before
    order = []
    for _ in range(3):
        answered.press(TAB)
        order.append(answered.run(focused))
    assert order == ["temperature", "download", "another"]


def test_the_temperature_asks_again_and_shows_what_it_was_told(answered):
    shown = "document.getElementById('assumed').toDataURL()"
    answered.run(f"window.before = {shown}")
    answered.run(
        "const dial = document.getElementById('temperature'); dial.value = 1000; dial.dispatchEvent(new Event('input'))"
    )
    answered.until("return document.getElementById('degrees').textContent.startsWith('2.00')")
    answered.until(f"return {shown} !== window.before")  # the dial waits before it asks
    answered.until("return !document.getElementById('stage').classList.contains('asking')")
    assert answered.run(f"return {shown} !== window.before")


def test_the_webcam_is_opened_by_a_click_only_and_closed_after_the_picture(browser, page):
    browser.go(page.address)
    browser.run(
        "window.opened = 0; const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);"
        "navigator.mediaDevices.getUserMedia = async (how) => {"
        "window.opened++; return (window.stream = await real(how)); }"
    )
    time.sleep(0.5)
    assert browser.run("return window.opened") == 0
    browser.click("#webcam")
    browser.until("return !document.getElementById('live').hidden && document.getElementById('video').videoWidth > 0")
    browser.click("#take")
    browser.until(ANSWERED)
    assert browser.run("return window.opened") == 1
    assert browser.run("return window.stream.getTracks().every((track) => track.readyState === 'ended')")


def test_a_second_picture_that_is_refused_leaves_nothing_of_the_first_to_be_turned(answered, portrait):
    answered.run("window.fetch = async () => new Response('damaged', { status: 422 })")
    answered.give_file("#file", portrait)
    answered.until(f"{SAID} === 'damaged'")
    assert not answered.run(ANSWERED)


LATER = """
[window.due, window.sent] = [new Map(), 0];
const [plain, forget] = [window.setTimeout, window.clearTimeout];
window.setTimeout = (act, after) => {
  const number = plain(after === 160 ? () => {} : act, after);
  if (after === 160) window.due.set(number, act);
  return number;
};
window.clearTimeout = (number) => { window.due.delete(number); forget(number); };
window.fetch = async () => { window.sent++; return new Response('no picture', { status: 415 }); };
const dial = document.getElementById('temperature');
dial.value = 900;
dial.dispatchEvent(new Event('input'));
const turned = window.due.size;
document.getElementById('another').click();
window.due.forEach((act) => act());
return [turned, window.sent];
"""


def test_a_dial_that_was_turned_asks_nothing_once_another_picture_is_wanted(answered):
    assert answered.run(LATER) == [1, 0]


HELD_COPY = """
window.sent = 0;
window.fetch = async () => { window.sent++; return new Response('no picture', { status: 415 }); };
const real = HTMLCanvasElement.prototype.toBlob;
HTMLCanvasElement.prototype.toBlob = function (done, ...how) {
  real.call(this, (blob) => { window.copied = () => done(blob); }, ...how);
};
"""


def test_a_picture_that_is_still_copied_when_the_webcam_is_wanted_is_not_asked_about(browser, page, portrait):
    browser.go(page.address)
    browser.run(HELD_COPY)
    browser.give_file("#file", portrait)
    browser.until("return Boolean(window.copied)")
    browser.click("#webcam")
    browser.until(LIVE)
    assert browser.run_async("window.copied(); setTimeout(arguments[0], 0, 'over')") == "over"
    assert browser.run("return window.sent") == 0


ASKED_FOR_WEBCAM = """
window.streams = [];
window.asked = 0;
window.allowed = new Promise((allow) => { window.allow = allow; });
const real = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
navigator.mediaDevices.getUserMedia = async (how) => {
  window.asked++;
  await window.allowed;
  window.streams.push(await real(how));
  return window.streams.at(-1);
};
"""
UNANSWERED = """
window.fetch = (_, { signal }) => new Promise((_, fail) => {
  window.signal = signal;
  signal.onabort = () => fail(signal.reason);
});
"""
OFF = (
    "return window.streams.length"
    " && window.streams.every((one) => one.getTracks().every((track) => track.readyState === 'ended'))"
)


def test_a_webcam_that_is_allowed_after_a_picture_was_given_goes_off_at_once(browser, page, portrait):
    browser.go(page.address)
    browser.run(ASKED_FOR_WEBCAM)
    browser.run(UNANSWERED)
    browser.click("#webcam")
    browser.give_file("#file", portrait)
    browser.until("return window.signal")
    browser.run("window.allow()")
    browser.until(OFF)
    assert not browser.run(LIVE)
    assert not browser.run("return document.getElementById('webcam').disabled")


def test_two_clicks_open_one_webcam_and_leaving_switches_it_off(browser, page):
    browser.go(page.address)
    browser.run(ASKED_FOR_WEBCAM)
    browser.run("const one = document.getElementById('webcam'); one.click(); one.click(); window.allow()")
    browser.until(LIVE)
    browser.click("#leave")
    assert browser.run(OFF)
    assert browser.run("return window.asked") == 1


def test_whoever_turns_to_the_webcam_while_a_picture_is_asked_about_calls_the_question_off(browser, page, portrait):
    """Its answer would hide the webcam, and leave it on."""
    browser.go(page.address)
    browser.run(ASKED_FOR_WEBCAM)
    browser.run(UNANSWERED)
    browser.give_file("#file", portrait)
    browser.until("return window.signal")
    browser.run("window.allow()")
    browser.click("#webcam")
    assert browser.run("return window.signal.aborted")
    browser.until(LIVE)


@pytest.mark.parametrize("name", ["notes.txt", "broken.jpg"])
def test_what_is_no_picture_is_said_in_one_line_and_nothing_is_sent(browser, page, tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"What colour do they think I am?" if name == "notes.txt" else photograph(300, 200)[:99])
    browser.go(page.address)
    browser.give_file("#file", path)
    browser.until("return document.getElementById('status').classList.contains('fault')")
    assert "cannot read that file" in browser.run(SAID)
    assert not browser.run(ANSWERED)


def test_on_a_phone_nothing_hangs_over_and_every_button_fits_a_finger(page, portrait):
    with Chromium(*PHONE) as browser:
        browser.go(page.address)
        fits = "return document.documentElement.scrollWidth <= innerWidth"
        assert browser.run(fits)
        browser.give_file("#file", portrait)
        browser.until(ANSWERED)
        assert browser.run(fits)
        heights = (
            "return [...document.querySelectorAll('button')].filter((b) => b.offsetParent).map((b) => b.offsetHeight)"
        )
        assert min(browser.run(heights)) >= 44


def test_dark_where_the_visitor_has_it_dark_and_readable_in_both(browser, page):
    contrast = {}
    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        browser.devtools("Emulation.setEmulatedMedia", {"features": features})
        browser.go(page.address)
        paper = luminance(shown(browser, "body", "backgroundColor"))
        inks = [luminance(shown(browser, where, "color")) for where in ("body", "footer")]
        contrast[scheme] = [ratio(ink, paper) for ink in inks]
        assert (paper < 0.1) == (scheme == "dark")
    browser.devtools("Emulation.setEmulatedMedia", {"features": []})
    assert min(min(pair) for pair in contrast.values()) >= 4.5, "WCAG 2.2, AA"


def shown(browser, where: str, what: str) -> list[int]:
    """Red, green and blue of what the browser has computed."""
    found = browser.run(f"return getComputedStyle(document.querySelector(arguments[0])).{what}", where)
    return [int(part) for part in found.removeprefix("rgb(").rstrip(")").split(",")]


def luminance(rgb: list[int]) -> float:
    """Relative, as WCAG has it."""
    parts = [level / 255 for level in rgb]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def ratio(one: float, other: float) -> float:
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)
