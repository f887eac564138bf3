"""Files as people send them, and as nobody should: made here, so that no test depends on a file of somebody's."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from PIL import Image

TYPES = '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'
MAIN = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "pptx": "ppt/presentation.xml"}
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\nstartxref\n9\n%%EOF\n"


def picture(form: str = "JPEG", size: tuple[int, int] = (640, 480), mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size, 60).save(out, form, **options)
    return out.getvalue()


def photo(size: tuple[int, int] = (3000, 2000), orientation: int = 6) -> bytes:
    """A photo as phones take it: lying on its side, and with the place where it was taken."""
    found = Image.new("RGB", size, (200, 40, 40))
    notes = found.getexif()
    notes[0x0112] = orientation
    notes[0x010F] = "PhoneMaker"
    notes.get_ifd(0x8825)[1] = "N"
    notes.get_ifd(0x8825)[2] = (24.0, 48.0, 12.0)
    out = io.BytesIO()
    found.save(out, "JPEG", exif=notes)
    return out.getvalue()


def package(kind: str = "docx", more: dict[str, str | bytes] | None = None, *, types: str = TYPES) -> bytes:
    """An office package with further parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr(MAIN[kind], '<?xml version="1.0"?><root>熔喷布采购合同</root>')
        for name, content in (more or {}).items():
            archive.writestr(name, content)
    return out.getvalue()


def compound(*names: str) -> bytes:
    """A compound file whose directory has these names."""
    entries = b""
    for name in ("Root Entry", *names):
        said = name.encode("utf-16-le") + b"\0\0"
        entries += said.ljust(64, b"\0") + struct.pack("<H", len(said)) + bytes(62)
    entries = entries.ljust(-(-len(entries) // 512) * 512, b"\0")
    count = len(entries) // 512
    table = [0xFFFFFFFD, *range(2, count + 1), 0xFFFFFFFE]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH", 62, 3, 0xFFFE, 9, 6) + bytes(10)
    header += struct.pack("<IIIIIIII", 1, 1, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    header += struct.pack("<109I", 0, *[0xFFFFFFFF] * 108)
    return header + struct.pack("<128I", *table, *[0xFFFFFFFF] * (128 - len(table))) + entries


def pixel_bomb(side: int = 20000) -> bytes:
    """A PNG of a few kilobytes that says it has 400 million pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(side * 300))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def zip_bomb() -> bytes:
    """A package of a few hundred kilobytes that unpacks to 400 megabytes."""
    return package("xlsx", {f"xl/worksheets/sheet{n}.xml": bytes(40 * 1024 * 1024) for n in range(10)})


def lying_bomb() -> bytes:
    """A package whose part says it is small, and is not."""
    made = bytearray(package("docx", {"word/media/a.bin": bytes(30 * 1024 * 1024)}))
    size = struct.pack("<I", 30 * 1024 * 1024)
    at = made.find(size)
    while at >= 0:
        made[at : at + 4] = struct.pack("<I", 10)
        at = made.find(size, at)
    return bytes(made)
