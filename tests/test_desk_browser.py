"""The desk as an artist meets it: a real headless Chromium, a real desk, a wall that answers.

Takes half a minute: the browser starts twice.
"""

import pytest
from desk_parts import Desk, LiveWall, wall_and_desk
from page_parts import wait
from test_page_browser import PHONE, RIGHT, luminance, ratio, shown
from webdriver import Chromium

from narcissus.app.desk.controls import NAMES
from narcissus.app.settings import load, value_of
from narcissus.page.desk import signpost

TALL = (1440, 900)
LAID = "return document.querySelectorAll('.control').length"
RANGE = "document.querySelector('[data-name=\"{}\"] input[type=range]')"
VALUE = "return document.querySelector('[data-name=\"scenes.mirror.calm\"] .value').textContent"


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    with wall_and_desk(tmp_path_factory.mktemp("wall")) as both:
        yield both


@pytest.fixture(scope="module")
def chromium():
    with Chromium(*TALL) as browser:
        yield browser


@pytest.fixture
def browser(room, chromium):
    chromium.go("about:blank")
    chromium.go(room[1].link)
    chromium.until(LAID)
    yield chromium
    assert chromium.complaints() == [], "and the browser's console has nothing to say, of the policy above all"


def holds(wall, name, value) -> bool:
    return wait(lambda: value_of(wall.settings, name) == value, 10)


def test_every_live_setting_lies_there_with_its_comment_and_shows_what_holds(room, browser):
    assert browser.run(LAID) == len(NAMES)
    comments = browser.run("return [...document.querySelectorAll('.comment')].map((one) => one.textContent)")
    assert len(comments) == len(NAMES)
    assert all(comments)
    assert browser.until(VALUE) == f"{room[0].settings.scenes.mirror.calm:.2f}"


def test_a_slider_turns_the_wall_by_keyboard(room, browser):
    before = room[0].settings.framing.zoom
    browser.run(f"{RANGE.format('framing.zoom')}.focus()")
    browser.press(RIGHT)
    assert holds(room[0], "framing.zoom", round(before + 0.01, 2))


def test_what_another_hand_turns_is_shown(room, browser):
    browser.run("window.calm = document.querySelector('[data-name=\"scenes.mirror.calm\"] input')")
    room[0].path.write_text(f"{room[0].path.read_text()}scenes: {{mirror: {{calm: 0.33}}}}\n")
    browser.until(f"{VALUE} === '0.33'")
    assert browser.run("return window.calm.value") == "0.33"


TURN_TWELVE = """
const plain = window.setTimeout;
[window.looks, window.left] = [0, 40];
window.setTimeout = (act, after) => { window.looks += after === 600; return plain(act, after); };
const ranges = [...document.querySelectorAll('input[type=range]')].slice(0, 12);
const turning = setInterval(() => {
  for (const one of ranges) {
    one.value = Number(one.min) + (one.max - one.min) * (window.left % 2 ? 0.4 : 0.6);
    one.dispatchEvent(new Event('input'));
  }
  if (!--window.left) clearInterval(turning);
}, 50);
"""


def test_however_much_is_turned_one_look_is_still_to_come(room, browser):
    """It once was one for each control, and each of them asked for as many again: two hands held up the wall."""
    browser.run(TURN_TWELVE)
    browser.until("return window.left === 0")
    assert 0 < browser.run("return window.looks") <= 40


REFUSED_AND_TURNED_MEANWHILE = """
for (const [name, value] of [['scenes.mirror.calm', 7], ['framing.zoom', 1.75]]) {
  const range = document.querySelector(`[data-name="${name}"] input[type=range]`);
  range.max = Math.max(range.max, value);
  range.value = value;
  range.dispatchEvent(new Event('input'));
}
"""


def test_what_is_turned_while_the_wall_refuses_something_else_is_asked_for_too(room, browser):
    browser.run(REFUSED_AND_TURNED_MEANWHILE)
    browser.until("return !document.querySelector('[data-name=\"scenes.mirror.calm\"] .fault').hidden")
    assert holds(room[0], "framing.zoom", 1.75)
    browser.until(f"{VALUE} === '{room[0].settings.scenes.mirror.calm:.2f}'")


def test_what_is_turned_while_no_mirror_answers_goes_back_to_what_holds(chromium, tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    said = "return document.querySelector('[data-name=\"scenes.mirror.calm\"] .fault').textContent"
    turn = "const one = {}; one.value = 0.95; one.dispatchEvent(new Event('input'))"
    with Desk("--beside") as desk:
        with LiveWall(tmp_path) as wall:
            chromium.go(desk.link)
            held = f"{VALUE} === '{wall.settings.scenes.mirror.calm:.2f}'"
            chromium.until(LAID)
            chromium.until(held)
        chromium.until("return document.body.classList.contains('away')")
        chromium.run(turn.format(RANGE.format("scenes.mirror.calm")))
        chromium.until(f"{said} === 'the wall is away'")
        chromium.until(held)
        with LiveWall(tmp_path):
            chromium.until(f"{said} === ''")
            assert chromium.run(held)
        chromium.go("about:blank")  # or it would complain that the desk is gone


@pytest.mark.parametrize(
    ("script", "name", "value"),
    [
        ("{}.querySelector('[value=pixels]').click()", "framing.filter", "pixels"),
        ("{}.querySelector('.switch').click()", "scenes.mirror.guesses", True),
        ("{}.querySelector('[value=place]').click()", "scenes.mirror.follow", ["tilt", "distance"]),
        ("{}.querySelector('[value=\"90\"]').click()", "screen.rotation", 90),
        (
            "const one = {}.querySelector('input'); one.value = '#102030'; one.dispatchEvent(new Event('input'))",
            "framing.background",
            "#102030",
        ),
        (
            "const one = {}.querySelector('input'); one.value = 0.4; one.dispatchEvent(new Event('input'))",
            "framing.grain",
            0.4,
        ),
        ("{}.querySelector('.word').click()", "framing.grain", "auto"),
    ],
    ids=lambda one: str(one)[:30],
)
def test_every_kind_of_control_is_turned_by_a_finger(room, browser, script, name, value):
    browser.run(script.format(f"document.querySelector('[data-name=\"{name}\"]')"))
    assert holds(room[0], name, value)


def test_the_wall_lives_in_the_corner(browser):
    sum_up = "return document.getElementById('picture').toDataURL()"
    browser.until("return document.getElementById('picture').width > 100")
    first = browser.run(sum_up)
    assert wait(lambda: browser.run(sum_up) != first, 10)


def test_presets_are_kept_put_in_order_renamed_chosen_and_removed(room, browser):
    names = "return [...document.querySelectorAll('#looks .choose')].map((one) => one.lastChild.textContent)"
    browser.run("document.getElementById('name').value = 'evening'; document.querySelector('#keep button').click()")
    browser.until(f"{names}.join() === 'bold,quiet,evening'")
    browser.run("document.getElementById('arrange').click()")
    browser.click("[aria-label='evening: up']")
    browser.until(f"{names}.join() === 'bold,evening,quiet'")
    browser.click("[aria-label='evening: another name']")
    browser.run(
        "document.querySelector('#looks input').value = 'night'; document.querySelector('#looks input').focus()"
    )
    browser.press("\ue007")
    browser.until(f"{names}.join() === 'bold,night,quiet'")
    assert list(load(room[0].path).presets) == ["bold", "night", "quiet"]
    browser.click("[aria-label='night: remove']")
    assert list(load(room[0].path).presets) == ["bold", "night", "quiet"], "it asks once more"
    browser.click("[aria-label='night: remove']")
    browser.until(f"{names}.join() === 'bold,quiet'")
    browser.run("document.activeElement.blur()")
    browser.press("1")
    assert holds(room[0], "scenes.mirror.exaggeration", 1.8)
    browser.until("return document.querySelector('#looks .chosen .choose')?.lastChild.textContent === 'bold'")


def test_space_freezes_and_the_button_shows_it(room, browser):
    browser.press(" ")
    browser.until("return document.getElementById('freeze').getAttribute('aria-pressed') === 'true'")
    assert "freeze" in room[0].sink.obeyed
    browser.click("#freeze")
    browser.until("return document.getElementById('freeze').getAttribute('aria-pressed') === 'false'")


def test_faults_stand_under_the_state_of_health(room, browser):
    browser.until("return document.getElementById('faults').textContent === 'All is well.'")
    room[0].built.journal.fault("camera", "is black")
    browser.until("return document.getElementById('faults').textContent === 'camera: is black'")
    room[0].built.journal.recovered("camera")


def test_the_token_stands_in_no_address_and_a_reload_goes_on(room, browser):
    assert browser.run("return location.href") == room[1].link.partition("#")[0]
    browser.run("location.reload()")
    browser.until(LAID)


def test_the_file_with_which_a_browser_is_started_leads_to_the_desk(room, chromium, tmp_path):
    with signpost(tmp_path, room[1].link) as address:
        chromium.go(address)
        chromium.until(LAID)


def test_it_is_dark_and_readable(browser):
    paper = luminance(shown(browser, "body", "backgroundColor"))
    assert paper < 0.02
    assert ratio(luminance(shown(browser, "body", "color")), paper) >= 7
    assert ratio(luminance(shown(browser, ".comment", "color")), paper) >= 4.5, "WCAG 2.2, AA"


def test_on_a_phone_nothing_hangs_over_and_everything_fits_a_finger(room):
    with Chromium(*PHONE) as browser:
        browser.go(room[1].link)
        browser.until(LAID)
        browser.until("return document.getElementById('picture').width > 100")
        browser.run("document.getElementById('arrange').click()")
        assert browser.run("return document.documentElement.scrollWidth <= innerWidth")
        heights = (
            "return [...document.querySelectorAll('.acts button, .choose, .tools button, #keep *, .words label')]"
            ".filter((one) => one.offsetParent).map((one) => one.offsetHeight)"
        )
        assert min(browser.run(heights)) >= 44
        browser.run("window.scrollTo(0, 3000)")
        assert browser.run("return document.getElementById('wall').getBoundingClientRect().top") == 0, "still in sight"


def test_without_the_link_it_says_where_it_stands(room):
    with Chromium(*TALL) as browser:
        browser.go(room[1].link.partition("#")[0])
        browser.until("return document.getElementById('status').textContent.includes('make desk')")
        assert browser.run(LAID) == 0
