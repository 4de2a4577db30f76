"""Under seven lights: the measure finds a mirror that answers the lamp, and one that does not."""

import zipfile

import numpy as np
import pytest

from narcissus.lab.likeness import lights
from narcissus.lab.likeness.album import Album
from narcissus.lab.likeness.ledger_page import ledger_page
from narcissus.lab.likeness.perception import AGE, FEMALE, Looks
from narcissus.lab.likeness.pictures import png, resized
from narcissus.lab.likeness.words import lights_table
from narcissus.networks.attributes import NAMES

N = 12


def looks(codes, lightness):
    """N pictures with these descriptors (N, 128) and lightness of the skin (N,)."""
    some = Looks.nothing(N)
    some.landmarks[:] = 1
    some.codes[:] = codes
    some.skin[:] = np.stack([lightness, np.full(N, 10.0), np.full(N, 15.0)], axis=-1)
    some.guesses[:] = 1 / len(NAMES)
    some.guesses[:, AGE], some.guesses[:, FEMALE] = 30, 0.9
    return some


def seen(answering: float):
    """Photographs that the half light makes 30 darker; of that a reflection shows the share `answering`."""
    rng = np.random.default_rng(0)
    codes = rng.normal(0, 1, (N, 128))
    skin = np.linspace(40, 80, N)
    viewers = {"as it is": looks(codes, skin), "exposure 0.5": looks(codes, skin - 30)}
    other = codes if answering < 0.5 else np.roll(codes, 1, axis=0)
    return lights.InLights(
        viewers, {"as it is": looks(codes, skin), "exposure 0.5": looks(other, skin - 30 * answering)}
    )


def test_a_mirror_that_knows_light_from_skin_answers_the_same_person():
    figures = lights.measured(seen(0.1))
    assert figures["same_person"]["value"] == 1
    assert figures["cheek"]["value"] == pytest.approx(0.1, abs=1e-3)
    assert figures["each"]["exposure 0.5"]["skin_slope"]["value"] == pytest.approx(1, abs=0.2)


def test_a_mirror_that_answers_the_lamp_is_found_out():
    figures = lights.measured(seen(1.0))
    assert figures["same_person"]["value"] == 0
    assert figures["cheek"]["value"] == pytest.approx(1, abs=1e-3)


def test_whoever_is_not_found_under_a_light_is_left_out_there():
    some = seen(0.1)
    some.reflections["exposure 0.5"].codes[:3] = np.nan
    assert lights.measured(some)["each"]["exposure 0.5"]["same_person"]["n"] == N - 3


def test_lights_are_gains_that_end_at_white():
    picture = np.full((2, 2, 3), (100, 200, 40), np.uint8)
    assert lights.under(picture, "exposure 1.5")[0, 0].tolist() == [150, 255, 60]
    assert lights.under(picture, "dim tungsten")[0, 0].tolist() == [62, 100, 12]
    assert np.array_equal(lights.under(picture, lights.FIRST), picture)


def test_the_ledger_says_whom_another_light_makes_of_whom():
    made = lights.whom_it_makes(seen(1.0))["exposure 0.5"]
    assert made["everybody"]["n"] == N
    assert made["everybody"]["skin tone, degrees"]["value"] < -10
    assert made["everybody"]["age, years"]["value"] == 0
    assert made["everybody"]["gender kept"]["value"] == 1
    assert sum(made[name]["n"] for name in ("seen as male", "seen as female") if name in made) == N


@pytest.fixture
def album(tmp_path, drawn):
    def make(grey=False):
        path = tmp_path / "people.zip"
        with zipfile.ZipFile(path, "w") as file:
            for index in range(8):
                face = np.repeat(drawn[index].mean(axis=2, keepdims=True), 3, 2) if grey else drawn[index]
                file.writestr(f"p{index // 2}/{index % 2}.png", png(resized(face.astype(np.uint8), 128)))
        return Album(path, by_person=True)

    return make


def test_each_person_is_shown_once_evenly_spread(album):
    assert [photo.name for photo in lights.one_of_each(album(), 9)] == [f"p{i}/0.png" for i in range(4)]
    assert len(lights.one_of_each(album(), 2)) == 2


class Blank:
    """Stands for eye and reflector: whoever is shown has a face, and every reflection is the same."""

    def look(self, pictures, described=False):
        some = Looks.nothing(len(pictures))
        some.landmarks[:], some.rows[:], some.codes[:] = 1, 0, 0
        some.skin[:] = [picture.mean(axis=(0, 1)) for picture in pictures]
        return some

    def latents(self, rows):
        return np.zeros((len(rows), 4), np.float32)

    def pictures(self, latents):
        return np.zeros((len(latents), 8, 8, 3), np.uint8)


@pytest.mark.parametrize(("grey", "count"), [(False, 7), (True, 4)])
def test_a_grey_set_is_seen_under_exposures_alone(album, grey, count):
    found = lights.in_lights(album(grey), 4, Blank(), Blank(), lambda batches: batches)
    assert len(found.viewers) == len(found.reflections) == count
    assert all(len(looks) == 4 for looks in (*found.viewers.values(), *found.reflections.values()))


def test_the_figures_are_told_in_a_table():
    said = lights_table({"faces": lights.measured(seen(0.1))})
    assert "exposure 0.5" in said
    assert "all of them" in said
    assert lights_table({}) == ""


def test_the_ledgers_page_has_a_row_for_light():
    from test_likeness_ledger import entries
    from test_likeness_ledger import looks as plain_looks

    ledger = entries(plain_looks(), plain_looks())
    assert "another light" not in ledger_page(ledger | {"light": None})
    page = ledger_page(ledger | {"light": lights.whom_it_makes(seen(1.0))})
    assert "Whom another light makes of whom" in page
    assert "exposure 0.5" in page
