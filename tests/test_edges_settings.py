"""Settings that were made to hurt: each is refused in one line, before anything is built of it."""

import os
import random
import string

import pytest

from narcissus.app.settings import load
from narcissus.core.errors import ConfigError

BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
HURTING = {
    "a number of 5,000 hexadecimal digits": "screen: {rate: 0x" + "f" * 5000 + "}",
    "a number to the base of sixty": "photo_seconds: 1" + ":59" * 3000,
    "one that is short enough and has a point": "photo_seconds: 1" + ":0" * 190 + ".0",
    "hours in digits that no clock here reads": 'hours: "1٠:00-18:00"',
    "an hour of the schedule in such digits": 'schedule: [{scene: dream, at: "1٠:00"}]',
    "aliases of aliases": BOMB,
    "brackets within brackets": "scene: " + "[" * 5000,
    "blocks within blocks": "".join(f"{' ' * depth}a:\n" for depth in range(300)),
    "a key of 10,000 letters": "k" * 10_000 + ": 1",
    "a merge of itself": "a: &a\n  <<: *a\n",
    "a lone surrogate": 'scene: "\\ud800"',
    "a bell and a colour": 'scene: "\\e[31m\\a"',
    "hours that end where they begin": "hours: 10:00-10:00",
}


def refused(path) -> str:
    with pytest.raises(ConfigError) as refusal:
        load(path)
    return str(refusal.value)


@pytest.mark.parametrize("text", HURTING.values(), ids=HURTING.keys())
def test_what_was_made_to_hurt_is_refused_in_one_printable_line(tmp_path, text):
    path = tmp_path / "config.yaml"
    path.write_text(text)
    said = refused(path)
    assert said.isprintable()
    assert len(said) < 1000


def test_a_pipe_is_no_settings_file_and_is_not_waited_for(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "is no file" in refused(path)


@pytest.mark.parametrize("name", ["x" * 300, "a\0b"], ids=["too long a name", "a null byte"])
def test_a_name_that_no_file_can_have_is_refused(tmp_path, name):
    assert "cannot be read" in refused(tmp_path / name)


PIECES = [
    *"{}[]:,-?&*!|>'\"%@`#~ \n\t",
    "0x",
    "!!",
    "<<: ",
    "---",
    "...",
    "\\x",
    "é",
    "\u2028",
    "\ufeff",
    "1:59",
    "1e9",
]
KEYS = ["scene", "screen", "rate", "scenes", "mirror", "presets", "osc", "hours", "camera", "true", "null", "12"]


def answer(path) -> str:
    """What is said of the file: nothing where it is understood."""
    try:
        load(path)
    except ConfigError as refusal:
        return str(refusal)
    return ""


def random_text(chance: random.Random) -> str:
    """Something between YAML and noise."""
    words = [*PIECES, *KEYS, "".join(chance.choices(string.printable, k=5))]
    return "".join(chance.choice(words) for _ in range(chance.randrange(1, 60)))


@pytest.mark.parametrize("seed", range(int(os.environ.get("NARCISSUS_FUZZ", "5"))))
def test_a_hundred_random_texts_are_read_or_refused_in_one_line(tmp_path, seed):
    """More of them by hand: NARCISSUS_FUZZ=500 tries 50,000."""
    chance, path = random.Random(seed), tmp_path / "config.yaml"
    for _ in range(100):
        text = random_text(chance)
        path.write_text(text, encoding="utf-8")
        assert "\n" not in answer(path), text
