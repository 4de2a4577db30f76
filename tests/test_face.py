"""Faces are found, followed and let go: on faces the generator draws, and on real people where they are at hand."""

import importlib.util
import threading
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from narcissus.core.errors import ModelMissing
from narcissus.core.types import Box, Frame
from narcissus.people import FaceFinder, describe, find_portrait, models, portrait, searching
from narcissus.people.portrait import resized

RATE = 30.0


@pytest.fixture(scope="session")
def clear(drawn):
    """Four drawn faces that the detector sees beyond doubt, uint8 (4, 64, 64, 3)."""
    seen = [
        picture for picture in drawn if (found := models.detect(room((picture, 320, 240, 260)))) and found[0].score > 1
    ]
    return np.stack(seen[:4])


def room(*people, shape=(480, 640), light=1.0):
    """A wall with (picture, centre x, centre y, size) in front of it, in grey: uint8 (H, W)."""
    image = np.broadcast_to(np.linspace(90, 130, shape[1], dtype=np.uint8), shape).copy()
    for picture, x, y, size in people:
        turn = np.float32([[size / 64, 0, x - size / 2], [0, size / 64, y - size / 2]])
        face = models.grey(picture)
        cv2.warpAffine(face, turn, shape[::-1], image, flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_TRANSPARENT)
    return cv2.convertScaleAbs(image, alpha=light)


def watch(finder, pictures, start=0.0, cut=False):
    """What the finder makes of pictures that come 30 times a second: one list of faces each."""
    return [finder.find(Frame(picture, start + i / RATE, cut=cut and i == 0)) for i, picture in enumerate(pictures)]


def seen_at(face, x, y, size):
    """Whether the face is the one drawn there; the face fills about 0.85 of the picture."""
    return face.box.overlap(models.square(x, y + 0.04 * size, 0.85 * size)) > 0.5


def test_a_face_is_found_in_most_drawn_portraits(drawn):
    found = [face for face in map(find_portrait, drawn) if face is not None]
    assert len(found) >= 28
    for face in found:
        assert face.landmarks.shape == (68, 2)
        assert face.landmarks.dtype == np.float32
        assert 25 < face.box.width < 70


def test_a_portrait_is_read_in_its_own_pixels_whatever_its_size(clear):
    for picture in clear:
        small, large = (
            find_portrait(picture),
            find_portrait(cv2.resize(picture, (192, 192), interpolation=cv2.INTER_CUBIC)),
        )
        expected = (small.landmarks + 0.5) * 3 - 0.5
        apart = np.linalg.norm(large.landmarks - expected, axis=1).mean() / models.interocular(expected)
        assert apart < 0.03


@pytest.mark.parametrize("shape", [(64, 64, 3), (1, 1, 3), (2, 90, 3), (64, 64)])
def test_an_empty_picture_holds_no_face(shape):
    assert find_portrait(np.full(shape, 128, np.uint8)) is None


def test_landmarks_of_a_portrait_tremble_half_as_much_as_those_of_one_box(clear, monkeypatch):
    """A picture a little smaller moves the detector's box, and with it every point."""

    def trembling():
        seen = [[find_portrait(resized(face, 6 * scale)).landmarks / scale for scale in (1, 0.93)] for face in clear]
        return np.mean([np.abs(one - other).mean() / models.interocular(one) for one, other in seen])

    calm = trembling()
    monkeypatch.setattr(portrait, "SHIFTS", ((0, 0),))
    assert calm < 0.7 * trembling()


def test_a_grey_portrait_is_a_portrait(clear):
    assert find_portrait(clear[0].mean(axis=2).astype(np.uint8)) is not None


def test_enlarging_is_opencvs_bicubic():
    image = np.random.default_rng(1).integers(0, 256, (40, 64, 3), np.uint8)
    expected = cv2.resize(image, (256, 160), interpolation=cv2.INTER_CUBIC)
    assert np.abs(resized(image, 4.0).astype(int) - expected).max() <= 1


def test_pictures_of_ever_new_sizes_do_not_fill_the_memory():
    for side in range(20, 80):
        resized(np.zeros((side, side), np.uint8), 0.5)
    assert portrait._cubic_weights.cache_info().currsize <= 32


def test_the_same_person_has_the_nearer_descriptor(clear):
    def code(picture):
        return describe(picture, find_portrait(picture).landmarks)

    one, other = code(clear[0]), code(clear[1])
    darker = code((clear[0] * 0.8).astype(np.uint8))
    assert one.shape == (128,)
    assert np.linalg.norm(one - darker) < 0.5 * np.linalg.norm(one - other)


def test_a_moving_face_keeps_its_identity_and_is_where_it_is(clear):
    path = [(200 + 5 * i, 240 + 2 * i, 220 + 2 * i) for i in range(40)]
    results = watch(FaceFinder(), [room((clear[0], *place)) for place in path])
    assert all(len(faces) == 1 for faces in results)
    assert {faces[0].identity for faces in results} == {1}
    assert all(seen_at(faces[0], *place) for faces, place in zip(results, path, strict=True))


def test_followed_landmarks_are_those_of_full_detection(clear):
    pictures = [room((clear[1], 300 + 2 * i, 240, 240)) for i in range(30)]
    errors = []
    for picture, faces in zip(pictures, watch(FaceFinder(), pictures), strict=True):
        full = models.predict(picture, models.detect(picture)[0].box)
        errors.append(np.linalg.norm(faces[0].landmarks - full, axis=1).mean() / models.interocular(full))
    assert np.median(errors) < 0.02


def test_following_asks_the_detector_only_now_and_then(clear, monkeypatch):
    finder, picture = FaceFinder(), room((clear[0], 320, 240, 240))
    watch(finder, [picture] * 60)  # by now every part of this still picture has been searched
    searched = []
    detect = models.detect
    monkeypatch.setattr(models, "detect", lambda *args: searched.append(args[0].size) or detect(*args))
    watch(finder, [picture] * 60, start=2.0)
    assert sum(searched) / 2 < 1.1e6  # pixels a second; searching every frame would be 9 million


def test_whoever_leaves_is_gone_at_once(clear):
    finder = FaceFinder()
    assert watch(finder, [room((clear[0], 320, 240, 240))] * 15)[-1]
    after = watch(finder, [room()] * 15, start=15 / RATE)
    assert all(not faces for faces in after[4:])


def test_a_photograph_held_before_the_lens_is_not_the_viewers_face(clear):
    """Something else where the face was: no stale landmarks stay on it."""
    finder = FaceFinder()
    watch(finder, [room((clear[0], 320, 240, 240))] * 10)
    noise = np.random.default_rng(0).integers(0, 256, (480, 640), np.uint8)
    assert not watch(finder, [noise] * 6, start=10 / RATE)[-1]


def test_a_face_lost_for_a_moment_is_the_same_one_again(clear):
    finder, there = FaceFinder(), room((clear[0], 320, 240, 240))
    watch(finder, [there] * 10)
    hidden = watch(finder, [room()] * 8, start=10 / RATE)
    assert not hidden[-1]
    again = watch(finder, [there] * 5, start=18 / RATE)
    assert [face.identity for face in again[4]] == [1]


def test_after_a_longer_absence_it_is_somebody_new(clear):
    finder, there = FaceFinder(), room((clear[0], 320, 240, 240))
    watch(finder, [there] * 10)
    watch(finder, [room()] * 40, start=10 / RATE)
    again = watch(finder, [there] * 9, start=50 / RATE)
    assert [face.identity for face in again[-1]] == [2]


def test_a_cut_forgets_everybody(clear):
    finder, there = FaceFinder(), room((clear[0], 320, 240, 240))
    watch(finder, [there] * 5)
    after = watch(finder, [there] * 5, start=5 / RATE, cut=True)
    assert [face.identity for face in after[0]] == [2]


def test_two_people_are_two_faces(clear):
    pictures = [room((clear[0], 180 + i, 240, 220), (clear[1], 470 - i, 240, 220)) for i in range(30)]
    results = watch(FaceFinder(), pictures)
    assert all(len(faces) == 2 for faces in results[8:])
    assert len({face.identity for faces in results for face in faces}) == 2


def test_somebody_who_joins_the_viewer_is_found(clear):
    finder = FaceFinder()
    watch(finder, [room((clear[0], 180, 240, 220))] * 40)
    both = room((clear[0], 180, 240, 220), (clear[1], 470, 240, 220))
    assert len(watch(finder, [both] * 40, start=40 / RATE)[-1]) == 2


def test_a_viewer_two_metres_away_is_found_and_followed(clear):
    pictures = [room((clear[0], 900 + i, 300, 88), shape=(720, 1280)) for i in range(24)]
    results = watch(FaceFinder(reach=2.0), pictures)
    assert all(len(faces) == 1 and faces[0].box.width < 95 for faces in results[9:])


def test_everybody_within_reach_lies_whole_in_a_tile_that_shows_them_large_enough():
    rng = np.random.default_rng(0)
    for height, width, reach in [
        (480, 640, 2.0),
        (720, 1280, 2.0),
        (1280, 720, 1.0),
        (1080, 1920, 3.0),
        (480, 640, 0.5),
    ]:
        tiles = searching.tiles((height, width), reach)
        smallest = searching.FACE_AT_ONE_METRE / reach * max(height, width)
        for size in np.geomspace(smallest, min(height, width), 12):
            for _ in range(20):
                left, top = rng.uniform(0, width - size), rng.uniform(0, height - size)
                assert any(holds(tile, left, top, size) for tile in tiles), (height, width, reach, size)


def holds(tile, left, top, size):
    region = tile.region
    whole = region.left <= left and left + size <= region.right and region.top <= top and top + size <= region.bottom
    return whole and size * tile.scale >= 0.99 * min(searching.DETECTOR_SIZE, size * searching.ENLARGED_AT_MOST)


def test_a_search_costs_no_more_than_its_budget(monkeypatch):
    searched = []
    monkeypatch.setattr(searching, "detect_in", lambda _, region, scale: searched.append(region.area * scale**2) or [])
    search, rng = searching.Search(reach=2.0), np.random.default_rng(0)
    for i in range(90):  # everything changes all the time
        search.look(rng.integers(0, 256, (480, 640), np.uint8), i / RATE, following=True)
    assert sum(searched) < searching.AT_ONCE + 3 * searching.BUDGET_FOLLOWING + searching.TILE


def test_a_still_room_is_searched_seldom_and_a_change_in_it_at_once(monkeypatch):
    searched = []
    monkeypatch.setattr(searching, "detect_in", lambda _, region, scale: searched.append(region) or [])
    search, still = searching.Search(reach=2.0), room()
    for i in range(90):
        search.look(still, i / RATE, following=False)
    searched.clear()
    changed = still.copy()
    changed[200:240, 500:540] = 255
    for i in range(3):
        search.look(changed, 3 + i / RATE, following=False)
    assert any(region.left < 500 and region.right > 540 for region in searched[:2])


def test_a_poster_never_moves_and_a_person_does(clear):
    rng = np.random.default_rng(0)
    finder = FaceFinder()
    for i in range(60):
        people = (clear[0], 180, 240, 220), (clear[1], 470 + 4 * np.sin(i / 8), 240 + 3 * np.sin(i / 11), 220)
        noisy = np.clip(room(*people) + rng.normal(0, 3, (480, 640)), 0, 255).astype(np.uint8)
        faces = finder.find(Frame(noisy, i / RATE))
    poster, person = sorted(faces, key=lambda face: face.box.left)
    assert not poster.has_moved
    assert person.has_moved


def test_daylight_does_not_bring_a_poster_to_life(clear):
    """A minute of a day: the light rises by half and falls again."""
    finder = FaceFinder()
    for i in range(60):
        faces = finder.find(Frame(room((clear[0], 320, 240, 240), light=0.8 + 0.4 * np.sin(np.pi * i / 60)), float(i)))
        assert not any(face.has_moved for face in faces)


def test_whoever_has_moved_stays_a_person_at_rest(clear):
    finder = FaceFinder()
    watch(finder, [room((clear[0], 250 + 3 * i, 240, 240)) for i in range(20)])
    resting = watch(finder, [room((clear[0], 307, 240, 240))] * 60, start=20 / RATE)
    assert resting[-1][0].has_moved


@pytest.mark.parametrize("shape", [(48, 64, 3), (1, 1, 3), (90, 1, 3)])
def test_a_frame_too_small_for_anybody_is_empty(shape):
    assert FaceFinder().find(Frame(np.zeros(shape, np.uint8), 0.0)) == []


def test_a_frame_of_another_size_needs_no_cut(clear):
    finder = FaceFinder()
    watch(finder, [room((clear[0], 320, 240, 240))] * 5)
    assert not watch(finder, [np.zeros((48, 64), np.uint8)] * 5, start=5 / RATE)[-1]


def test_a_missing_landmark_model_is_named_with_its_remedy(monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelMissing, match=r"shape_predictor.*pip install face_recognition_models"):
        models._model("shape_predictor_68_face_landmarks.dat", str)


def test_a_real_viewer_is_followed_where_the_detector_sees_one(shared):
    """Takes two seconds: the detector looks at every sixth of 120 real frames."""
    video = cv2.VideoCapture(str(shared / "viewers" / "man_480.mp4"))
    finder, misses = FaceFinder(), 0
    for i in range(120):
        picture = models.grey(cv2.cvtColor(video.read()[1], cv2.COLOR_BGR2RGB))
        faces = finder.find(Frame(picture, i / RATE))
        if i % 6 == 0:
            box: Box = models.detect(picture)[0].box
            misses += not any(face.box.overlap(box) > 0.5 for face in faces)
    assert misses == 0
    assert [face.identity for face in faces] == [1]
    assert faces[0].has_moved


def test_each_thread_has_a_detector_of_its_own():
    """It works in memory that it keeps: a scene that is made looks at a face while another looks at the camera's."""
    with ThreadPoolExecutor(2) as threads:
        both = threading.Barrier(2)
        others = [threads.submit(lambda: (both.wait(30), models._detector())[1]) for _ in range(2)]
        detectors = [models._detector(), *(other.result() for other in others)]
    assert len({id(detector) for detector in detectors}) == 3
    assert models._detector() is detectors[0]
