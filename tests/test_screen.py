"""A window with its keys, a recorder that leaves a film, and neither shows what it must not."""

import errno
import json
import os

import cv2
import numpy as np
import pygame
import pytest

from narcissus.app.settings import Settings
from narcissus.core.errors import ScreenError
from narcissus.core.permit import Permit
from narcissus.core.sections import Display, Framing
from narcissus.core.types import Box, Face, Frame, Picture
from narcissus.people.sketch import sketch
from narcissus.sinks import displays
from narcissus.sinks.enlarge import enlarge
from narcissus.sinks.film import Moment, compressed, write_film
from narcissus.sinks.kiosk import KioskWindow
from narcissus.sinks.pace import Pace
from narcissus.sinks.recorder import LONGEST, RATE, Recorder
from narcissus.sinks.window import Window

RED = np.zeros((64, 64, 3), np.uint8) + np.array([200, 30, 30], np.uint8)
SKIN = np.full((120, 160, 3), 150, np.uint8)  # what the camera saw
POINTS = (np.random.default_rng(0).random((68, 2)) * 60 + 30).astype(np.float32)
FACE = Face(POINTS, Box(30, 30, 90, 90), 1)


class Clock:
    """Time passes only by sleeping."""

    def __init__(self) -> None:
        self.now, self.slept = 50.0, []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


def picture(image=RED, now=0.0, watched=True, camera=SKIN) -> Picture:
    behind = lambda height: sketch(Frame(camera, now), (), (), height)
    return Picture(image, now, behind=behind) if watched else Picture(image)


def test_the_pace_does_not_drift_and_does_not_catch_up():
    clock = Clock()
    pace = Pace(50.0, clock, clock.sleep)
    for _ in range(100):
        clock.now += 0.004  # work
        pace.wait()
    assert clock.now == pytest.approx(50.004 + 100 / 50)
    clock.now += 1.0  # a stall
    pace.wait()
    clock.slept.clear()
    pace.wait()
    assert clock.slept[0] == pytest.approx(1 / 50, abs=1 / 50)  # one picture at a time again, no burst


@pytest.mark.parametrize("shape", [(64, 64), (64, 48), (512, 512), (1024, 1024), (4, 4)])
def test_enlarging_keeps_the_proportions_and_the_colour(shape):
    flat = np.zeros((*shape, 3), np.uint8) + np.array([180, 120, 60], np.uint8)
    large = enlarge(flat, 480)
    assert large.shape == (480, round(480 * shape[1] / shape[0]), 3)
    assert np.abs(large.astype(int) - (180, 120, 60)).max() <= 3


def test_a_small_picture_is_enlarged_without_its_pixels():
    noise = np.random.default_rng(0).integers(100, 156, (64, 64, 3)).astype(np.uint8)
    block = lambda image: np.abs(np.diff(image.astype(float), axis=1)).max()
    assert block(enlarge(noise, 1024)) < 0.2 * block(noise.repeat(16, 0).repeat(16, 1))


@pytest.fixture
def window(monkeypatch, tmp_path):
    """On SDL's dummy display: everything is drawn, nobody sees it."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    clock = Clock()
    report = lambda: {
        "reflections_per_second": 60.0, "screen_fps": 60.0, "latency_ms": {"p50": 30.0, "p95": None},
        "latent_step_degrees": {"median": 0.4, "max": 3.0}, "stages_ms": {"find": {"p50": 5.0, "p95": 6.0}},
    }  # fmt: skip
    made = Window(
        Display(fullscreen=False),
        report=report,
        folder=tmp_path / "reflections",
        clock=clock,
        pace=Pace(60.0, clock, clock.sleep),
    )
    with made:
        pygame.event.clear()
        yield made


def press(window, key) -> list[str]:
    pygame.event.post(pygame.event.Event(pygame.KEYDOWN, key=key))
    return window.commands()


def pixels(window) -> np.ndarray:
    """What stands on the display: uint8 (width, height, 3)."""
    return pygame.surfarray.array3d(window._surface)


def test_keys_that_others_obey_are_handed_on(window):
    window.show(picture())
    keys = (pygame.K_ESCAPE, pygame.K_q, pygame.K_SPACE, pygame.K_UP, pygame.K_DOWN, pygame.K_x)
    assert [press(window, key) for key in keys] == [["quit"], ["quit"], ["freeze"], ["more"], ["less"], []]
    pygame.event.post(pygame.event.Event(pygame.QUIT))
    assert window.commands() == ["quit"]


def test_the_reflection_stands_on_black_in_its_own_proportions(window):
    window._wall.tune(Framing(fit="whole"), 0, False)
    window.show(picture(np.full((64, 32, 3), 200, np.uint8)))
    columns = pixels(window).mean(axis=(1, 2)) > 50
    width, height = window._surface.get_size()
    assert columns.sum() == pytest.approx(height / 2, abs=2)
    assert not columns[: width // 5].any()
    assert not columns[-width // 5 :].any()


@pytest.mark.parametrize("key", [pygame.K_c, pygame.K_t, pygame.K_h])
def test_overlays_come_and_go_with_their_key(window, key):
    window.show(picture())
    bare = pixels(window)
    press(window, key)
    window.show(picture())
    assert not np.array_equal(pixels(window), bare)
    press(window, key)
    window.show(picture())
    np.testing.assert_allclose(pixels(window).astype(int), bare.astype(int), atol=40)  # but for the grain


def test_the_camera_is_seen_only_when_asked_for(window):
    window.show(picture(np.zeros((64, 64, 3), np.uint8)))
    assert pixels(window).max() < 40
    press(window, pygame.K_c)
    window.show(picture(np.zeros((64, 64, 3), np.uint8)))
    assert pixels(window).max() >= 150


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
def test_the_picture_turns_with_the_display(monkeypatch, rotation):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    image = np.zeros((64, 64, 3), np.uint8)
    image[:20, :20] = 255  # the upper left corner, as the people see it
    with Window(Display(fullscreen=False, rotation=rotation)) as window:
        window.show(picture(image, watched=False))
        shown = pixels(window).mean(axis=2).T  # (height, width)
    corners = [shown[:50, :50].mean(), shown[:50, -50:].mean(), shown[-50:, -50:].mean(), shown[-50:, :50].mean()]
    assert int(np.argmax(corners)) == rotation // 90


def test_saving_leaves_the_reflection_and_nothing_else(window, tmp_path):
    press(window, pygame.K_c)
    window.show(picture())
    press(window, pygame.K_s)
    (saved,) = (tmp_path / "reflections").iterdir()
    image = cv2.cvtColor(cv2.imread(str(saved)), cv2.COLOR_BGR2RGB)
    assert image.shape == (1024, 1024, 3)
    assert np.abs(image.astype(int) - RED[0, 0]).max() <= 3
    assert str(saved) in window._message


def test_saving_where_nothing_can_be_written_says_so(window, tmp_path):
    (tmp_path / "reflections").write_text("in the way")
    window.show(picture())
    press(window, pygame.K_s)
    assert "not saved" in window._message


@pytest.mark.parametrize(("key", "said"), [(pygame.K_s, "not saved"), (pygame.K_r, "not recorded")])
def test_a_folder_that_cannot_even_be_looked_into_is_one_line(window, monkeypatch, key, said):
    """Whoever may not enter it, or whose network disk is gone, is refused at the first look for a free name."""

    def refused(path):
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr("narcissus.sinks.window.unused", refused)
    window.show(picture())
    press(window, key)
    for command in ("record", "stop recording"):
        window.obey(command)
    press(window, key)
    assert f"{said} (Permission denied)" in window._message


def test_leaving_is_black_and_can_be_done_twice(window):
    window.show(picture())
    window.close()
    assert not pygame.display.get_init()
    window.close()


def test_a_closed_window_keeps_the_walls_shape_and_no_picture(window):
    window.tune(Settings(screen=Display(rotation=90)))
    window._surface = pygame.display.set_mode((400, 300))
    window.show(picture())
    window.close()
    assert window.aspect == 300 / 400
    assert window._shown is None


def test_sound_is_never_opened(window):
    assert pygame.mixer.get_init() is None


def test_displays_are_known_by_number_and_by_name():
    known = ["Acer 24", "BenQ 4K"]
    assert [displays.number_of(wish, known) for wish in ("auto", 1, "benq")] == [0, 1, 1]
    for wish in (2, "Sony"):
        with pytest.raises(ScreenError, match=r"1 \(BenQ 4K\)"):
            displays.number_of(wish, known)


def test_without_a_display_it_says_what_to_do(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "SDL_VIDEODRIVER"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ScreenError, match="X or Wayland"):
        Window(Display())


@pytest.mark.parametrize("kind", [Window, KioskWindow])
def test_a_display_that_is_not_there_is_looked_for_anew_with_every_try(monkeypatch, kind):
    """SDL learns of a projector that is switched on later only when it begins anew."""
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    begun, begin = [], pygame.display.init
    monkeypatch.setattr(pygame.display, "init", lambda: begun.append(pygame.display.get_init()) or begin())
    for _ in range(3):
        with pytest.raises(ScreenError, match="'HDMI-2' is not there"):
            kind(Display(display="HDMI-2"))
    assert begun == [False] * 3
    assert not pygame.display.get_init()


ANYTHING, LIVE = Permit(), Permit(live=True)


def recorded(permit=ANYTHING, seconds=1.0, camera=SKIN) -> Recorder:
    clock = Clock()
    recorder = Recorder(Pace(60.0, clock, clock.sleep), permit)
    for n in range(round(seconds * 60)):
        recorder.show(picture(now=n // 2, camera=camera))
    return recorder


def frames_of(path) -> list[np.ndarray]:
    film, frames = cv2.VideoCapture(str(path)), []
    while True:
        fine, image = film.read()
        if not fine:
            return frames
        frames.append(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))


def test_the_film_shows_viewer_and_reflection_side_by_side(tmp_path):
    left = recorded().save(tmp_path, {"frames": 30}, lambda: False)
    assert {path.name for path in left} == set(os.listdir(tmp_path)) == {"mirror.webm", "contact.png", "report.json"}
    assert json.loads((tmp_path / "report.json").read_text()) == {"frames": 30}
    frames = frames_of(tmp_path / "mirror.webm")
    assert len(frames) == pytest.approx(RATE, abs=1)
    assert frames[5].shape == (480, 640 + 480, 3)
    assert np.abs(frames[5][200:280, 100:500].mean(axis=(0, 1)) - 150).max() < 8
    assert np.abs(frames[5][200:280, 750:1000].mean(axis=(0, 1)) - RED[0, 0]).max() < 12
    assert (tmp_path / "mirror.webm").read_bytes()[:4] == b"\x1a\x45\xdf\xa3"  # Matroska's, and so WebM's
    contact = cv2.imread(str(tmp_path / "contact.png"))
    assert contact.shape == (480, 12 * 240, 3)


def test_a_frame_is_sketched_with_everybodys_landmarks_the_mirrored_ones_lighter():
    black, other = np.zeros((120, 160, 3), np.uint8), Face(POINTS[::-1].copy(), FACE.box, 2)
    assert not sketch(Frame(black, 0.0), (), (), 240).any()
    for mirrored, brightest in (((FACE,), 255), ((), 120)):
        drawn = sketch(Frame(black, 0.0), (FACE, other), mirrored, 240)
        assert drawn.shape == (240, 320, 3)
        assert drawn.max() == pytest.approx(brightest, abs=6)


def test_a_live_camera_never_reaches_the_recorder():
    drawn = []

    def behind(height):
        drawn.append(height)
        return np.full((height, height, 3), 255, np.uint8)

    for permit in (LIVE, Permit()):
        clock = Clock()
        recorder = Recorder(Pace(60.0, clock, clock.sleep), permit)
        for _ in range(10):
            recorder.show(Picture(RED, 0.0, captions=("about 30 years",), behind=behind))
        if permit is LIVE:
            assert drawn == [], "the frame behind is not even drawn"
            assert all(moment.viewer is None for moment in recorder._moments)
    assert drawn, "the control: of a file it is"
    assert all(moment.viewer is not None for moment in recorder._moments)


def test_a_large_work_is_remembered_in_little_and_filmed_as_it_was(tmp_path):
    clock, wide = Clock(), np.full((720, 1280, 3), (200, 60, 40), np.uint8)
    recorder = Recorder(Pace(60.0, clock, clock.sleep), ANYTHING)
    for _ in range(60):
        recorder.show(Picture(wide, 0.0))
    assert sum(moment.reflection.nbytes for moment in recorder._moments) < wide.nbytes / 4
    recorder.save(tmp_path, {}, lambda: False)
    frame = frames_of(tmp_path / "mirror.webm")[5]
    assert frame.shape == (480, 854, 3)
    assert np.abs(frame[100:-100, 100:-100].mean(axis=(0, 1)) - wide[0, 0]).max() < 8


def test_before_a_live_camera_the_film_shows_the_reflection_alone(tmp_path):
    recorded(LIVE, camera=np.full((120, 160, 3), 255, np.uint8)).save(tmp_path, {}, lambda: False)
    frame = frames_of(tmp_path / "mirror.webm")[5]
    assert frame.shape == (480, 480, 3), "no landmark either"
    assert np.abs(frame.reshape(-1, 3).astype(int) - RED[0, 0]).max() < 16


def test_what_leaves_the_window_shares_nothing_with_the_camera():
    left = LIVE.outside(picture())
    assert (left.behind, left.answers, left.captions) == (None, None, ())
    assert left.image is RED, "the reflection shows nobody who exists"
    shown = Picture(SKIN, 0.0, shows_viewer=True)
    assert LIVE.outside(shown).image.shape == SKIN.shape
    assert not LIVE.outside(shown).image.any()
    assert Permit().outside(shown) is shown


def test_the_film_of_a_long_day_fits_into_bounded_memory():
    clock = Clock()
    recorder = Recorder(Pace(60.0, clock, clock.sleep), Permit())
    small = picture(np.zeros((4, 4, 3), np.uint8), camera=np.zeros((4, 4, 3), np.uint8))
    for n in range(round(LONGEST * RATE) + 50):
        recorder.keep(small, n / RATE)
    assert len(recorder._moments) == LONGEST * RATE


def test_a_film_that_must_end_early_is_whole(tmp_path):
    moments = [Moment(RED, compressed(cv2.resize(SKIN, (640, 480))))] * 60
    asked = iter([False] * 10 + [True] * 60)
    assert write_film(tmp_path / "short.webm", moments, RATE, lambda: next(asked)) == 10
    assert len(frames_of(tmp_path / "short.webm")) == 10


def test_a_film_without_viewer_or_pictures_is_no_fault(tmp_path):
    clock = Clock()
    empty = Recorder(Pace(60.0, clock, clock.sleep), Permit())
    assert [path.name for path in empty.save(tmp_path, {}, lambda: False)] == ["report.json"]
    empty.show(picture(watched=False))
    assert len(empty.save(tmp_path, {}, lambda: False)) == 3
    assert frames_of(tmp_path / "mirror.webm")[0].shape == (480, 480, 3)
