"""Arrival, hand-over, departure and dream last as long as they are set; a schedule hangs what it says, when it says."""

import datetime

import numpy as np
import pytest
from gallery import Gallery, face, tuned
from pydantic import ValidationError

from narcissus.app.programme import Entry
from narcissus.app.schedule import Schedule, scheduled
from narcissus.app.settings import Settings, load
from narcissus.core.errors import ConfigError
from narcissus.core.timeouts import HOLD, STALE
from narcissus.core.types import Picture
from narcissus.motion import angle


def gallery_of(**settings) -> Gallery:
    gallery = Gallery()
    gallery.mirror.tune(tuned(**settings))
    return gallery


def gone(gallery: Gallery, start: np.ndarray, aim: np.ndarray) -> np.ndarray:
    """The share of the way from `start` to `aim` that is behind each picture."""
    return 1 - angle(gallery.latents, aim) / angle(start, aim)


@pytest.mark.parametrize("seconds", [0.4, 0.8, 2.0])
def test_an_arrival_takes_as_long_as_it_is_set_and_is_no_cut(seconds):
    gallery = gallery_of(arrival=seconds)
    gallery.live(2.0)
    before = gallery.pictures[-1].state.latent
    gallery.pictures.clear()
    gallery.live(2 * seconds, [face()])
    way = gone(gallery, before, gallery.seen.latent)
    reached = np.argmax(way > 0.9) / 60
    assert reached == pytest.approx(seconds, rel=0.25)
    assert np.diff(way).max() < max(0.02, 0.1 * 0.4 / seconds), "and no picture jumps"
    assert way[round(10 * seconds)] > 0.02, "and it begins at once"


def test_by_itself_an_arrival_is_seen_to_come():
    assert Settings().scenes.mirror.arrival >= 0.6


def test_a_hand_over_has_a_time_of_its_own():
    quick, slow = gallery_of(hand_over=0.3, arrival=3.0), gallery_of(hand_over=2.0, arrival=0.3)
    reached = []
    for gallery in (quick, slow):
        gallery.live(4.5, [face(identity=1)])
        before = gallery.pictures[-1].state.latent
        gallery.pictures.clear()
        gallery.live(3.0, [face(identity=2, x=60, mouth=0.5)])
        reached.append(np.argmax(gone(gallery, before, gallery.seen.latent) > 0.9) / 60)
    assert reached[0] < 0.6
    assert 1.4 < reached[1] < 2.6


def phases(gallery: Gallery) -> list[str]:
    return [picture.state.phase for picture in gallery.pictures]


@pytest.mark.parametrize("seconds", [0.4, 2.0])
def test_a_leavers_face_stays_as_long_as_a_departure_is_set(seconds):
    gallery = gallery_of(departure=seconds)
    gallery.live(3.0, [face()])
    gallery.pictures.clear()
    gallery.live(seconds + 1.0)
    assert phases(gallery).index("departure") / 60 == pytest.approx(seconds, abs=0.1)


def test_where_nobody_can_be_seen_any_more_no_face_stays():
    """The camera is unplugged: frames that continue nothing; or it hangs."""
    for camera in (True, False):
        gallery = gallery_of(departure=20.0)
        gallery.live(3.0, [face()])
        for _ in range(round(30 * (STALE + HOLD + 0.2))):
            gallery.live(1 / 30, camera=camera, cut=True)
        assert phases(gallery)[-1] == "departure"


@pytest.mark.parametrize("seconds", [1.0, 3.0])
def test_the_dream_is_calm_after_as_long_as_it_is_set(seconds):
    gallery = gallery_of(dream=seconds)
    gallery.live(3.0, [face()])
    gallery.pictures.clear()
    gallery.live(seconds + 2.0)
    told = phases(gallery)
    assert (told.index("dream") - told.index("departure")) / 60 == pytest.approx(seconds, abs=0.1)


def test_several_keep_their_places_for_as_long_as_a_departure_lasts():
    gallery = gallery_of(departure=2.0)
    assert gallery.mirror._gathering.transitions.departure == 2.0


class Clock:
    def __init__(self, moment: str) -> None:
        self.now = datetime.datetime.combine(datetime.date(2026, 5, 1), datetime.time.fromisoformat(moment))

    def set(self, moment: str) -> None:
        """When that moment comes next."""
        then = datetime.datetime.combine(self.now, datetime.time.fromisoformat(moment))
        self.now = then if then >= self.now else then + datetime.timedelta(days=1)

    def __call__(self) -> datetime.datetime:
        return self.now


EMPTY = np.zeros((4, 4, 3), np.uint8)


def passed(schedule: Schedule, start: float, seconds: float, there: bool) -> list[str]:
    """What is asked for while somebody is there or nobody, ten pictures a second."""
    asked = []
    for number in range(round(10 * seconds)):
        now = start + number / 10
        schedule.presented(Picture(EMPTY, answers=now if there else None), now)
        asked += schedule.asked.take().values()
    return asked


def test_by_the_clock_each_work_begins_at_its_hour_and_is_asked_for_once():
    clock = Clock("09:00")
    entries = [Entry(at="10:00", scene="mirror"), Entry(at="17:30", scene="dream")]
    schedule = Schedule(entries, clock)
    asked = []
    for moment in ("09:00", "09:59", "10:00", "12:00", "17:29", "17:30", "23:59", "00:00", "10:00"):
        clock.set(moment)
        asked.append(passed(schedule, 100.0, 0.3, there=False))
    assert asked == [["dream"], [], ["mirror"], [], [], ["dream"], [], [], ["mirror"]]


def test_a_single_hour_comes_every_day():
    """In between, the same work may hang again by presence, or another by somebody's choice."""
    clock = Clock("09:00")
    schedule = Schedule([Entry(at="10:00", scene="mirror"), Entry(nobody_for=5.0, scene="rotoscope")], clock)
    assert passed(schedule, 100.0, 6.0, there=False) == ["mirror", "rotoscope"]
    for day in range(3):
        asked = []
        for moment in ("10:00", "10:01", "23:59", "00:00", "09:59"):
            clock.set(moment)
            asked.append(passed(schedule, 110.0 + day, 0.3, there=False))
        assert asked == [["mirror"], [], [], [], []]


@pytest.mark.parametrize("minutes", [1 / 60, 1, 60])
def test_a_clock_that_is_put_back_a_little_brings_nothing_twice(minutes):
    clock = Clock("09:00")
    schedule = Schedule([Entry(at="10:00", scene="mirror"), Entry(at="17:30", scene="dream")], clock)
    clock.set("10:00")
    assert passed(schedule, 100.0, 0.3, there=False) == ["mirror"]
    clock.now -= datetime.timedelta(minutes=minutes)
    assert passed(schedule, 100.3, 0.3, there=False) == []
    clock.set("10:00")
    assert passed(schedule, 100.6, 0.3, there=False) == []
    clock.set("17:30")
    assert passed(schedule, 100.9, 0.3, there=False) == ["dream"], "the control: the next is not lost"


@pytest.mark.parametrize("ahead", [datetime.timedelta(hours=9), datetime.timedelta(days=3000)])
def test_a_clock_that_was_far_ahead_at_the_start_is_believed_once_it_is_right(ahead):
    clock = Clock("09:00")
    clock.now += ahead
    schedule = Schedule([Entry(at="10:00", scene="mirror"), Entry(at="17:30", scene="dream")], clock)
    passed(schedule, 100.0, 0.3, there=False)
    clock.now -= ahead
    assert passed(schedule, 100.3, 0.3, there=False) == ["dream"], "yesterday's last"
    clock.set("10:00")
    assert passed(schedule, 100.6, 0.3, there=False) == ["mirror"]


def test_by_presence_a_work_comes_after_somebody_or_nobody_has_been_there_for_so_long():
    entries = [Entry(nobody_for=5.0, scene="colourise"), Entry(somebody_for=1.0, scene="mirror")]
    schedule = Schedule(entries)
    assert passed(schedule, 100.0, 4.0, there=False) == []
    assert passed(schedule, 104.0, 3.0, there=False) == ["colourise"]
    assert passed(schedule, 107.0, 0.5, there=True) == []
    assert passed(schedule, 107.5, 3.0, there=True) == ["mirror"]
    assert passed(schedule, 110.5, 4.0, there=False) == []
    assert passed(schedule, 114.5, 3.0, there=False) == ["colourise"]


def test_without_a_schedule_nothing_is_watched():
    sink, heard = object(), []
    assert scheduled(sink, [], heard.append) is sink
    assert heard == []
    assert scheduled(sink, [Entry(at="10:00", scene="dream")], heard.append) is not sink
    assert len(heard) == 1


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"scene": "miror", "at": "10:00"}, "did you mean mirror"),
        ({"scene": "mirror"}, "one of at"),
        ({"scene": "mirror", "at": "10:00", "nobody_for": 60.0}, "one of at"),
        ({"scene": "dream", "nobody_for": 60.0}, "sees nobody"),
        ({"scene": "mirror", "at": "25:00"}, "pattern"),
        ({"scene": "mirror", "nobody_for": -1.0}, "greater"),
    ],
)
def test_an_entry_that_means_nothing_is_refused(entry, said):
    with pytest.raises(ValidationError, match=said):
        Entry(**entry)


def test_it_stands_in_the_settings_file_and_is_refused_with_its_line(tmp_path):
    path = tmp_path / "config.yaml"
    path.write_text('schedule:\n  - {at: "10:00", scene: mirror}\n  - {nobody_for: 300.0, scene: colourise}\n')
    assert [one.scene for one in load(path).schedule] == ["mirror", "colourise"]
    path.write_text("schedule:\n  - {at: never, scene: mirror}\n")
    with pytest.raises(ConfigError, match="line 2"):
        load(path)
