"""Pure: what office programs write, looked into without parsing any of it: packages (docx, xlsx, pptx) and compound
files (doc, xls, ppt). Macros, what unfolds without end, and what calls for something outside are refused.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from coordination.rules.bad_file import BadFile

MEGABYTE = 1024 * 1024
MOST_ENTRIES, MOST_UNPACKED, MOST_RATIO = 2000, 80 * MEGABYTE, 100
"""A package of slides has some hundred parts; unpacked to packed, real ones stay below 40."""
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_CHUNK, _OVERLAP = 256 * 1024, 64
_MAIN = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx", "ppt/presentation.xml": "pptx"}
_STREAMS = {"worddocument": "doc", "workbook": "xls", "book": "xls", "powerpoint document": "ppt"}
_MACROS = ("vba", "_vba_project", "_vba_project_cur", "macros")
_END = 0xFFFFFFFE


def kind_of_package(content: bytes) -> str:
    """docx, xlsx or pptx.

    Raises BadFile: packed (an archive of something else), macros, encrypted, too_large (unpacked), polyglot,
    unsafe_part, broken_file.
    """
    if content[-22:-18] != b"PK\x05\x06":  # the end of the archive is the end of the file, as programs write it
        raise BadFile("polyglot", "后面接着别的内容或没有传完整，请重新另存一份")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            kind = _kind(entries, len(content))
            for entry in entries:
                _look_through(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        if isinstance(error, BadFile):
            raise
        raise BadFile("broken_file", "已损坏，请重新另存一份") from None
    return kind


def _kind(entries: list[zipfile.ZipInfo], size: int) -> str:
    names = [entry.filename.lower() for entry in entries]
    kind = next((kind for main, kind in _MAIN.items() if main in names), None)
    if kind is None or "[content_types].xml" not in names:
        raise BadFile("packed", "是压缩包或不认识的文件，请解开后一个个传")
    unpacked = sum(entry.file_size for entry in entries)
    if (
        len(entries) > MOST_ENTRIES
        or unpacked > MOST_UNPACKED
        or (unpacked > MEGABYTE and unpacked > size * MOST_RATIO)
    ):
        raise BadFile("too_large", "解开后太大，不能收")
    if len(set(names)) < len(names):
        raise BadFile("polyglot", "里面有重名的部件，请重新另存一份")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile("encrypted", "加了密码，请去掉密码再传")
    if any(name.endswith(("vbaproject.bin", "vbadata.xml")) or "/macrosheets/" in name for name in names):
        raise BadFile("macros", "带宏，不能收；请另存为不带宏的格式")
    if any("/activex/" in name for name in names):
        raise BadFile("active_content", "带控件，不能收；请另存为 PDF 再传")
    return kind


def _look_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack one part in pieces, so that its size is what it says and its bytes hold nothing that reaches outside."""
    is_text = entry.filename.lower().endswith((".xml", ".rels", ".vml"))
    before = b""
    with archive.open(entry) as part:
        while piece := part.read(_CHUNK):
            if is_text:
                _refuse_unsafe(before + piece, entry.filename.lower())
                before = piece[-_OVERLAP:]


def _refuse_unsafe(text: bytes, name: str) -> None:
    # no office program writes a document type or another encoding, and both can hide what unfolds or reads other files
    if b"<!DOCTYPE" in text or b"<!ENTITY" in text or b"\x00" in text:
        raise BadFile("unsafe_part", "里面有不该有的内容，请重新另存一份")
    if name == "[content_types].xml" and b"macroenabled" in text.lower():
        raise BadFile("macros", "带宏，不能收；请另存为不带宏的格式")
    if name.endswith(".rels") and b"attachedTemplate" in text and b"External" in text:
        raise BadFile("unsafe_part", "用了外部模板，请另存为 PDF 再传")


def kind_of_compound(content: bytes) -> str:
    """doc, xls or ppt, by the names in the directory. Raises BadFile: encrypted, macros, not_accepted, broken_file."""
    try:
        names = [name.lower() for name in _directory(content)]
    except (struct.error, IndexError):
        raise BadFile("broken_file", "已损坏，请重新另存一份") from None
    if "encryptedpackage" in names:
        raise BadFile("encrypted", "加了密码，请去掉密码再传")
    if any(name in _MACROS for name in names):
        raise BadFile("macros", "带宏，不能收；请另存为不带宏的格式")
    kind = next((kind for stream, kind in _STREAMS.items() if stream in names), None)
    if kind is None:
        raise BadFile("not_accepted", "不是照片、PDF、办公文件或纯文本，不能收")
    return kind


def _directory(content: bytes) -> list[str]:
    """Names of the streams and storages: the directory's chain of sectors, followed no longer than the file is."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]
    if size not in (512, 4096):
        raise IndexError
    table: list[int] = []
    for sector in _table_sectors(content, size):
        table += struct.unpack_from(f"<{size // 4}I", content, (sector + 1) * size)
    names, seen = [], set()
    at = struct.unpack_from("<I", content, 48)[0]
    while at < _END and at not in seen:
        seen.add(at)
        for offset in range((at + 1) * size, (at + 2) * size, 128):
            length = struct.unpack_from("<H", content, offset + 64)[0]
            if 2 <= length <= 64:
                names.append(content[offset : offset + length - 2].decode("utf-16-le", "replace"))
        at = table[at]
    return names


def _table_sectors(content: bytes, size: int) -> list[int]:
    """Where the allocation table lies: 109 sectors named in the header, more in a chain of their own."""
    found = list(struct.unpack_from("<109I", content, 76))
    most = 109 + len(content) // size // (size // 4)
    at, seen = struct.unpack_from("<I", content, 68)[0], set()
    while at < _END and at not in seen and len(found) < most:
        seen.add(at)
        *sectors, following = struct.unpack_from(f"<{size // 4}I", content, (at + 1) * size)
        found += sectors
        at = following
    return [sector for sector in found[:most] if sector < _END - 1]
