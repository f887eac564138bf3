"""Pure: what a file is, told by its bytes and never by its name, and what no file of ours may be."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass

from coordination.rules import office_files
from coordination.rules.bad_file import BadFile
from enterprises.rules.names import HIDING

LONGEST_NAME = 100
_HEIC = (b"heic", b"heix", b"hevc", b"heim", b"mif1", b"msf1", b"avif")
_PACKED = (b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"PK\x05\x06", b"\xfd7zXZ", b"BZh")
_OTHER_PICTURES = (b"GIF8", b"BM", b"II*\x00", b"MM\x00*")
_MARKUP = re.compile(r"<(?:script|html|svg|iframe|!doctype|!entity|\?xml|body|object|embed)\b", re.IGNORECASE)
_TAIL = 4096
_SCRIPT = re.compile(
    # a name may be spelled in hexadecimal to look like another
    b"/(?:" + b"|".join(b"".join(b"(?:%c|#%02x)" % (c, c) for c in name) for name in (b"JavaScript", b"Launch")) + b")",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Kind:
    """One kind of file we take: extensions (the first is given where a name has none of them), how it is served."""

    code: str
    word: str
    extensions: tuple[str, ...]
    content_type: str
    is_picture: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument"
KINDS = {
    kind.code: kind
    for kind in (
        Kind("jpeg", "图片", ("jpg", "jpeg"), "image/jpeg", True),
        Kind("png", "图片", ("png",), "image/png", True),
        Kind("webp", "图片", ("webp",), "image/webp", True),
        Kind("pdf", "PDF", ("pdf",), "application/pdf"),
        Kind("docx", "文档", ("docx",), f"{_OFFICE}.wordprocessingml.document"),
        Kind("xlsx", "表格", ("xlsx",), f"{_OFFICE}.spreadsheetml.sheet"),
        Kind("pptx", "演示", ("pptx",), f"{_OFFICE}.presentationml.presentation"),
        Kind("doc", "文档", ("doc", "wps"), "application/msword"),
        Kind("xls", "表格", ("xls", "et"), "application/vnd.ms-excel"),
        Kind("ppt", "演示", ("ppt", "dps"), "application/vnd.ms-powerpoint"),
        Kind("csv", "表格", ("csv",), "text/csv"),
        Kind("txt", "文字", ("txt",), "text/plain"),
    )
}


def identify(content: bytes, name: str) -> Kind:
    """The kind of a file, with everything looked into that may hide in it; the name only tells CSV from plain text.

    Raises BadFile: empty_file, heic, not_accepted, packed, markup, polyglot, broken_file, active_content, and what
    office_files says.

    >>> identify("车牌,司机\\n闽C12345,张三".encode(), "名单.csv").code
    'csv'
    """
    if not content:
        raise BadFile("empty_file", "是空的")
    if content.startswith(b"\xff\xd8\xff"):
        return KINDS["jpeg"]
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return KINDS["png"]
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return KINDS["webp"]
    if content.startswith(b"%PDF-"):
        _check_pdf(content)
        return KINDS["pdf"]
    if content.startswith(b"PK\x03\x04"):
        return KINDS[office_files.kind_of_package(content)]
    if content.startswith(office_files.COMPOUND):
        return KINDS[office_files.kind_of_compound(content)]
    _refuse_known(content)
    _check_text(content)
    return KINDS["csv" if name.lower().endswith(".csv") else "txt"]


def named(name: str, kind: Kind) -> str:
    """The name as we show it: without folders and what hides or deceives, ending as its kind does.

    >>> named("C:\\\\照片\\\\车.jpg", KINDS["jpeg"]), named("发票.pdf.exe", KINDS["pdf"]), named("x.webp", KINDS["jpeg"])
    ('车.jpg', '发票.pdf.exe.pdf', 'x.jpg')
    """
    plain = cleaned(name)
    stem, dot, extension = plain.rpartition(".")
    if not dot:
        stem, extension = plain, ""
    if extension.lower() in kind.extensions:
        return f"{(stem or kind.word)[:LONGEST_NAME]}.{extension.lower()}"
    if not (kind.is_picture and extension.lower() in ("webp", "png", "jpg", "jpeg")):
        stem = plain
    return f"{(stem or kind.word)[:LONGEST_NAME]}.{kind.extensions[0]}"


def cleaned(name: str) -> str:
    """A name without folders, without what hides or turns the direction of writing, and without what names may not hold."""
    plain = unicodedata.normalize("NFC", re.split(r"[\\/]", name)[-1])
    plain = "".join(c for c in plain if unicodedata.category(c) not in (*HIDING, "Zl", "Zp"))
    return re.sub(r'[<>:"|?*]', "_", " ".join(plain.split())).strip(". ")


def _refuse_known(content: bytes) -> None:
    """What people often send and we cannot take, each with what to do instead."""
    if content[4:8] == b"ftyp":
        if content[8:12] in _HEIC:
            raise BadFile(
                "heic", "是 HEIC 格式的照片，很多电脑打不开。请在手机相机设置里选“兼容性最佳”重拍，或截图后再传"
            )
        raise BadFile("not_accepted", "是视频或录音，请改传照片或文字说明")
    if content.startswith(_PACKED):
        raise BadFile("packed", "是压缩包，请解开后一个个传")
    if content.startswith(_OTHER_PICTURES):
        raise BadFile("not_accepted", "这种图片格式不收，请另存为 JPG 或 PNG")


def _check_text(content: bytes) -> None:
    text = _decoded(content)
    if text is None or any(unicodedata.category(c) == "Cc" for c in set(text) - set("\t\n\r\f")):
        raise BadFile("not_accepted", "不是照片、PDF、办公文件或纯文本，不能收")
    if text.lstrip().startswith("<") or _MARKUP.search(text):
        raise BadFile("markup", "是网页或带有网页代码，不能收；请另存为 PDF 或表格")


def _decoded(content: bytes) -> str | None:
    encodings = ("utf-16",) if content[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _check_pdf(content: bytes) -> None:
    if b"%%EOF" not in content[-_TAIL:]:
        raise BadFile("broken_file", "没有传完整或已损坏，请重新导出")
    if zipfile.is_zipfile(io.BytesIO(content)):
        raise BadFile("polyglot", "里面藏着另一个文件，不能收")
    if _SCRIPT.search(content):
        raise BadFile("active_content", "带有脚本，不能收；请打印成新的 PDF 再传")
