"""The zip around a workbook: opened with distrust, handed on only with parts that were read and counted.

The sizes an archive declares may lie, and a reader that trusts them can be made to unpack gigabytes. So the parts
needed are unpacked here, within limits, and packed anew for the reader of cells.
"""

from __future__ import annotations

import io
import zipfile
import zlib

from enterprises.files.limits import MEGABYTE, MOST_ENTRIES, MOST_RATIO, MOST_UNPACKED
from enterprises.files.refusals import BadFile

CONTENT_TYPES = "[Content_Types].xml"
WORKBOOK = "xl/workbook.xml"
ADVICE = "请在表格软件里另存为 .xlsx 再上传。"


def parts(content: bytes) -> dict[str, bytes]:
    """The XML parts of a workbook by name; refuses what is no plain .xlsx, and what unpacks to too much."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _refuse_sizes(entries, len(content))
            _refuse_kind({entry.filename for entry in entries}, entries)
            found: dict[str, bytes] = {}
            left = MOST_UNPACKED
            for entry in entries:
                if not entry.filename.endswith((".xml", ".rels")):
                    continue
                with archive.open(entry) as part:
                    found[entry.filename] = part.read(left + 1)
                left -= len(found[entry.filename])
                if left < 0:
                    raise BadFile("工作簿解开后太大。", code="too_large")
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise BadFile(f"工作簿已损坏。{ADVICE}", code="broken_workbook") from None
    _refuse_contents(found)
    return found


def packed(found: dict[str, bytes]) -> bytes:
    """The parts as an archive of their true sizes."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for name, part in found.items():
            archive.writestr(name, part)
    return stream.getvalue()


def _refuse_sizes(entries: list[zipfile.ZipInfo], size: int) -> None:
    if len(entries) > MOST_ENTRIES:
        raise BadFile("工作簿里的部件太多。", code="too_many_parts")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MOST_UNPACKED or (unpacked > MEGABYTE and unpacked > size * MOST_RATIO):
        raise BadFile("工作簿解开后太大。", code="too_large")
    if len({entry.filename for entry in entries}) < len(entries):
        raise BadFile(f"工作簿已损坏。{ADVICE}", code="broken_workbook")


def _refuse_kind(names: set[str], entries: list[zipfile.ZipInfo]) -> None:
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadFile(f"文件加了密码，请去掉密码。{ADVICE}", code="encrypted")
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise BadFile(f"工作簿带宏，不能接受。{ADVICE}", code="macros")
    if any(name.startswith("xl/externalLinks/") for name in names):
        raise BadFile("工作簿引用了别的文件，请先把这些公式粘贴为数值。", code="external_links")
    if CONTENT_TYPES not in names or WORKBOOK not in names:
        raise BadFile(f"文件不是 .xlsx 工作簿。{ADVICE}", code="not_a_workbook")


def _refuse_contents(found: dict[str, bytes]) -> None:
    if b"macroenabled" in found[CONTENT_TYPES].lower():
        raise BadFile(f"工作簿带宏，不能接受。{ADVICE}", code="macros")
    for part in found.values():
        # no workbook needs a document type or another encoding, and both can hide what unfolds without end
        if b"<!DOCTYPE" in part or b"<!ENTITY" in part or b"\x00" in part:
            raise BadFile(f"工作簿里有不该有的内容。{ADVICE}", code="broken_workbook")
