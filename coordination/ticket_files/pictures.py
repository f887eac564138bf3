"""Pictures, made anew: upright, not larger than a screen needs, without what a camera wrote about place and person."""

from __future__ import annotations

import io
import threading
import warnings

from PIL import Image

from coordination.rules.bad_file import BadFile
from coordination.rules.file_kinds import KINDS, Kind

LONGEST_SIDE = 2560
MOST_PIXELS, MOST_WHOLE = 64_000_000, 13_000_000
"""A JPEG can be read at a fraction of its size; what must be unpacked whole (and a JPEG in layers) may be smaller only."""
LARGEST_PNG = 3 * 1024 * 1024
QUALITY = 85
_FORMATS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}
_one_at_a_time = threading.Semaphore(1)
"""Unpacked pictures take tens of megabytes: a process holds one of them."""


def remade(content: bytes, kind: Kind) -> tuple[bytes, Kind]:
    """The picture as JPEG, or as PNG where it was one and stays small. Raises BadFile: too_many_pixels, broken_file."""
    with _one_at_a_time:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Pillow's own notes on odd files; sizes are judged here
                picture = _read(content, kind)
                if kind.code == "png" and (png := _png(picture)) is not None:
                    return png, kind
                return _jpeg(picture), KINDS["jpeg"]
        except BadFile:
            raise
        except Image.DecompressionBombError:
            raise _too_large() from None
        except Exception:
            # a reader of foreign bytes fails in any way it likes; each means the same to the sender
            raise BadFile("broken_file", "打不开，可能没有传完整，请重新拍照或截图") from None


def _read(content: bytes, kind: Kind) -> Image.Image:
    """Upright and small. Only the header is read before its size is known."""
    picture: Image.Image = Image.open(io.BytesIO(content), formats=[_FORMATS[kind.code]])
    pixels = picture.width * picture.height
    is_whole = kind.code != "jpeg" or bool(picture.info.get("progressive"))
    if pixels > (MOST_WHOLE if is_whole else MOST_PIXELS):
        raise _too_large()
    orientation = picture.getexif().get(0x0112)
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    picture.load()
    if picture.mode not in ("RGB", "RGBA", "L"):
        has_alpha = picture.mode in ("LA", "PA") or "transparency" in picture.info
        picture = picture.convert("RGBA" if has_alpha else "RGB")
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE), reducing_gap=2.0)
    turned = _turns(orientation)
    return picture.transpose(turned) if turned is not None else picture


def _too_large() -> BadFile:
    return BadFile("too_many_pixels", "尺寸太大，请缩小或截图后再传")


def _turns(orientation: object) -> Image.Transpose | None:
    """How a picture is set upright; nothing for what is upright or unknown."""
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_90,
    }  # fmt: skip
    return turns.get(orientation) if isinstance(orientation, int) else None


def _png(picture: Image.Image) -> bytes | None:
    made = _bare(picture)
    out = io.BytesIO()
    made.save(out, "PNG")
    return out.getvalue() if out.tell() <= LARGEST_PNG else None


def _jpeg(picture: Image.Image) -> bytes:
    made = _bare(picture)
    if made.mode == "RGBA":
        paper = Image.new("RGB", made.size, "white")
        paper.paste(made, mask=made.getchannel("A"))
        made = paper
    out = io.BytesIO()
    made.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _bare(picture: Image.Image) -> Image.Image:
    """The picture without anything it brought along."""
    made = picture.copy()
    made.info = {}
    return made
