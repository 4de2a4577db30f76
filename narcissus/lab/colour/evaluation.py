"""The figures of a model that colours, from one run with the configuration that ships."""

from dataclasses import dataclass, field

import cv2
import numpy as np

from narcissus.lab.attributes.portraits import GROUPS
from narcissus.lab.colour import baselines, heldout, measures, piles, realness
from narcissus.lab.colour.heldout import HeldOut
from narcissus.lab.likeness.bootstrap import Figure
from narcissus.networks.colour.colourist import Colourist
from narcissus.networks.colour.slices import SLICES

GUESSES = ("assumed", "mean ab", "nearest")
BEST_OF_ONE = "one cheek"  # the mean colour of the very cheeks that are measured: the best that one colour can do
STILL = 40  # frames of the flicker's viewer
GRAIN = 3.0  # grey levels of noise between them (DESIGN, section 8)
QUALITY = 80  # of their JPEG


@dataclass(slots=True)
class Findings:
    """What is written down; a figure is by guess, then by region."""

    portraits: dict[str, dict[str, Figure]] = field(default_factory=dict)
    photographs: dict[str, dict[str, Figure]] = field(default_factory=dict)
    over_mean_ab: dict[str, Figure] = field(default_factory=dict)  # "cheek", "photographs"
    colourful: dict[str, Figure] = field(default_factory=dict)  # "portraits", "photographs"
    auc: tuple[float, float, float] | None = None
    auc_afar: tuple[float, float, float] | None = None  # of the same pictures at 8 × 8 places
    flicker: Figure | None = None
    groups: dict[str, int] = field(default_factory=dict)  # portraits counted in each
    matrix: dict[str, dict[str, dict[str, Figure]]] = field(default_factory=dict)  # group -> slice -> what -> figure
    skin: dict[str, dict[str, Figure]] = field(default_factory=dict)  # group -> "true hue", … -> figure


def of_portraits(findings: Findings, people: HeldOut, pile: piles.Pile, colourist: Colourist) -> np.ndarray:
    """ΔE by region beside the baselines, colourfulness and the classifier. Returns the assumed Lab (n, 64, 64, 3)."""
    truth, pictures = people.truth(), heldout.coloured(people, colourist)
    assumed = np.stack([heldout.lab_of(picture) for picture in pictures])
    learned = [pile.pictures[row] for row in pile.slices["faces"]]
    regions = _regions(people)
    errors = {
        name: measures.by_region(measures.differences(truth, guess), regions)
        for name, guess in _guesses(truth, assumed, people.pictures, learned).items()
    }
    errors[BEST_OF_ONE] = measures.by_region(measures.differences(truth, _one_cheek(truth, regions["cheek"])), regions)
    findings.portraits = {name: {r: measures.figure(v) for r, v in by.items()} for name, by in errors.items()}
    for region in (*measures.REGIONS, "all"):
        findings.over_mean_ab[region] = measures.ratio(errors["assumed"][region], errors["mean ab"][region])
    findings.colourful["portraits"] = _colourful(pictures, people.pictures)
    findings.auc = realness.auc(truth, assumed)
    findings.auc_afar = realness.auc(_afar(truth), _afar(assumed))
    return assumed


def of_photographs(findings: Findings, world: HeldOut, pile: piles.Pile, colourist: Colourist) -> None:
    truth, pictures = world.truth(), heldout.coloured(world, colourist)
    assumed = np.stack([heldout.lab_of(picture) for picture in pictures])
    learned = [pile.pictures[row] for row in pile.slices["world"]]
    errors = {
        name: measures.differences(truth, guess).mean(axis=(1, 2))
        for name, guess in _guesses(truth, assumed, world.pictures, learned).items()
    }
    findings.photographs = {name: {"all": measures.figure(values)} for name, values in errors.items()}
    findings.over_mean_ab["photographs"] = measures.ratio(errors["assumed"], errors["mean ab"])
    findings.colourful["photographs"] = _colourful(pictures, world.pictures)


def of_slices(findings: Findings, people: HeldOut, limits: dict, colourist: Colourist) -> None:
    """Group × slice: what each slice of the pile makes of each group's cheeks."""
    truth, cheeks = people.truth(), _regions(people)["cheek"]
    groups = _groups(people, limits)
    findings.groups = {group: int(mine.sum()) for group, mine in groups.items()}
    hue, chroma = measures.hue_and_chroma(truth, cheeks)
    for group, mine in groups.items():
        findings.skin[group] = {"hue": measures.figure(hue[mine]), "chroma": measures.figure(chroma[mine])}
        findings.matrix[group] = {}
    for pile in SLICES:
        assumed = np.stack([heldout.lab_of(picture) for picture in heldout.coloured(people, colourist, pile)])
        error = measures.by_region(measures.differences(truth, assumed), {"cheek": cheeks})["cheek"]
        seen_hue, seen_chroma = measures.hue_and_chroma(assumed, cheeks)
        for group, mine in groups.items():
            findings.matrix[group][pile] = {
                "ΔE": measures.figure(error[mine]),
                "hue": measures.figure((seen_hue - hue + 180)[mine] % 360 - 180),
                "chroma": measures.figure((seen_chroma - chroma)[mine]),
            }


def of_stillness(findings: Findings, people: HeldOut, colourist: Colourist, count: int = 8) -> None:
    """ΔE00 from frame to frame of viewers who do not move, their lightness held: grain goes into the network."""
    steps = []
    for picture, landmarks in zip(people.pictures[:count], people.landmarks[:count], strict=True):
        frames = [_noisy(picture, np.random.default_rng(frame)) for frame in range(STILL)]
        seen = np.stack([heldout.lab_of(heldout.one(frame, landmarks, colourist, "all", None)) for frame in frames])
        seen[..., 0] = seen[0, ..., 0]
        steps.append(measures.differences(seen[1:], seen[:-1]).mean())
    findings.flicker = measures.figure(np.array(steps))


def _guesses(truth: np.ndarray, assumed: np.ndarray, pictures: list, learned: list) -> dict[str, np.ndarray]:
    """By name, a and b (n, 64, 64, 2 or 3) of what is compared; one colour for all is that of the slice learned."""
    flat = np.broadcast_to(baselines.mean_ab(learned[:: max(1, len(learned) // 3000)]), (*truth.shape[:3], 2))
    guesses = (assumed, flat.astype(np.float32), baselines.Nearest(learned).ab(pictures))
    return dict(zip(GUESSES, guesses, strict=True))


def _one_cheek(truth: np.ndarray, cheeks: np.ndarray) -> np.ndarray:
    """float32 (n, 64, 64, 2), the same everywhere."""
    return np.broadcast_to(truth[cheeks][:, 1:].mean(axis=0), (*truth.shape[:3], 2)).astype(np.float32)


def _afar(lab: np.ndarray) -> np.ndarray:
    """Lab (n, 64, 64, 3) -> (n, 8, 8, 3), averaged."""
    count, side, _, _ = lab.shape
    return lab.reshape(count, 8, side // 8, 8, side // 8, 3).mean(axis=(2, 4))


def _regions(people: HeldOut) -> dict[str, np.ndarray]:
    return measures.regions_of(people.landmarks, people.pictures[0].shape[0], heldout.PLACES)


def _colourful(assumed: list[np.ndarray], true: list[np.ndarray]) -> Figure:
    return measures.ratio(measures.colourfulness(assumed), measures.colourfulness(true))


def _groups(people: HeldOut, limits: dict) -> dict[str, np.ndarray]:
    """bool (n,) by name: thirds of measured skin and of age, parted where the training parted them, and labels."""
    colour_portraits = people.colour_portraits
    (dark, light), (young, old) = limits["ita"], limits["age"]
    ita, age = colour_portraits.ita, colour_portraits.faces.age
    groups = {
        "lighter skin": ita > light,
        "middle": (ita >= dark) & (ita <= light),
        "darker skin": ita < dark,
        "younger": age < young,
        "older": age > old,
    }
    return groups | {f"labelled {name}": colour_portraits.faces.group == row for row, name in enumerate(GROUPS)}


def _noisy(picture: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    grain = rng.normal(0, GRAIN, picture.shape[:2])[..., None]
    frame = np.clip(picture + grain, 0, 255).astype(np.uint8)
    data = cv2.imencode(".jpg", frame[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return np.ascontiguousarray(cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1])
