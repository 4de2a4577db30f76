"""Libraries' own words are not heard, ours are; and an error inside leaves the standard error as it was."""

import os

import pytest

from narcissus.quiet import quiet


def greet_and_fail():
    with quiet():
        os.write(2, b"a library greets")
        raise ValueError("ours")


def test_what_is_written_inside_is_not_heard_and_what_follows_is(capfd):
    with pytest.raises(ValueError, match="ours"):
        greet_and_fail()
    os.write(2, b"then we speak")
    assert capfd.readouterr().err == "then we speak"
