"""Every figure's name, meaning, scale and target, for pages and terminals."""

from typing import NamedTuple


class Word(NamedTuple):
    name: str
    meaning: str
    scale: tuple[float, float]  # of its drawing
    goal: float | None = None  # what this piece asks of it (the second goal of a band is in the meaning)
    unit: str = ""
    less: bool = False  # True: smaller is better


WORDS = {
    "landmark_skill": Word(
        "shape",
        "how much nearer the reflection’s landmarks are to its own viewer’s than to a stranger’s; 1 is "
        "the same shape, 0 chance",
        (-0.2, 1),
        0.55,
    ),
    "yaw_r": Word(
        "turning",
        "the reflection’s head turns with the viewer’s: correlation of yaw",
        (-0.2, 1),
        0.93,
    ),
    "mouth_r": Word(
        "mouth",
        "the mouths open together: correlation of the opening between the lips",
        (-0.2, 1),
        0.75,
    ),
    "identity_auc": Word(
        "identity",
        "a viewer and the own reflection are more alike than a viewer and a stranger’s: probability, by a "
        "face descriptor that the inverter never used",
        (0.4, 1),
        0.70,
    ),
    "identity_auc_other": Word(
        "identity, another photograph",
        "the same, when the reflection is that of another photograph of the viewer",
        (0.4, 1),
        0.68,
    ),
    "recall_at_1": Word(
        "recognised again",
        "of all people’s reflections, the most similar to a person’s second reflection is that person’s first",
        (0, 0.6),
        None,
    ),
    "recall_latent": Word(
        "recognised again, in the latents",
        "the same, by the points of the latent space themselves",
        (0, 0.6),
        None,
    ),
    "recall_features": Word(
        "recognised by the features",
        "the same, by the numbers that the mirror knows of a viewer: no mirror knows more",
        (0, 0.6),
        None,
    ),
    "recall_chance": Word(
        "… by chance",
        "one over the number of people",
        (0, 0.6),
        None,
    ),
    "age_r": Word(
        "age",
        "older viewers get older reflections: correlation of the guessed ages",
        (-0.2, 1),
        0.6,
    ),
    "age_mae": Word(
        "age, years apart",
        "mean difference of the guessed ages of viewer and reflection",
        (0, 25),
        None,
        "years",
        True,
    ),
    "gender_agreement": Word(
        "gender presentation",
        "the machine takes viewer and reflection for the same",
        (0.4, 1),
        0.88,
    ),
    "smile_agreement": Word(
        "smile",
        "the machine sees happiness in both or in neither",
        (0.4, 1),
        None,
    ),
    "skin_r": Word(
        "skin tone",
        "lighter viewers get lighter reflections: correlation of the typology angle",
        (-0.2, 1),
        0.9,
    ),
    "skin_slope": Word(
        "skin tone, slope",
        "how much of a difference of skin tone is kept; 1 is all of it (asked for: 0.85 to 1.15)",
        (0, 1.6),
        0.85,
    ),
    "variety_ratio": Word(
        "variety",
        "how far reflections of different people lie apart, over how far random faces of the generator do",
        (0, 1.3),
        0.8,
    ),
    "variety_of_people": Word(
        "variety, of the people’s own",
        "the same, over how far the people themselves lie apart",
        (0, 1.3),
        None,
    ),
    "face_rate": Word(
        "a face is there",
        "a detector finds a face in the reflection",
        (0.5, 1),
        0.95,
    ),
    "face_rate_real": Word(
        "… in the photographs",
        "the same detector, in the photographs themselves",
        (0.5, 1),
        None,
    ),
    "still_degrees": Word(
        "calm",
        "the largest movement of a motionless viewer’s reflection, degrees per 1/30 s",
        (0, 3),
        1.2,
        "°",
        True,
    ),
    "t90_ms": Word(
        "arrival",
        "from being followed until 90 % of the way to a new viewer is gone",
        (0, 700),
        350,
        "ms",
        True,
    ),
    "amplitude_mouth": Word(
        "mouth kept",
        "how much of the mouth’s movement smoothing leaves",
        (0, 1.3),
        0.7,
    ),
    "amplitude_eyes": Word(
        "eyes kept",
        "how much of the eyelids’ movement smoothing leaves",
        (0, 1.3),
        0.7,
    ),
}

CONDITIONS = {
    "random_z": "random face",
    "mean_z": "one face for all",
    "shuffled_features": "a stranger’s reflection",
    "nearest_neighbour": "nearest of the random faces",
    "plain_ridge": "plain ridge on displacements",
    "own_photo": "own photo",
    "oracle": "oracle",
}


def figure_text(figure: dict | None, digits: int = 3) -> str:
    """ "0.612 (0.580 to 0.641)" for a terminal; an en dash where there is none."""
    if not figure or figure["value"] is None:
        return "–"
    text = f"{figure['value']:.{digits}f}"
    return text if figure["low"] is None else f"{text} ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"


def digits_of(key: str) -> int:
    return {"age_mae": 1, "t90_ms": 0, "still_degrees": 2}.get(key, 3)


def table(report: dict) -> str:
    """The figures beside their baselines, for a terminal."""
    columns = {name: report["baselines"].get(name) for name in CONDITIONS} | report["bounds"]
    columns = {CONDITIONS[name]: column for name, column in columns.items() if column}
    lines = [f"{'':34}{'':30}{'n':>6}  " + "  ".join(f"{name[:12]:>12}" for name in columns)]
    for key, word in WORDS.items():
        figure = report.get(key) or report["amplitude"].get(key) or report["beside"].get(key)
        if not figure or figure["value"] is None:
            continue
        others = [
            figure_text(dict(column[key], low=None), digits_of(key)) if column.get(key) else "–"
            for column in columns.values()
        ]
        lines.append(
            f"{word.name:34}{figure_text(figure, digits_of(key)):30}{figure['n']:>6}  "
            + "  ".join(f"{o:>12}" for o in others)
        )
    return "\n".join(lines + clip_lines(report.get("clips")))


def lights_table(sets: dict) -> str:
    """What becomes of people under each light, for a terminal; nothing where no lights were asked for."""
    columns = {"same_person": "same person", "cheek": "ΔE, its part", "skin_r": "skin r", "skin_slope": "slope"}
    lines = []
    for name, lights in sets.items():
        lines.append(f"\n{name + ' under':34}" + "  ".join(f"{said:>26}" for said in columns.values()))
        each = {**lights["each"], "all of them": lights}
        lines += [
            f"{light:34}" + "  ".join(f"{figure_text(row.get(key)):>26}" for key in columns)
            for light, row in each.items()
        ]
    return "\n".join(lines)


def clip_lines(clips: dict | None) -> list[str]:
    """Who holds in films, for a terminal: a line for all films together, and one for each."""
    if not clips:
        return []
    rows = {"all films": clips["all"]} | clips["each"]
    told = lambda value: "–" if value is None else f"{value:.3g}"
    words = {name: ", ".join(f"{key} {told(value)}" for key, value in row.items()) for name, row in rows.items()}
    return ["", *(f"{name}: {line}" for name, line in words.items())]
