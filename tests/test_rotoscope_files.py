"""What the rotoscope promises for files: no seams, nothing lost or overwritten, films that go on where they were."""

import io
import os
import signal
import struct
import subprocess
import sys
import time
from fractions import Fraction

import av
import cv2
import numpy as np
import pytest
from conftest import ROOT
from PIL import Image
from style_parts import write_filter

from narcissus.app import painted_film
from narcissus.app.painted_film import paint_film
from narcissus.networks.style import Light
from narcissus.stills import tiles
from narcissus.stills.files import every_photo
from narcissus.stills.painting import Filtered, Wish
from narcissus.stills.photograph import Photograph, read_photograph

sys.path.insert(0, str(ROOT / "scripts"))
import rotoscope as script

RATE = Fraction(30000, 1001)


class Blurred:
    """A filter that looks 20 pixels around, and lays a pattern that stays where it is in the whole picture."""

    name, strength, halo, precision, origin = "blurred", 1.0, 20, "float32", {}

    def __init__(self):
        self.shapes = set()

    def apply(self, pictures, strength, scale=1.0, corner=(0, 0)):
        self.shapes.add(pictures.shape)
        size = 2 * int(self.halo * scale) + 1
        down, across = (at + np.arange(side) for at, side in zip(corner, pictures.shape[1:3], strict=True))
        pattern = ((down[:, None] * 7 + across[None] * 3) % 97 // 4)[..., None]
        soft = [cv2.blur(picture, (size, size), borderType=cv2.BORDER_REFLECT_101) for picture in pictures]
        soft = [np.clip(picture + pattern, 0, 255).astype(np.uint8) for picture in soft]
        return np.stack([cv2.addWeighted(p, 1 - strength, s, strength, 0) for p, s in zip(pictures, soft, strict=True)])


def noise(height, width, depth=np.uint8):
    return np.random.default_rng(0).integers(0, np.iinfo(depth).max, (height, width, 3), depth)


def painted_whole(image):
    """In one tile, lit before."""
    return Blurred().apply(Light.of(image).lit(image, 1.0)[None], 1.0)[0]


def written(photo, wish) -> bytes:
    file = io.BytesIO()
    Filtered(photo, Blurred(), wish).write(file)
    return file.getvalue()


@pytest.mark.parametrize("shape", [(700, 901), (257, 1400), (1400, 120)])
@pytest.mark.parametrize("scale", [1.0, 2.0, 0.5])
def test_tiles_have_no_seams_and_few_sizes(monkeypatch, shape, scale):
    monkeypatch.setattr(tiles, "WHOLE", 1)
    monkeypatch.setattr(tiles, "TILE", 4)
    image, filter = noise(*shape), Blurred()
    whole = filter.apply(image[None], 0.7, scale)[0]
    filter.shapes.clear()
    np.testing.assert_array_equal(tiles.painted(image, filter, 0.7, scale), whole)
    assert len(filter.shapes) == 1, "a network is compiled once for each size"
    assert filter.shapes != {(1, *shape, 3)}, "the control: there were tiles"


def test_tiles_of_a_real_filter_have_no_seams(monkeypatch, tmp_path):
    from narcissus.networks.style import Filter

    filter = Filter.load(write_filter(tmp_path), precision="float32")
    image = cv2.GaussianBlur(noise(401, 523), (0, 0), 3)
    whole = filter.apply(image[None], 1.0)[0].astype(int)
    assert np.abs(whole - image).mean() > 2, "the control: it paints"
    monkeypatch.setattr(tiles, "WHOLE", 1)
    monkeypatch.setattr(tiles, "TILE", 4)
    assert np.abs(tiles.painted(image, filter, 1.0) - whole).max() <= 1


def test_weights_of_tiles_sum_to_one():
    found = tiles.spans(5000, 60, 1.0)
    total = np.zeros(found[-1].stop)
    for span in found:
        total[span.start : span.stop] += span.weight
    assert len(found) > 4
    np.testing.assert_allclose(total, 1, atol=1e-6)


def test_sixteen_bits_and_alpha_are_kept():
    deep = noise(60, 80, np.uint16)
    alpha = np.arange(80, dtype=np.uint16)[None].repeat(60, 0)
    back = cv2.imdecode(np.frombuffer(written(Photograph(deep, alpha), Wish(0.0)), np.uint8), cv2.IMREAD_UNCHANGED)
    np.testing.assert_array_equal(back[..., [2, 1, 0]], deep, "of what is not painted nothing is lost")
    np.testing.assert_array_equal(back[..., 3], alpha)
    back = cv2.imdecode(np.frombuffer(written(Photograph(deep), Wish(1.0)), np.uint8), cv2.IMREAD_UNCHANGED)
    eight = painted_whole((deep >> 8).astype(np.uint8))
    assert back.dtype == np.uint16
    assert np.median(np.abs((back[..., ::-1] >> 8).astype(int) - eight)) <= 1


@pytest.mark.parametrize("dots", [(0, 0), (300, 0), (2**32 - 1, 1)])
def test_a_resolution_that_makes_no_sense_is_left_out(dots):
    buffer = io.BytesIO()
    Image.fromarray(noise(20, 30)).save(buffer, "TIFF", dpi=(300, 300))
    right, wrong = struct.pack("<II", 300, 1), struct.pack("<II", *dots)
    assert buffer.getvalue().count(right) == 2
    photo = read_photograph(buffer.getvalue().replace(right, wrong), "x")
    assert photo.dpi is None
    assert "dpi" not in Image.open(io.BytesIO(written(photo, Wish(0.0)))).info


def test_a_large_photograph_is_written_as_it_was_painted(monkeypatch):
    monkeypatch.setattr(tiles, "WHOLE", 1)
    monkeypatch.setattr(tiles, "TILE", 4)
    monkeypatch.setattr("narcissus.stills.painting.STRIP", 3000)
    image = noise(500, 420)
    back = read_photograph(written(Photograph(image), Wish(1.0)), "x").pixels
    np.testing.assert_array_equal(back, painted_whole(image))


# ---- films


def write_clip(path, frames=30, sound=True, size=(66, 50)):
    """A square that moves over a pattern; a tone of 440 Hz."""
    with av.open(str(path), "w") as film:
        track = film.add_stream("mpeg4", rate=RATE)
        track.width, track.height, track.pix_fmt, track.bit_rate = *size, "yuv420p", 4_000_000
        heard = film.add_stream("aac", rate=44100, layout="mono") if sound else None
        pattern = noise(size[1] // 5, size[0] // 6).repeat(5, 0).repeat(6, 1)
        for number in range(frames):
            image = pattern.copy()
            image[10:30, number : number + 12] = 255
            film.mux(track.encode(av.VideoFrame.from_ndarray(image, "rgb24")))
        film.mux(track.encode())
        if sound:
            tone = np.sin(np.arange(int(44100 * frames / RATE)) * 2 * np.pi * 440 / 44100).astype(np.float32)
            for start in range(0, len(tone), 1024):
                frame = av.AudioFrame.from_ndarray(tone[None, start : start + 1024], "fltp", layout="mono")
                frame.rate, frame.pts, frame.time_base = 44100, start, Fraction(1, 44100)
                film.mux(heard.encode(frame))
            film.mux(heard.encode())
    return path


def pictures(path):
    with av.open(str(path)) as film:
        return [(float(f.pts * f.time_base), f.to_ndarray(format="rgb24")) for f in film.decode(video=0)]


@pytest.fixture
def clip(tmp_path):
    return write_clip(tmp_path / "clip.mp4")


def darker(image):
    return image // 2


def test_a_film_keeps_its_frames_their_times_its_size_and_its_sound(clip, tmp_path):
    out = tmp_path / "out.webm"
    paint_film(clip, out, darker, "darker")
    before, after = pictures(clip), pictures(out)
    assert [moment for moment, _ in after] == pytest.approx([moment for moment, _ in before], abs=0.001)
    for (_, one), (_, other) in zip(before[::7], after[::7], strict=True):
        assert one.shape == other.shape
        assert np.abs(one.astype(int) // 2 - other).mean() < 8
    with av.open(str(out)) as film:
        assert film.streams.video[0].average_rate == RATE
        heard = np.concatenate([frame.to_ndarray()[0] for frame in film.decode(audio=0)])
    assert len(heard) / 48_000 == pytest.approx(30 / RATE, abs=0.05)
    peak = np.abs(np.fft.rfft(heard)).argmax() * 48_000 / len(heard)
    assert peak == pytest.approx(440, abs=3)
    assert not list(tmp_path.glob(".*")), "nothing is left of the work"


def test_left_stays_left(tmp_path):
    clip = write_clip(tmp_path / "clip.mp4", frames=3, sound=False)
    paint_film(clip, tmp_path / "out.webm", lambda image: image, "as it is")
    (_, before), (_, after) = pictures(clip)[2], pictures(tmp_path / "out.webm")[2]
    assert np.abs(before.astype(int) - after).mean() < 8 < np.abs(before[:, ::-1].astype(int) - after).mean()


@pytest.mark.parametrize("at", [0, 3, 17, 24])
def test_a_film_that_was_stopped_goes_on_where_it_was_and_is_the_same(clip, tmp_path, monkeypatch, at):
    monkeypatch.setattr(painted_film, "PART", 8)
    whole, out = tmp_path / "whole.webm", tmp_path / "out.webm"
    paint_film(clip, whole, darker, "darker")
    painted = []

    def stopped(image):
        if len(painted) == at:
            raise KeyboardInterrupt
        painted.append(1)
        return darker(image)

    with pytest.raises(KeyboardInterrupt):
        paint_film(clip, out, stopped, "darker")
    assert not out.exists()
    again = []
    paint_film(clip, out, lambda image: (again.append(1), darker(image))[1], "darker")
    assert out.read_bytes() == whole.read_bytes()
    assert len(again) == 30 - at // 8 * 8, "whole parts are not painted twice"


def test_parts_of_another_wish_are_not_gone_on_with(clip, tmp_path, monkeypatch):
    monkeypatch.setattr(painted_film, "PART", 8)
    out = tmp_path / "out.webm"
    folder = painted_film.workplace(clip, out, "darker")
    assert folder != painted_film.workplace(clip, out, "lighter")
    assert folder != painted_film.workplace(write_clip(tmp_path / "other.mp4", frames=9), out, "darker")


def test_progress_begins_where_it_was(clip, tmp_path, monkeypatch):
    monkeypatch.setattr(painted_film, "PART", 8)
    told = []

    def stop(done, of):
        told.append((done, of))
        if done == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        paint_film(clip, tmp_path / "out.webm", darker, "darker", stop)
    assert told == [(n, 30) for n in range(21)]
    told.clear()
    paint_film(clip, tmp_path / "out.webm", darker, "darker", lambda *how: told.append(how))
    assert told == [(n, 30) for n in range(16, 31)]


# ---- the tool


@pytest.fixture
def tool(monkeypatch, tmp_path):
    """The script with a filter that blurs, before a folder with a photograph and a film."""
    from narcissus.networks.style import Filter

    monkeypatch.setattr(Filter, "load", lambda *_, **__: Blurred())
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    (tmp_path / "in").mkdir()
    Image.fromarray(noise(60, 80)).save(tmp_path / "in" / "a.jpg")
    write_clip(tmp_path / "in" / "b.mp4", frames=4, sound=False)
    return lambda *words: script.main([str(tmp_path / "in"), "--filter", "x", "--out", str(tmp_path / "out"), *words])


def test_a_folder_becomes_a_collection_and_nothing_is_overwritten(tool, tmp_path, capsys):
    assert tool() == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert names == {"a.png", "b.webm", "contact.png", "index.html"}
    page = (tmp_path / "out" / "index.html").read_text()
    assert page.count("<figure>") == 2
    assert 'href="a.png"' in page
    assert "://" not in page, "it asks nobody for anything; base64, which may spell any word, has no colon"
    assert Image.open(tmp_path / "out" / "contact.png").size[0] > 80
    (tmp_path / "out" / "a.png").write_bytes(b"mine")
    (tmp_path / "out" / "b.webm").unlink()
    Image.fromarray(noise(60, 80)).save(tmp_path / "out" / "a.png")
    mine = (tmp_path / "out" / "a.png").read_bytes()
    capsys.readouterr()
    assert tool() == 0
    assert (tmp_path / "out" / "a.png").read_bytes() == mine
    assert "a.png exists already" in capsys.readouterr().err
    assert (tmp_path / "out" / "index.html").read_text() == page
    assert (tmp_path / "out" / "index-2.html").exists(), "a collection that has changed has another page"


def test_what_was_made_before_is_no_photograph(tmp_path):
    for name in ("a.jpg", "painted/a.png", ".a.webm.0f0f/000000.webm"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in every_photo([tmp_path], tmp_path / "painted")] == ["a.jpg"]


def test_one_that_cannot_be_read_does_not_stop_the_others(tool, tmp_path, capsys):
    (tmp_path / "in" / "bad.jpg").write_bytes(b"bad")
    assert tool() == 0
    assert "bad.jpg: not a picture" in capsys.readouterr().err
    assert script.main([str(tmp_path / "in" / "bad.jpg"), "--filter", "x"]) == 66


def test_a_photograph_smaller_than_a_filter_paints_is_named(tool, tmp_path, capsys):
    Image.fromarray(noise(12, 40)).save(tmp_path / "in" / "thumb.png")
    assert tool() == 0
    assert "thumb.png: 40 × 12 pixels are too few; 16 at least" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--strength", "1.5"], ["--scale", "9"], []])
def test_what_makes_no_sense_is_refused_before_anything_is_loaded(words, capsys):
    with pytest.raises(SystemExit):
        script.main(["x.jpg", *(["--filter", "x"] if words else []), *words])
    assert "goes from" in capsys.readouterr().err or not words


def test_a_tool_that_is_ended_in_the_middle_leaves_whole_files_and_goes_on(tmp_path, monkeypatch):
    """SIGTERM to the real tool, with a small filter, in the middle of a film."""
    monkeypatch.setattr(signal, "signal", lambda *_: None)  # this process stays as it is
    clip = write_clip(tmp_path / "clip.mp4", frames=200, sound=False, size=(240, 180))
    where = write_filter(tmp_path / "filters")
    command = [sys.executable, str(ROOT / "scripts" / "rotoscope.py"), str(clip), "--filter", str(where), "--out"]
    process = subprocess.Popen([*command, str(tmp_path / "out")], stderr=subprocess.PIPE, text=True)
    deadline = time.monotonic() + 120
    while not list((tmp_path / "out").glob(".*/000000.webm")) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGTERM)
    assert process.wait(120) == 130
    assert "goes on from here" in process.stderr.read()
    assert not (tmp_path / "out" / "clip.webm").exists()
    for folder in ("out", "whole"):
        assert script.main([*command[2:], str(tmp_path / folder)]) == 0
    assert (tmp_path / "out" / "clip.webm").read_bytes() == (tmp_path / "whole" / "clip.webm").read_bytes()
