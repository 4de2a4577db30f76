"""How well viewers are followed in videos of real people, and whether the reflection answers them.

    python scripts/measure_viewers.py VIDEO… [--shrink] [--json FILE]

The reference is dlib's HOG on every frame, upsampled once, score at least 0. Every frame is used, no threads, the
frames' own times are the clock: the same command gives the same figures (but for the milliseconds). `--shrink` makes
the face 75 px wide in a frame of 1280×720: the viewer two metres away.

    followed    reference frames in which a followed face overlaps the reference by at least 0.5
    far         followed frames in which the viewer is far from every reference face of the same shot within 0.2 s
    unseen      followed frames for which the detector says that nobody is there in that very frame
    arrivals    cuts after which somebody is followed, and is somebody new
    landmarks   median distance to those predicted from the reference's box, per distance between the eyes
    floor       the same between two detections of the same frame, upsampled and not: the reference's own uncertainty
    again       after the viewer was covered for half a second: until followed again
    new         after two seconds of an empty picture: until followed
    ms          processor time a frame while somebody is followed: mean, 95th percentile
    hog         processor time of one detection in a frame of this size: the measure of this machine, as busy as it is

Then the films are played to the mirror that ships. Over all moments at which a viewer is followed and the picture shown
has a face: Spearman's correlation of the viewer's yaw, and of the opening of the mouth, with the reflection's at
the same moment; and the mean angle between the reflections of different people.
"""

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

SMALL_FACE, SMALL_FRAME = 75, (720, 1280)
NEAR = 0.5  # overlap
SAME_MOMENT = 0.2  # seconds: the detector flickers on hard poses
EVERY = 8  # frames; plain detection is slow
COVERED, EMPTY = 0.5, 2.0  # seconds


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("videos", nargs="+", type=Path, metavar="VIDEO")
    arguments.add_argument("--shrink", action="store_true", help="a face of 75 px in a frame of 1280×720")
    arguments.add_argument("--json", type=Path, metavar="FILE", help="also write the figures there")
    chosen = arguments.parse_args()
    from narcissus.core.errors import NarcissusError
    from narcissus.core.files import write_whole

    rows, answers = [], []
    try:
        scene = mirror()
        print(HEADER)
        for video in chosen.videos:
            frames, reference = seen(video, chosen.shrink)
            rows.append({"video": video.name} | following(frames, reference) | recovering(frames, reference))
            print(line(rows[-1]), flush=True)
            answers.append(answer(scene, frames))
        figures = in_all(answers)
    except NarcissusError as error:
        print(f"measure_viewers: {error}", file=sys.stderr)
        return error.exit_code
    if chosen.json:
        write_whole(chosen.json, json.dumps({"videos": rows, "answer": figures}, indent=2) + "\n")
    return 0


def seen(video: Path, shrink: bool) -> tuple[list, list]:
    """The frames of a video, and the reference faces in each."""
    frames = every_frame(video)
    reference = [detected(frame.image) for frame in frames]
    return shrunk(frames, reference) if shrink else (frames, reference)


def mirror():
    """Makes a fresh mirror as it ships, at each call."""
    from narcissus.app.build import Installation
    from narcissus.app.settings import Settings

    return Installation(Settings(source="films")).scene


def answer(scene, frames: list):
    from narcissus.lab.likeness import answering, film

    return answering.answer(film.run(scene(), iter(frames)))


def in_all(answers: list) -> dict:
    """The figures of all films together, printed in one line."""
    from narcissus.lab.likeness.answering import answered

    figures = answered(answers)
    shown = {name: "–" if value is None else f"{value:.2f}" for name, value in figures.items()}
    print(
        f"the reflection answers: yaw {shown['yaw']}, mouth {shown['mouth']} ({figures['moments']} moments); "
        f"{figures['people']} people's reflections lie {shown['degrees_apart']}° apart on average"
    )
    return figures


def every_frame(video: Path) -> list:
    """All frames of a video at their own times, however long reading takes."""
    from narcissus.core.errors import SourceEnded
    from narcissus.sources.video import VideoSource

    frames = []
    with VideoSource(video, once=True, clock=lambda: 0.0, sleep=lambda seconds: None) as source:
        while True:
            try:
                frames.append(source.read())
            except SourceEnded:
                return frames


def detected(image: np.ndarray) -> list:
    """The reference faces of a frame uint8 (H, W, 3), as boxes."""
    import dlib

    from narcissus.core.types import Box

    global _detector
    _detector = _detector or dlib.get_frontal_face_detector()
    boxes, _, _ = _detector.run(image, 1, 0.0)
    return [Box(box.left(), box.top(), box.right() + 1, box.bottom() + 1) for box in boxes]


_detector = None


def shrunk(frames: list, reference: list) -> tuple[list, list]:
    """The same with the median reference face 75 px wide, above the middle of a 1280×720 frame."""
    import cv2

    from narcissus.core.types import Box, Frame

    widths = [box.width for boxes in reference for box in boxes]
    scale = SMALL_FACE / float(np.median(widths)) if widths else 1.0
    height, width = (round(side * scale) for side in frames[0].image.shape[:2])
    top, left = ((SMALL_FRAME[0] - height) // 3, (SMALL_FRAME[1] - width) // 2)
    border = (top, SMALL_FRAME[0] - height - top, left, SMALL_FRAME[1] - width - left)
    small = [
        Frame(
            cv2.copyMakeBorder(
                cv2.resize(frame.image, (width, height), interpolation=cv2.INTER_AREA), *border, cv2.BORDER_REPLICATE
            ),
            frame.time,
            frame.cut,
        )
        for frame in frames
    ]
    moved = [
        [
            Box(*(edge * scale + shift for edge, shift in zip(edges, (left, top, left, top), strict=True)))
            for edges in ((box.left, box.top, box.right, box.bottom) for box in boxes)
        ]
        for boxes in reference
    ]
    return small, moved


def following(frames: list, reference: list) -> dict:
    from narcissus.people import FaceFinder

    finder, faces, spent = FaceFinder(), [], []
    for frame in frames:
        start = time.thread_time()
        faces.append(finder.find(frame))
        spent.append(1000 * (time.thread_time() - start))
    seen = [i for i, boxes in enumerate(reference) if boxes]
    hits = [i for i in seen if near(faces[i], [max(reference[i], key=lambda box: box.area)])]
    followed = [i for i in range(len(frames)) if faces[i]]
    viewers = [faces[i][:1] for i in range(len(frames))]
    around = same_moment(frames)
    far = [i for i in followed if not any(near(viewers[i], reference[j]) for j in around[i])]
    unseen = [i for i in followed if not near(viewers[i], reference[i])]
    busy = [spent[i] for i in followed[1:] if faces[i - 1]]
    return (
        {
            "frames": len(frames),
            "reference_frames": len(seen),
            "followed": share(len(hits), len(seen)),
            "far": share(len(far), len(followed)),
            "unseen": share(len(unseen), len(followed)),
            "landmarks": landmark_error(frames, faces, reference, hits),
        }
        | detecting(frames, reference)
        | {
            "ms_mean": float(np.mean(busy)) if busy else None,
            "ms_p95": float(np.percentile(busy, 95)) if busy else None,
        }
        | arrivals(frames, faces, reference)
    )


def near(faces: list, boxes: list) -> bool:
    return any(face.box.overlap(box) >= NEAR for face in faces for box in boxes)


def share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def same_moment(frames: list) -> list[list[int]]:
    """For each frame those within 0.2 s and without a cut between."""
    shots = np.cumsum([frame.cut for frame in frames])
    times = np.array([frame.time for frame in frames])
    return [
        np.flatnonzero((shots == shot) & (abs(times - now) <= SAME_MOMENT)).tolist()
        for shot, now in zip(shots, times, strict=True)
    ]


def arrivals(frames: list, faces: list, reference: list) -> dict:
    """Of the cuts to a shot in which the detector sees somebody: those after which somebody new is followed."""
    cuts = [i for i, frame in enumerate(frames) if frame.cut]
    shots = [range(start, end) for start, end in zip(cuts, [*cuts[1:], len(frames)], strict=True)]
    wanted = [shot for shot in shots if any(reference[i] for i in shot)]
    known: set[int] = set()
    new = 0
    for shot in shots:
        here = {face.identity for i in shot for face in faces[i]}
        new += shot in wanted and bool(here) and not here & known
        known |= here
    return {"shots_with_faces": len(wanted), "arrivals": new}


def landmark_error(frames: list, faces: list, reference: list, hits: list[int]) -> float | None:
    from narcissus.people.models import grey, interocular, predict

    errors = []
    for i in hits:
        box = max(reference[i], key=lambda box: box.area)
        best = max(faces[i], key=lambda face: face.box.overlap(box))
        full = predict(grey(frames[i].image), box)
        errors.append(float(np.linalg.norm(best.landmarks - full, axis=1).mean() / interocular(full)))
    return float(np.median(errors)) if errors else None


def detecting(frames: list, reference: list) -> dict:
    """What plain detection costs, and how far it disagrees with itself, on every eighth frame."""
    from narcissus.people.models import detect, grey, interocular, predict

    spent, errors = [], []
    for frame, boxes in list(zip(frames, reference, strict=True))[::EVERY]:
        picture = grey(frame.image)
        start = time.thread_time()
        found = [one.box for one in detect(picture)]
        spent.append(1000 * (time.thread_time() - start))
        for box in boxes[:1]:
            full = predict(picture, box)
            same = [predict(picture, other) for other in found if other.overlap(box) >= NEAR]
            errors += [float(np.linalg.norm(other - full, axis=1).mean() / interocular(full)) for other in same[:1]]
    return {"hog_ms": float(np.median(spent)), "floor": float(np.median(errors)) if errors else None}


def recovering(frames: list, reference: list) -> dict:
    """Milliseconds of the frames' time until the viewer is followed after being covered, and after an empty picture."""
    seen = [i for i, boxes in enumerate(reference) if boxes]
    if not seen:
        return {"again_ms": None, "new_ms": None}
    middle = seen[len(seen) // 2]
    covered = covering(frames[middle], reference[middle], full=False)
    empty = covering(frames[middle], reference[middle], full=True)
    return {
        "again_ms": until_followed(frames, middle, covered, COVERED),
        "new_ms": until_followed(frames, middle, empty, EMPTY),
    }


def covering(frame, boxes: list, full: bool) -> np.ndarray:
    """The frame's picture with the faces, or everything, painted over in its mean colour."""
    image = frame.image.copy()
    colour = image.mean(axis=(0, 1)).astype(np.uint8)
    for box in boxes:
        left, top, right, bottom = (max(0, round(edge)) for edge in (box.left, box.top, box.right, box.bottom))
        half = (right - left) // 2
        image[max(0, top - half) : bottom + half, max(0, left - half) : right + half] = colour
    if full:
        image[:] = colour
    return image


def until_followed(frames: list, start: int, hidden: np.ndarray, seconds: float) -> float | None:
    from narcissus.core.types import Frame
    from narcissus.people import FaceFinder

    finder = FaceFinder()
    period = frames[1].time - frames[0].time
    for frame in frames[max(0, start - 30) : start]:
        finder.find(frame)
    count = round(seconds / period)
    for i in range(count):
        finder.find(Frame(hidden, frames[start].time + i * period))
    for i, frame in enumerate(frames[start:]):
        if finder.find(Frame(frame.image, frames[start].time + (count + i) * period)):
            return 1000 * i * period
    return None


COLUMNS = (
    ("followed", "followed", lambda value: f"{100 * value:.1f} %"),
    ("far", "far", lambda value: f"{100 * value:.1f} %"),
    ("unseen", "unseen", lambda value: f"{100 * value:.1f} %"),
    ("landmarks", "landmarks", lambda value: f"{100 * value:.2f} %"),
    ("floor", "floor", lambda value: f"{100 * value:.2f} %"),
    ("again_ms", "again", lambda value: f"{value:.0f} ms"),
    ("new_ms", "new", lambda value: f"{value:.0f} ms"),
    ("ms_mean", "ms", lambda value: f"{value:.2f}"),
    ("ms_p95", "p95", lambda value: f"{value:.1f}"),
    ("hog_ms", "hog", lambda value: f"{value:.1f}"),
)
HEADER = f"{'video':18} frames  faces  arrivals " + " ".join(f"{title:>9}" for _, title, _ in COLUMNS)


def line(row: dict) -> str:
    cells = [form(row[key]) if row[key] is not None else "–" for key, _, form in COLUMNS]
    counts = f"{row['frames']:6d} {row['reference_frames']:6d} {row['arrivals']:5d}/{row['shots_with_faces']}  "
    return f"{row['video'][:18]:18} {counts} " + " ".join(f"{cell:>9}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
