"""Photographs as files: upright, in sRGB, with their alpha and their metadata (Pillow; cv2 where there are 16 bits)."""

import io
import warnings
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin, UnidentifiedImageError

from narcissus.core.errors import SourceError
from narcissus.core.quiet import quiet

LARGEST = 400_000_000  # pixels; a scan of 20,000 × 20,000 takes 4 GB
SMALLEST = 8  # pixels, either side
DENSEST = 50_000_000  # dots per inch: PNG writes dots per metre in 31 bits
DEEP = {"PNG", "TIFF"}  # formats whose pictures of 16 bits and three colours Pillow would cut to 8
BITS_PER_SAMPLE = 258  # TIFF 6.0
BROKEN = (OSError, ValueError, SyntaxError, EOFError, MemoryError, TypeError, KeyError, OverflowError, IndexError)


@dataclass(frozen=True, slots=True, eq=False)
class Photograph:
    pixels: np.ndarray  # uint8 or uint16 (H, W, 3) sRGB, upright
    alpha: np.ndarray | None = None  # of the same type, (H, W)
    exif: bytes | None = None  # without the orientation, which has been obeyed
    xmp: bytes | None = None
    dpi: tuple[float, float] | None = None
    text: dict[str, str] = field(default_factory=dict)  # PNG's own words

    @property
    def shape(self) -> tuple[int, int]:
        return self.pixels.shape[:2]


def read_photograph(data: bytes, name: str, smallest: int = SMALLEST) -> Photograph:
    """Either side has `smallest` pixels at least.

    Raises SourceError, in one line, for whatever is no photograph, damaged, empty, too small or too large.
    """
    try:
        with quiet(), warnings.catch_warnings(action="ignore"), Image.open(io.BytesIO(data)) as image:
            _refuse_by_size(image, name, smallest)
            deep = _deep_pixels(image, data)
            image.load()
            return _deep(image, deep) if deep is not None else _shallow(image)
    except (UnidentifiedImageError, Image.DecompressionBombError) as fault:
        what = "too large" if isinstance(fault, Image.DecompressionBombError) else "not a picture"
        raise SourceError(f"{name}: {what}; give a JPEG, PNG, TIFF or WebP file") from None
    except (*BROKEN, cv2.error) as fault:
        raise SourceError(f"{name}: damaged ({_one_line(fault)}); give a whole JPEG, PNG, TIFF or WebP file") from None


def _refuse_by_size(image: Image.Image, name: str, smallest: int) -> None:
    """The size stands in the header: nothing has been unfolded yet."""
    width, height = image.size
    if width * height > LARGEST:
        raise SourceError(f"{name}: {width} × {height} pixels are too many; {LARGEST // 10**6} million at most")
    if min(width, height) < smallest:
        raise SourceError(f"{name}: {width} × {height} pixels are too few; {smallest} at least, each way")


def _shallow(image: Image.Image) -> Photograph:
    """A picture of 8 bits, in whatever mode."""
    upright = ImageOps.exif_transpose(image)
    kept = _metadata(image)  # takes the orientation away
    alpha = None
    if "A" in upright.getbands() or "transparency" in upright.info:
        upright = upright.convert("RGBA")
        alpha = np.asarray(upright.getchannel("A"))
    return Photograph(np.asarray(_in_srgb(upright, image.info.get("icc_profile"))), alpha, **kept)


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """RGB, converted where the file says in which colours its numbers are meant; a damaged profile says nothing."""
    if profile:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            if "srgb" not in ImageCms.getProfileDescription(source).lower():
                flat = image.convert("RGB") if image.mode in ("RGBA", "P", "PA") else image
                flat = flat.convert("L") if flat.mode == "LA" else flat
                return ImageCms.profileToProfile(flat, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass
    return image.convert("RGB")


def _deep_pixels(image: Image.Image, data: bytes) -> np.ndarray | None:
    """uint16 (H, W, C) as the file has it, BGR; None where a picture has 8 bits."""
    bits = (data[24],) if image.format == "PNG" else _tiff_bits(image)
    if image.format not in DEEP or 16 not in bits:
        return None
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if pixels is None or pixels.dtype != np.uint16:
        return None
    return pixels.reshape(*pixels.shape[:2], -1)


def _tiff_bits(image: Image.Image) -> tuple[int, ...]:
    bits = image.tag_v2.get(BITS_PER_SAMPLE, (8,)) if image.format == "TIFF" else (8,)
    return bits if isinstance(bits, tuple) else (bits,)


def _deep(image: Image.Image, pixels: np.ndarray) -> Photograph:
    """A scan of 16 bits. Its numbers are taken for sRGB: no library here converts 16 bits by a profile."""
    pixels = _turned(pixels, image.getexif().get(ExifTags.Base.Orientation, 1))
    channels = pixels.shape[2]
    alpha = np.ascontiguousarray(pixels[..., -1]) if channels in (2, 4) else None
    colour = pixels[..., 2::-1] if channels >= 3 else np.repeat(pixels[..., :1], 3, axis=2)
    return Photograph(np.ascontiguousarray(colour), alpha, **_metadata(image))


def _turned(pixels: np.ndarray, orientation: int) -> np.ndarray:
    """Upright, as EXIF's orientation 1 to 8 has it."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.transpose(1, 0, 2)
    across = orientation in (2, 3, 6, 7)
    down = orientation in (3, 4, 7, 8)
    return pixels[:: -1 if down else 1, :: -1 if across else 1]


def _metadata(image: Image.Image) -> dict:
    exif = image.getexif()
    exif.pop(ExifTags.Base.Orientation, None)
    xmp = image.info.get("xmp")
    text = getattr(image, "text", {}) if isinstance(image, PngImagePlugin.PngImageFile) else {}
    return {
        "exif": exif.tobytes().removeprefix(b"Exif\0\0") if len(exif) else None,
        "xmp": xmp.encode() if isinstance(xmp, str) else xmp,
        "dpi": _resolution(image.info.get("dpi")),
        "text": {key: str(value) for key, value in text.items() if not key.startswith("XML:")},
    }


def _resolution(dpi: tuple | None) -> tuple[float, float] | None:
    """Dots per inch, across and down; what makes no sense, as a TIFF's 300/0, says nothing."""
    values = tuple(float(value) for value in dpi or ())
    return values if values and all(0 < value <= DENSEST for value in values) else None


def _one_line(fault: BaseException) -> str:
    said = " ".join(str(fault).split()) or type(fault).__name__
    return "".join(character for character in said if character.isprintable())[:120]
