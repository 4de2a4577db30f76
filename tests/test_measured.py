"""What was measured, on the wall: drawn where it belongs, in words that can be read, and never anywhere else."""

import json
from dataclasses import replace

import numpy as np
import pygame
import pytest
from conftest import ROOT
from gallery import Gallery, face, tuned

from narcissus.app.settings import Settings, checked
from narcissus.core.errors import ConfigError, NotFinite
from narcissus.core.permit import Permit
from narcissus.core.sections import Framing
from narcissus.core.types import Diagram, Panel, Picture
from narcissus.features.spatial import MEAN_SHAPE, POINT_NAMES, normalise
from narcissus.scenes.mirror.captions import guessed
from narcissus.scenes.mirror.ledger import Ledger, read_ledger, sentences
from narcissus.scenes.mirror.measuring import Chosen, Measuring, Usual
from narcissus.scenes.mirror.opening import LOOKED_AT, usual_place
from narcissus.scenes.mirror.placing import placed, points_placed
from narcissus.scenes.wording import wording
from narcissus.sinks.label import divided
from narcissus.sinks.lettering import CAPITALS, FONT, em_of, font_of, wrapped
from narcissus.sinks.wall import Wall

CHOSEN = Chosen(np.array([[36, 45], [48, 54]]), np.array([1.0, 0.5], np.float32))
CHANGES = {"skin_change": 2.9, "skin_kept": 0.87, "age_change": -1.2, "age_kept": 0.75, "gender_kept": 0.9}
LEDGER = Ledger(generator_sha256="0" * 64, people=100, **CHANGES)
WALLS = [(960, 540), (540, 960)]
GREY = np.full((64, 64, 3), 90, np.uint8)


@pytest.fixture(autouse=True)
def lettering():
    pygame.font.init()


def gallery(**settings) -> Gallery:
    hall = Gallery(measuring=Measuring(CHOSEN, Usual), ledger=LEDGER)
    hall.mirror.tune(tuned(**settings))
    return hall


def diagram_of(measure: str, faces) -> Diagram | None:
    hall = gallery(measure=measure)
    hall.live(1.5, faces)
    return hall.pictures[-1].diagram


@pytest.mark.parametrize("measure", ["beside", "over"])
def test_the_viewers_68_points_and_the_chosen_distances_are_drawn(measure):
    viewer = face(1, mouth=0.2)
    diagram = diagram_of(measure, [viewer])
    assert diagram.dots.shape == (68, 2)
    np.testing.assert_allclose(normalise(diagram.dots), normalise(viewer.landmarks), atol=0.02)
    np.testing.assert_array_equal(diagram.lines, diagram.dots[CHOSEN.pairs])
    assert diagram.opacity > 0.95
    assert diagram.over is (measure == "over")
    assert len(diagram.words) == 3


def test_unless_it_is_asked_for_nothing_is_drawn():
    assert diagram_of("off", [face(1)]) is None


def test_when_the_viewer_has_gone_the_points_go_and_nothing_is_kept_of_them():
    hall = gallery(measure="beside")
    hall.live(1.5, [face(1)])
    hall.live(3.0, [])
    diagram = hall.pictures[-1].diagram
    assert len(diagram.dots) == 0
    assert len(diagram.words) == 3, "the sentences are about the mirror"
    assert hall.mirror._measuring._points is None


@pytest.mark.parametrize("measure", ["beside", "over"])
def test_switched_off_while_somebody_stands_there_it_keeps_nothing_to_draw_when_it_is_on_again(measure):
    hall = gallery(measure=measure)
    hall.live(1.5, [face(1)])
    hall.mirror.tune(tuned(measure="off"))
    hall.live(0.1, [face(1)])
    assert hall.mirror._measuring._points is None
    hall.live(2.0, [])
    hall.mirror.tune(tuned(measure=measure))
    before = len(hall.pictures)
    hall.live(1.0, [])
    assert {len(picture.diagram.dots) for picture in hall.pictures[before:]} == {0}


def test_a_picture_that_is_not_finite_says_nothing_of_where_faces_stand():
    class Overflowing:
        latent_size, resolution, drawn = 8, 64, 0

        def render(self, latents):
            self.drawn += 1
            raise NotFinite("fake: NaN")

    generator = Overflowing()
    assert usual_place(generator) == Usual()
    assert generator.drawn == LOOKED_AT


def test_over_the_reflection_the_points_hang_as_its_picture_does():
    place = np.array([0.2, 0.05, -0.03, 0.1])
    dot = np.zeros((65, 65, 3), np.uint8)
    dot[20:23, 40:43] = 255
    moved = placed(dot, place).mean(axis=2)
    found = np.array([(moved.sum(axis=0) @ np.arange(65)), (moved.sum(axis=1) @ np.arange(65))]) / moved.sum()
    expected = points_placed(np.array([[41.0, 21.0]]) / 65, place)[0] * 65
    np.testing.assert_allclose(found, expected, atol=0.7)


def test_over_the_reflection_nobody_is_drawn_until_it_is_known_where_faces_stand():
    asked = []
    measuring = Measuring(CHOSEN, lambda: asked.append("where") or Usual())
    hall = Gallery(measuring=measuring)
    hall.mirror.tune(tuned(measure="beside"))
    hall.live(1.5, [face(1)])
    assert not asked, "a start waits for nothing that nobody wants to see"
    hall.mirror.tune(tuned(measure="over"))
    unknown = hall.mirror.draw(hall.seen, hall.now).diagram
    assert len(unknown.dots) == 0
    assert measuring._points is None
    hall.live(1.5, [face(1)])
    assert asked == ["where"]
    assert hall.pictures[-1].diagram.dots.shape == (68, 2)


def test_where_a_generators_faces_stand_is_measured():
    shapes = np.stack([MEAN_SHAPE * 0.4 + (0.5, 0.55)] * 3)
    usual = Usual.of(shapes)
    np.testing.assert_allclose(usual.eyes * MEAN_SHAPE + usual.middle, shapes[0], atol=1e-5)


def test_the_distances_drawn_are_those_that_were_chosen():
    names = [f"{POINT_NAMES[0]} – {POINT_NAMES[8]}, x", "age", f"log distance {POINT_NAMES[36]} – {POINT_NAMES[45]}"]
    chosen = Chosen.of([*names, f"{POINT_NAMES[0]} – {POINT_NAMES[8]}, y"], np.array([0.4, 0.3, 0.1, 0.2]))
    assert chosen.pairs.tolist() == [[0, 8], [36, 45]]
    np.testing.assert_allclose(chosen.weights, [1.0, 0.5])


def test_landmarks_of_a_live_viewer_leave_the_wall_by_no_door_whatever_is_agreed():
    measured = Diagram(np.full((68, 2), 0.5, np.float32))
    picture = Picture(GREY, 1.0, panels=(Panel(GREY, (0, 0, 1, 1), caption="about 30 years"),), diagram=measured)
    for agreed in (True, False):
        assert Permit(live=True, agreed=agreed).outside(picture).diagram is None
    assert Permit(live=True).outside(picture).panels[0].caption == ""
    assert Permit(live=False).outside(picture) is picture, "the control: a film shows nobody who stands there"


@pytest.mark.parametrize("wall", WALLS)
@pytest.mark.parametrize("rotation", [0, 90])
def test_beside_leaves_the_reflection_alone_and_over_lies_on_it(wall, rotation):
    dots = (MEAN_SHAPE * 0.5 + 0.5).astype(np.float32)
    upright = wall if rotation == 0 else wall[::-1]
    for over in (False, True):
        shown = []
        for opacity in (0.0, 1.0):
            surface = pygame.Surface(wall, depth=32)
            diagram = Diagram(dots, (), dots[CHOSEN.pairs], CHOSEN.weights, over=over, opacity=opacity)
            Wall(Framing(grain=0.0), rotation).draw(surface, Picture(GREY, diagram=diagram), 3.0)
            shown.append(np.rot90(pygame.surfarray.array3d(surface).mean(axis=2).T, rotation // 90))
        changed = np.abs(shown[1] - shown[0]) > 4  # (height, width), as people see it
        (left, top, width, height), _ = divided(upright, Diagram(dots))
        inside = changed[top : top + height, left : left + width].sum()
        assert changed.any()
        assert (inside == 0) is not over


@pytest.mark.parametrize("wall", WALLS)
def test_captions_are_large_enough_for_two_metres_and_the_widest_stays_on_the_wall(wall):
    em = em_of(wall)
    capitals = font_of(em).metrics("H")[0][3]
    assert capitals >= 0.95 * CAPITALS * min(wall)
    for line in wrapped("Donaudampfschifffahrt " * 20, em, wall[0] - 80):
        assert font_of(em).size(line)[0] <= wall[0] - 80


def test_a_number_and_its_per_cent_stand_on_one_line():
    lines = wrapped("a woman (64 %), happiness (70 %)", 20, 120)
    assert len(lines) > 1
    assert not any(line.startswith("%") for line in lines)


def test_the_font_ships_with_its_licence():
    assert FONT.stat().st_size < 500_000
    licence = next(FONT.parent.glob("*LICENSE*")).read_text()
    assert "SIL Open Font License, Version 1.1" in licence


LANGUAGES = sorted(path.stem for path in (ROOT / "narcissus" / "languages").glob("*.yaml"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_is_whole_and_its_letters_are_in_the_font(language):
    words = wording(language)
    said = json.dumps(words.model_dump(), ensure_ascii=False)
    assert None not in font_of(20).metrics("".join(sorted(set(said))))
    assert len(sentences(LEDGER, words)) == 3
    for change in (-5.0, 0.0, 5.0):
        other = replace_figures(skin_change=change, age_change=change)
        assert not any("{" in sentence for sentence in sentences(other, words))


def replace_figures(**figures) -> Ledger:
    return LEDGER.model_copy(update=figures)


def test_there_is_english_and_another_language():
    assert len(LANGUAGES) >= 2
    assert "en" in LANGUAGES
    assert wording("en").sees != wording("de").sees


@pytest.mark.parametrize("female", [0.2, 0.8])
def test_other_never_stands_beside_a_gender(female):
    told = {"age": 33.4, "female": female, "neutral": 0.1, "happiness": 0.1, "surprise": 0.1, "other": 0.7}
    for language in LANGUAGES:
        said = guessed(told, wording(language))
        assert "other" not in said
        assert "33" in said
        assert "80" in said
    assert "happiness" in guessed(told | {"other": 0.0, "happiness": 0.9}, wording("en")), "the control"


def test_a_language_without_a_file_is_refused_with_those_that_there_are():
    with pytest.raises(ConfigError, match="de or en"):
        checked("language", "klingon")


def test_a_language_with_a_hole_that_nothing_fills_is_refused(tmp_path, monkeypatch):
    text = (ROOT / "narcissus" / "languages" / "en.yaml").read_text()
    for broken in (
        text.replace("woman ({sure}", "woman ({sur}"),
        text.replace("about {years}", "about {years"),
        text.replace("sees: ", "x: "),
    ):
        (tmp_path / "xx.yaml").write_text(broken)
        monkeypatch.setattr("narcissus.scenes.wording.LANGUAGES", tmp_path)
        wording.cache_clear()
        with pytest.raises(ConfigError, match=r"xx\.yaml.*languages/en\.yaml"):
            wording("xx")
    wording.cache_clear()


def test_sentences_of_another_generator_are_not_said(tmp_path):
    (tmp_path / "ledger.json").write_text(LEDGER.model_dump_json())
    assert read_ledger(tmp_path, "0" * 64) == LEDGER
    assert read_ledger(tmp_path, "1" * 64) is None
    assert read_ledger(tmp_path / "none", "0" * 64) is None
    (tmp_path / "ledger.json").write_text("{")
    assert read_ledger(tmp_path, "0" * 64) is None
    assert sentences(None, wording("en")) == ()


def test_off_is_a_word_here():
    assert Settings.model_validate({"scenes": {"mirror": {"measure": False}}}).scenes.mirror.measure == "off"


def test_outside_the_opening_hours_nothing_is_said():
    surface = pygame.Surface(WALLS[0], depth=32)
    black = Picture(np.zeros((64, 64, 3), np.uint8), diagram=Diagram(np.full((68, 2), 0.5, np.float32), words=("A.",)))
    Wall(Framing(background="#ffffff")).draw(surface, replace(black, captions=("about 30 years",)), 3.0)
    assert not pygame.surfarray.array3d(surface).any()
