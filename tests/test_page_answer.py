"""The answer is what the house's own colouring says, packed; and how surely, where there is a face."""

import io
import json
import struct

import numpy as np
import pytest
from conftest import ROOT
from page_parts import as_file, chance_model, photograph

from narcissus.core.errors import SourceError
from narcissus.features.spatial import MEAN_SHAPE
from narcissus.networks.colour.colourist import Colourist
from narcissus.networks.colour.faces import TIGHT, alignment_of, cropped
from narcissus.networks.colour.palette import palettes
from narcissus.networks.colour.picture import guide
from narcissus.networks.colour.slices import PORTRAITS, SLICES
from narcissus.page.answer import Answerer, in_crop, listed
from narcissus.stills.photograph import read_photograph
from narcissus.stills.still import Painting, Wish, lightness

FACE = (MEAN_SHAPE * 60 + [160, 110]).astype(np.float32)  # in a picture of 320 × 240


@pytest.fixture(scope="module")
def colourist(tmp_path_factory):
    return Colourist.open(chance_model(tmp_path_factory.mktemp("model")))


def face_in(image):
    return [FACE]


def nobody_in(image):
    return []


def read(answer: bytes) -> tuple[dict, np.ndarray]:
    """The header, and the functions float32 (slices, h, w, 4): slopes, then a and b at L* 50."""
    (length,) = struct.unpack_from("<I", answer)
    head = json.loads(answer[4 : 4 + length])
    width, height = head["grid"]
    steps = np.repeat(head["steps"], 2)
    grids = np.frombuffer(answer, "<i2", offset=4 + length).reshape(len(head["slices"]), height, width, 4)
    return head, grids / steps


@pytest.mark.parametrize("find", [face_in, nobody_in])
@pytest.mark.parametrize("pile", ["all", "darker", "world"])
def test_the_answer_says_what_the_house_paints(colourist, find, pile):
    data = photograph(320, 240, kind="PNG")
    head, grids = read(Answerer(colourist, find)(data, 0.7))
    painting = Painting(read_photograph(data, "it"), colourist, Wish(pile, 0.7), find)
    said = grids[head["slices"].index(pile)]
    place = lambda side, count: np.minimum(((np.arange(count) + 0.5) * side / count).astype(int), side - 1)
    ours = painting.functions[place(240, said.shape[0])][:, place(320, said.shape[1])]
    light = np.array([20.0, 50.0, 80.0])
    assumed = said[..., :2, None] * (light - 50) + said[..., 2:, None]
    house = ours[..., :2, None] * light + ours[..., 2:, None]
    assert np.abs(assumed - house).mean() < 0.5, "a and b; the answer is coarser"


def test_the_header_says_what_the_page_must_know(colourist):
    head, grids = read(Answerer(colourist, face_in)(photograph(1000, 500)))
    assert head["slices"] == list(SLICES)
    assert head["grid"] == [128, 64]
    assert len(grids) == len(SLICES)
    assert head["temperature"] == head["default"] == pytest.approx(0.4)
    assert head["faces"] == 1


def test_every_slice_says_its_likeliest_colours_at_each_place_of_the_face(colourist):
    head, _ = read(Answerer(colourist, face_in)(photograph(320, 240)))
    assert set(head["palettes"]) == set(SLICES)
    for palette in head["palettes"].values():
        assert {"cheek", "lip", "hair"} <= set(palette)
        for colours in palette.values():
            shares = [share for _, _, share in colours]
            assert 1 <= len(colours) <= 5
            assert shares == sorted(shares, reverse=True)
            assert 0 <= sum(shares) <= 1.01
    assert head["palettes"]["all"] != head["palettes"]["darker"]


def test_of_several_faces_the_palette_is_the_nearest_ones(colourist):
    """Said twice: by what was overheard while the picture was coloured, and by asking for that face alone."""
    small = (MEAN_SHAPE * 25 + [60, 60]).astype(np.float32)
    data = photograph(320, 240, kind="PNG")
    light = guide(lightness(read_photograph(data, "it").pixels))
    for faces in ([FACE, small], [small, FACE]):
        head, _ = read(Answerer(colourist, lambda image, faces=faces: faces)(data))
        logits = colourist.assume(cropped(light, alignment_of(FACE)), "older").logits[0]
        alone = palettes(logits, in_crop(FACE, TIGHT), colourist.centres)
        assert head["faces"] == 2
        for region in ("cheek", "lip"):
            assert head["palettes"]["older"][region] == [pytest.approx(one, abs=0.11) for one in listed(alone[region])]


def test_the_network_that_ships_takes_a_drawn_cheek_for_skin(drawn):
    """With nothing faked: the generator draws, the detector finds, every slice of portraits says warm colours."""
    answer = Answerer(Colourist.open(ROOT / "models" / "colour" / "pile.npz"))
    heads = [read(answer(as_file(image)))[0] for image in drawn[:6]]
    seen = [head for head in heads if head["faces"]]
    assert len(seen) >= 4
    for head in seen:
        for pile in ("all", *PORTRAITS):
            a, b, share = head["palettes"][pile]["cheek"][0]
            assert min(a, b) > 0, pile
            assert share > 0.2


def test_without_a_face_the_palette_is_that_of_the_whole_picture(colourist):
    head, _ = read(Answerer(colourist, nobody_in)(photograph(320, 240)))
    assert head["faces"] == 0
    assert all(set(palette) == {"picture"} for palette in head["palettes"].values())


def test_temperature_changes_the_colours_and_not_the_probabilities(colourist):
    answer = Answerer(colourist, face_in)
    (dull, grey), (vivid, bright) = read(answer(photograph(320, 240), 2.0)), read(answer(photograph(320, 240), 0.1))
    chroma = lambda grids: np.hypot(grids[..., 2], grids[..., 3]).mean()
    assert chroma(bright) > chroma(grey)
    assert dull["palettes"] == vivid["palettes"]


@pytest.mark.parametrize("temperature", [0.0, -1.0, 5.0, float("inf")])
def test_a_temperature_that_makes_no_sense_is_refused(colourist, temperature):
    with pytest.raises(ValueError, match="temperature"):
        Answerer(colourist, nobody_in)(photograph(64, 48), temperature)


def test_a_picture_of_twelve_megapixels_is_answered_as_its_small_copy(colourist):
    """The page sends a copy; whoever sends the whole picture gets the same colours."""
    large = photograph(4000, 3000, quality=92)
    image = read_photograph(large, "it").pixels
    small = as_file(np.ascontiguousarray(image[::5, ::5]))
    one, other = (read(Answerer(colourist, nobody_in)(data))[1] for data in (large, small))
    assert np.abs(one - other).mean() < 0.5


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "CMYK", "I;16"])
def test_every_way_of_storing_a_picture_is_answered(colourist, mode):
    from PIL import Image

    rgb = Image.open(io.BytesIO(photograph(200, 150, kind="PNG")))
    image = rgb.convert("L").convert("I;16") if mode == "I;16" else rgb.convert(mode)
    file = io.BytesIO()
    image.save(file, "JPEG" if mode == "CMYK" else "PNG")
    head, _ = read(Answerer(colourist)(file.getvalue()))
    assert head["grid"] == [128, 96]


@pytest.mark.parametrize("size", [(8, 8), (4000, 9), (9, 4000)])
def test_pictures_of_strange_shapes_are_answered(colourist, size):
    head, grids = read(Answerer(colourist)(photograph(*size)))
    assert min(head["grid"]) >= 1
    assert np.isfinite(grids).all()


def test_what_a_decoder_cannot_read_is_refused_in_one_line(colourist):
    damaged = bytearray(photograph(200, 150, kind="PNG"))
    damaged[60:400] = bytes(340)
    with pytest.raises(SourceError) as caught:
        Answerer(colourist)(bytes(damaged))
    assert "\n" not in str(caught.value)


def test_lightness_is_seen_at_the_size_that_files_are(colourist):
    seen = []

    class Heard:
        centres, temperature = colourist.centres, colourist.temperature

        def assume(self, light, pile, temperature):
            seen.append(np.asarray(light))
            return colourist.assume(light, pile, temperature)

    data = photograph(512, 384, kind="PNG")
    Answerer(Heard(), nobody_in)(data)
    light = guide(lightness(read_photograph(data, "it").pixels))
    assert abs(seen[0].mean() - light.mean()) < 0.5
    assert len(seen) == len(SLICES)
