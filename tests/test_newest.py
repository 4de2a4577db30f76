"""The mailbox keeps only the newest value and never makes the sender wait."""

import threading

from narcissus.core.newest import Newest


def test_only_the_newest_value_is_kept():
    box = Newest()
    for value in range(1000):
        box.put(value)
    assert box.get(0) == 999
    assert box.get(0) is None, "a value is taken once"
    assert box.peek() == 999, "but it can still be looked at"


def test_a_waiting_reader_is_woken_by_a_value():
    box, got = Newest(), []
    reader = threading.Thread(target=lambda: got.append(box.get()))
    reader.start()
    box.put("frame")
    reader.join(10)
    assert got == ["frame"]


def test_closing_wakes_the_reader_and_hands_over_what_is_left():
    box, got = Newest(), []
    reader = threading.Thread(target=lambda: got.append(box.get()))
    reader.start()
    box.close()
    reader.join(10)
    assert got == [None]
    assert box.closed
    box.put("last")
    assert box.get() == "last"
    assert box.get() is None


def test_a_forgotten_value_is_never_seen_again():
    box = Newest()
    box.put("a face that has left")
    box.forget()
    assert box.peek() is None
    assert box.get(0) is None
