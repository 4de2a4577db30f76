"""Libraries' own words are not heard, ours are, and an error inside harms nothing; they come in a thread at a time."""

import os
import subprocess
import sys

import pytest
from conftest import ROOT

from narcissus.core.quiet import own_voice, quiet


def greet_and_fail():
    with quiet():
        os.write(2, b"a library greets")
        raise ValueError("ours")


def test_what_is_written_inside_is_not_heard_and_what_follows_is(capfd):
    with pytest.raises(ValueError, match="ours"):
        greet_and_fail()
    os.write(2, b"then we speak")
    assert capfd.readouterr().err == "then we speak"


def test_threads_that_are_quiet_together_leave_the_standard_error_as_it_was(capfd):
    first, second = quiet(), quiet()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    os.write(2, b"one is still quiet")
    second.__exit__(None, None, None)
    os.write(2, b"then we speak")
    assert capfd.readouterr().err == "then we speak"


def test_what_we_say_ourselves_is_heard_while_a_library_is_kept_quiet(capfd):
    voice = own_voice()
    with quiet():
        os.write(2, b"a library\n")
        voice.write("the journal\n")
    assert capfd.readouterr().err == "the journal\n"


def test_where_no_file_can_be_opened_a_library_is_heard_and_nothing_fails(capfd, monkeypatch):
    def none_left(_):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr("narcissus.core.quiet.os.dup", none_left)
        with quiet():
            os.write(2, b"a library")
    os.write(2, b", then we")
    assert capfd.readouterr().err == "a library, then we"


def test_works_and_a_generator_that_are_opened_at_once_load_the_same_libraries_whole():
    """In a process of its own, which loads them all: takes seconds. A work that changes as a kiosk starts is this."""
    program = """
import threading
from narcissus.app.build import load_generator
from narcissus.app.settings import Settings
from narcissus.core.errors import ModelMissing
from narcissus.scenes import SCENES, work
from narcissus.scenes.contract import Kit

def missing():
    raise ModelMissing("no generator is lent")

def opened(name):
    try:
        work(name).open(Settings(), Kit(missing, trial=True)) if name else load_generator(Settings(generator="none"), 0)
    except ModelMissing:
        pass
    except BaseException as fault:
        print(name, repr(fault))

threads = [threading.Thread(target=opened, args=(name,)) for name in (*SCENES, "")]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "")


def test_a_closed_standard_error_is_no_fault():
    code = "from narcissus.core.quiet import quiet\nwith quiet(), quiet():\n    pass\nprint('well')"
    command = ["sh", "-c", 'exec "$@" 2>&-', "sh", sys.executable, "-c", code]
    assert subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout == "well\n"
