"""Frames from files, cameras and the imaginary viewer: mirrored once, paced by a clock, clear about what is wrong."""

import contextlib
import itertools
import struct

import cv2
import numpy as np
import pytest

from narcissus.core.errors import SourceEnded, SourceError, SourceMissing
from narcissus.people import models
from narcissus.sources import open_source
from narcissus.sources.cuts import Cuts
from narcissus.sources.demo import DemoSource
from narcissus.sources.photos import PhotoSource, photos_in
from narcissus.sources.video import VideoSource

RATE, COUNT = 25.0, 12


class Clock:
    """Time that passes only by sleeping, or when told."""

    def __init__(self, now=100.0):
        self.now = now

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds >= 0
        self.now += seconds

    def parts(self):
        return {"clock": self, "sleep": self.sleep}


def numbered(number):
    """A picture that says which it is by its grey, with a white left edge: uint8 (48, 64, 3)."""
    image = np.full((48, 64, 3), 40 + 10 * number, np.uint8)
    image[:, :16] = 255
    return image


@pytest.fixture
def film(tmp_path):
    path = tmp_path / "a film.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (64, 48))
    for number in range(COUNT):
        writer.write(numbered(number))
    writer.release()
    return path


def number_of(frame):
    return round((int(frame.image[24, 10, 0]) - 40) / 10)


def test_a_video_comes_at_its_own_pace_and_in_its_own_order(film):
    clock = Clock()
    with VideoSource(film, **clock.parts()) as source:
        frames = [source.read() for _ in range(COUNT)]
    assert [number_of(frame) for frame in frames] == list(range(COUNT))
    assert np.allclose([frame.time for frame in frames], 100 + np.arange(COUNT) / RATE, atol=0.002)
    assert clock.now == pytest.approx(frames[-1].time)
    assert source.period == pytest.approx(1 / RATE)


def test_every_frame_is_mirrored_rgb_and_whole(film, tmp_path):
    red_left = np.zeros((48, 64, 3), np.uint8)
    red_left[:, :32] = (0, 0, 255)
    cv2.imwrite(str(tmp_path / "red.png"), red_left)
    image = open_source(str(tmp_path / "red.png")).read().image
    assert image[0, 63].tolist() == [255, 0, 0]
    assert image[0, 0].tolist() == [0, 0, 0]
    assert image.flags.c_contiguous
    with VideoSource(film, **Clock().parts()) as source:
        assert source.read().image[24, 60].min() > 240


def test_a_late_reader_skips_frames_and_queues_none(film):
    clock = Clock()
    with VideoSource(film, **clock.parts()) as source:
        source.read()
        clock.now += 5.4 / RATE
        late = source.read()
        assert number_of(late) in (5, 6)
        assert abs(late.time - clock.now) <= 1 / RATE
        assert number_of(source.read()) == number_of(late) + 1


def test_a_reader_who_is_always_too_late_still_sees_frames(film):
    clock = Clock()
    with VideoSource(film, **clock.parts()) as source:
        for _ in range(5):
            clock.now += 10.0
            assert source.read().image.shape == (48, 64, 3)


def test_a_video_begins_again_and_the_seam_is_a_cut(film):
    with VideoSource(film, **Clock().parts()) as source:
        frames = [source.read() for _ in range(2 * COUNT + 1)]
    assert [i for i, frame in enumerate(frames) if frame.cut] == [0, COUNT, 2 * COUNT]
    assert np.allclose(np.diff([frame.time for frame in frames]), 1 / RATE, atol=0.002)


def test_a_video_played_once_ends(film):
    with VideoSource(film, once=True, **Clock().parts()) as source:
        for _ in range(COUNT):
            source.read()
        with pytest.raises(SourceEnded):
            source.read()


def test_a_hard_cut_is_a_cut_and_a_moving_camera_is_not():
    rng = np.random.default_rng(0)
    place, other = (cv2.resize(rng.integers(0, 256, (9, 16, 3), np.uint8), (640, 360)) for _ in range(2))
    cuts = Cuts()
    pans = [cuts.at(np.roll(place, 4 * i, axis=1)) for i in range(20)]
    assert not any(pans)
    assert cuts.at(other)
    assert not cuts.at(other)


@pytest.mark.parametrize("name", ["notes.txt", "notes.mp4", "list.m3u8"])
def test_a_text_is_not_a_video(tmp_path, name):
    (tmp_path / name).write_text("#EXTM3U\nhttp://example.invalid/film.ts\n" * 40)
    with pytest.raises(SourceError, match=name):
        open_source(str(tmp_path / name))


@pytest.mark.parametrize("name", ["empty.mp4", "noise.mp4", "cut.jpg", "noise.png"])
def test_a_broken_file_is_refused_in_our_words_and_nobody_elses(tmp_path, capfd, name):
    noise = np.random.default_rng(0).integers(0, 256, 5000, np.uint8).tobytes()
    start = {"cut.jpg": b"\xff\xd8\xff\xe0", "noise.png": b"\x89PNG\r\n\x1a\n"}.get(name, b"")
    (tmp_path / name).write_bytes(b"" if name == "empty.mp4" else start + noise)
    with pytest.raises(SourceError, match=name):
        open_source(str(tmp_path / name))
    assert capfd.readouterr().err == ""


def test_what_is_not_there_is_said_to_be_missing(tmp_path):
    with pytest.raises(SourceMissing, match="no such file"):
        open_source(str(tmp_path / "nothing.mp4"))


def test_the_smallest_photo_is_a_photo(tmp_path):
    cv2.imwrite(str(tmp_path / "one.png"), np.full((1, 1, 3), 7, np.uint8))
    source = open_source(str(tmp_path / "one.png"))
    assert source.read().image.tolist() == [[[7, 7, 7]]]
    assert not source.live


def test_a_photo_is_turned_as_its_exif_says(tmp_path):
    upright = np.zeros((40, 80, 3), np.uint8)
    jpeg = cv2.imencode(".jpg", upright)[1].tobytes()
    turned_right = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0"
    path = tmp_path / "turned.jpg"
    path.write_bytes(jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(turned_right) + 2) + turned_right + jpeg[2:])
    assert open_source(str(path)).read().image.shape == (80, 40, 3)


def test_a_photo_larger_than_any_screen_is_made_smaller(tmp_path):
    cv2.imwrite(str(tmp_path / "large.png"), np.zeros((1000, 4000, 3), np.uint8))
    assert open_source(str(tmp_path / "large.png")).read().image.shape == (480, 1920, 3)


def test_a_photo_stays_and_only_its_first_frame_is_a_cut(tmp_path):
    cv2.imwrite(str(tmp_path / "a.png"), numbered(3))
    source = PhotoSource([tmp_path / "a.png"], "a", **Clock().parts())
    frames = [source.read() for _ in range(200)]
    assert [frame.cut for frame in frames] == [True] + [False] * 199
    assert all(later.time > earlier.time for earlier, later in itertools.pairwise(frames))


def test_photos_of_a_folder_follow_each_other_each_a_cut(tmp_path):
    for number in (2, 5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    (tmp_path / "notes.txt").write_text("not a photo")
    assert open_source(str(tmp_path)).read().cut
    source = PhotoSource([tmp_path / "2.png", tmp_path / "5.png"], "folder", each=1.0, once=True, **Clock().parts())
    frames = []
    with contextlib.suppress(SourceEnded):
        frames.extend(source.read() for _ in range(60))
    assert 29 <= len(frames) <= 33
    assert [number_of(frame) for frame in frames if frame.cut] == [2, 5]
    assert {number_of(frame) for frame in frames} == {2, 5}


def test_a_broken_photo_in_a_folder_is_passed_over(tmp_path):
    for number in (2, 5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    (tmp_path / "3.png").write_bytes((tmp_path / "2.png").read_bytes()[:60])
    paths = [tmp_path / f"{number}.png" for number in (3, 2, 3, 5)]
    source = PhotoSource(paths, "folder", each=1.0, **Clock().parts())
    assert [number_of(frame) for frame in (source.read() for _ in range(40)) if frame.cut] == [2, 5, 2]


def test_photos_shown_once_end_also_where_the_last_is_broken(tmp_path):
    for number in (2, 5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    (tmp_path / "7.png").write_bytes((tmp_path / "2.png").read_bytes()[:60])
    paths = [tmp_path / f"{number}.png" for number in (2, 5, 7)]
    source = PhotoSource(paths, "folder", each=1.0, once=True, **Clock().parts())
    frames = []
    with pytest.raises(SourceEnded):
        frames.extend(source.read() for _ in range(60))
    assert [number_of(frame) for frame in frames if frame.cut] == [2, 5]


def test_a_folder_without_photos_is_refused(tmp_path):
    with pytest.raises(SourceError, match="no photos"):
        open_source(str(tmp_path))


def test_the_imaginary_viewer_is_found_as_anybody_is(generator):
    """Takes a few seconds: the detector looks at 24 moments of two visits."""
    clock = Clock()
    with DemoSource(generator.render, generator.latent_size, **clock.parts()) as source:
        found = present = 0
        for _ in range(24):
            clock.now += 1.0
            frame = source.read()
            visit, moment = source._visit, frame.time - 100.0
            if visit.ends - 1.2 > moment > visit._start + 1.2 or moment < 1.0:
                present += 1
                found += bool(models.detect(models.grey(frame.image)))
    assert present >= 12
    assert found >= 0.95 * present - 1


class Drawing:
    """Draws everybody as a bright square, and remembers whom it was asked for."""

    def __init__(self):
        self.latents = []

    def __call__(self, latents):
        self.latents += list(latents)
        return np.full((len(latents), 8, 8, 3), 200, np.uint8)


def test_the_imaginary_viewer_keeps_its_own_pace():
    clock = Clock()
    source = DemoSource(Drawing(), 16, **clock.parts())
    frames = [source.read() for _ in range(12)]
    assert np.allclose(np.diff([frame.time for frame in frames]), 1 / 30)
    assert clock.now == pytest.approx(frames[-1].time)
    assert {frame.image.shape for frame in frames} == {(480, 640, 3)}
    assert all(frame.image.flags.c_contiguous for frame in frames)


def test_the_imaginary_viewer_comes_and_goes():
    clock = Clock()
    source = DemoSource(Drawing(), 16, **clock.parts())
    there = []
    for _ in range(60):
        clock.now += 0.5
        there.append((source.read().image > 190).all(axis=2).mean() > 0.02)
    assert sum(there) > 40
    assert any(before and not now for before, now in itertools.pairwise(there))
    assert any(now and not before for before, now in itertools.pairwise(there))


def test_the_imaginary_viewer_changes_slowly_along_the_sphere():
    clock, draw = Clock(), Drawing()
    source = DemoSource(draw, 16, **clock.parts())
    for _ in range(60):
        clock.now += 0.1
        source.read()
    latents = np.stack(draw.latents)
    assert np.allclose(np.linalg.norm(latents, axis=1), 4.0, rtol=1e-5)
    degrees = np.degrees(np.arccos(np.clip((latents[1:] * latents[:-1]).sum(axis=1) / 16, -1, 1)))
    assert degrees.max() < 4.0  # so near that two neighbours can be mixed


def test_a_late_reader_of_the_imaginary_viewer_sees_now():
    clock = Clock()
    source = DemoSource(lambda latents: np.zeros((1, 8, 8, 3), np.uint8), 16, **clock.parts())
    source.read()
    clock.now += 3.0
    assert source.read().time >= 103.0 - 1 / 30


def test_a_real_broadcast_is_cut_where_it_is_cut(shared):
    with VideoSource(shared / "viewers" / "stage_360p.mp4", once=True, **Clock().parts()) as source:
        cuts = [i for i in range(275) if source.read().cut]
    assert cuts == [0, 20, 82, 211]


def test_photos_come_in_the_order_in_which_people_count(tmp_path):
    for name in ("10.png", "2.png", "1b.png", "1a.png", ".hidden.png"):
        cv2.imwrite(str(tmp_path / name), numbered(1))
    assert [path.name for path in photos_in(tmp_path)] == ["1a.png", "1b.png", "2.png", "10.png"]


def test_what_only_looks_like_a_photo_is_named_in_one_line(tmp_path, caplog):
    cv2.imwrite(str(tmp_path / "1.png"), numbered(1))
    for name in ("a.heic", "b.jpg", "c.jpeg", "d.png", "notes.txt"):
        (tmp_path / name).write_bytes(b"no photo")
    assert [path.name for path in photos_in(tmp_path)] == ["1.png"]
    assert [record.getMessage() for record in caplog.records] == [
        f"{tmp_path}: 4 files cannot be read as photos and are left out: a.heic, b.jpg, c.jpeg, …"
    ]


def test_a_photo_that_breaks_off_is_named_once_however_often_the_folder_is_shown(tmp_path, caplog):
    for number in (2, 5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    (tmp_path / "3.png").write_bytes((tmp_path / "2.png").read_bytes()[:60])
    source = PhotoSource(photos_in(tmp_path), "folder", each=0.5, **Clock().parts())
    assert [number_of(frame) for frame in (source.read() for _ in range(60)) if frame.cut][:4] == [2, 5, 2, 5]
    assert len([record for record in caplog.records if "3.png" in record.getMessage()]) == 1


def test_the_artist_says_how_long_a_photo_stays(tmp_path):
    for number in (2, 5):
        cv2.imwrite(str(tmp_path / f"{number}.png"), numbered(number))
    source = open_source(str(tmp_path), photo_seconds=12.5)
    assert source._each == 12.5
