"""What files are taken, by their bytes; what is refused, with which reason; and that refusing costs little."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings

from coordination.rules.bad_file import BadFile
from coordination.rules.file_kinds import KINDS, identify, named
from tests.coordination.ticket_files import samples

EVIL_RELS = (
    '<Relationships><Relationship Type="http://x/attachedTemplate" Target="http://evil/t.dotm" TargetMode="External"/>'
    "</Relationships>"
)
XXE = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>'
BILLION = '<!DOCTYPE l [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]><l>&b;</l>'


@pytest.mark.parametrize(
    ("content", "name", "kind"),
    [
        (samples.picture("JPEG"), "a.jpg", "jpeg"),
        (samples.picture("PNG"), "a.jpg", "png"),  # the name does not count
        (samples.picture("WEBP"), "a.webp", "webp"),
        (samples.PDF, "通知.pdf", "pdf"),
        (samples.package("docx"), "合同.docx", "docx"),
        (samples.package("xlsx"), "清单.xlsx", "xlsx"),
        (samples.package("pptx"), "汇报.pptx", "pptx"),
        (samples.compound("WordDocument", "1Table"), "旧.doc", "doc"),
        (samples.compound("Workbook"), "旧.xls", "xls"),
        (samples.compound("Current User", "PowerPoint Document"), "旧.ppt", "ppt"),
        ("车牌,司机\n闽C12345,张三".encode(), "名单.csv", "csv"),
        ("车牌,司机\n闽C12345,张三".encode("gb18030"), "名单.CSV", "csv"),
        ("两三吨就够 a < b 时用".encode(), "说明.txt", "txt"),
        ("车牌\t司机".encode("utf-16"), "名单.txt", "txt"),
    ],
)
def test_takes_what_people_send(content: bytes, name: str, kind: str) -> None:
    assert identify(content, name) == KINDS[kind]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\0\0\0\x18ftypheic" + bytes(40), "heic"),
        (b"\0\0\0\x18ftypmp42" + bytes(40), "not_accepted"),
        (b"GIF89a" + bytes(40), "not_accepted"),
        (b"MZ\x90\0" + bytes(60), "not_accepted"),
        (b"\x7fELF" + bytes(60), "not_accepted"),
        (b"Rar!\x1a\x07\0" + bytes(40), "packed"),
        (b"<html><script>alert(1)</script>", "markup"),
        (b"\xef\xbb\xbf  <?xml version='1.0'?><svg onload='x()'/>", "markup"),
        ("名单\n<ScRiPt src=//x></script>".encode(), "markup"),
        (XXE.encode(), "markup"),
        (samples.PDF[:-8], "broken_file"),
        (samples.PDF + samples.package("docx"), "polyglot"),
        (samples.PDF.replace(b"/Type/Catalog", b"/OpenAction<</S/Java#53cript/JS(x)>>"), "active_content"),
        (samples.PDF.replace(b"/Type/Catalog", b"/OpenAction<</S/Launch/F(cmd.exe)>>"), "active_content"),
        (samples.package("docx", {"word/vbaProject.bin": b"x"}), "macros"),
        (samples.package("xlsx", {"xl/macrosheets/sheet1.xml": "<x/>"}), "macros"),
        (samples.package("docx", types=samples.TYPES + "application/vnd.ms-word.document.macroEnabled"), "macros"),
        (samples.package("docx", {"word/activeX/activeX1.xml": "<x/>"}), "active_content"),
        (samples.package("docx", {"word/_rels/settings.xml.rels": EVIL_RELS}), "unsafe_part"),
        (samples.package("docx", {"word/footer1.xml": XXE}), "unsafe_part"),
        (samples.package("xlsx", {"xl/sharedStrings.xml": BILLION}), "unsafe_part"),
        (samples.package("xlsx", {"xl/styles.xml": XXE.encode("utf-16")}), "unsafe_part"),
        (samples.package("docx") + b"<script>", "polyglot"),
        (samples.package("docx")[:-30], "polyglot"),
        (samples.package("docx", {"WORD/document.xml": "<x/>"}), "polyglot"),
        (samples.package("docx").replace(b"word/", b"else/"), "packed"),
        (samples.compound("WordDocument", "Macros", "VBA"), "macros"),
        (samples.compound("Workbook", "_VBA_PROJECT_CUR"), "macros"),
        (samples.compound("EncryptedPackage"), "encrypted"),
        (samples.compound("SummaryInformation"), "not_accepted"),
        (samples.compound("WordDocument")[:700], "broken_file"),
    ],
)
def test_refuses_with_a_reason(content: bytes, code: str) -> None:
    with pytest.raises(BadFile) as refused:
        identify(content, "a.txt")
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("given", "kind", "shown"),
    [
        ("车辆照片.JPG", "jpeg", "车辆照片.jpg"),
        ("../../etc/passwd", "txt", "passwd.txt"),
        ("C:\\temp\\合同.docx", "docx", "合同.docx"),
        ("发票\u202efdp.exe", "pdf", "发票fdp.exe.pdf"),
        ("a.html", "txt", "a.html.txt"),
        ("a\r\nSet-Cookie: x.pdf", "pdf", "aSet-Cookie_ x.pdf"),
        ("", "png", "图片.png"),
        ("...", "pdf", "PDF.pdf"),
        ("长" * 300 + ".xlsx", "xlsx", "长" * 100 + ".xlsx"),
        ("合同.wps", "doc", "合同.wps"),
    ],
)
def test_a_name_hides_nothing_and_ends_as_its_kind(given: str, kind: str, shown: str) -> None:
    assert named(given, KINDS[kind]) == shown


COST = """
import resource, sys, time
import django
django.setup()
from coordination.rules import file_kinds
from coordination.rules.bad_file import BadFile
from coordination.ticket_files import pictures
content = open(sys.argv[1], "rb").read()
before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
try:
    kind = file_kinds.identify(content, "a")
    code = kind.code
    if kind.is_picture:
        pictures.remade(content, kind)
except BadFile as refused:
    code = refused.code
spent = time.process_time() - started
print(code, spent, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024)
"""


@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        (samples.pixel_bomb, "too_many_pixels"),
        (samples.zip_bomb, "too_large"),
        (samples.lying_bomb, "broken_file"),
        (lambda: b"%PDF-1.4" + b"#41" * 3_000_000 + b"%%EOF", "pdf"),
        (lambda: samples.compound("WordDocument").ljust(10_000_000, b"\1"), "doc"),
        (lambda: ("熔喷布" * 1_100_000).encode(), "txt"),
    ],
)
def test_a_bomb_costs_less_than_a_second_and_150_megabytes(bomb, code: str, tmp_path) -> None:
    place = tmp_path / "bomb"
    place.write_bytes(bomb())
    command = [sys.executable, "-c", COST, str(place)]
    settled = {**os.environ, "DJANGO_SETTINGS_MODULE": "coordination.settings"}
    said = subprocess.run(
        command, cwd=settings.BASE_DIR, env=settled, capture_output=True, text=True, check=True
    ).stdout
    found, spent, megabytes = said.split()
    assert (found, float(spent) < 1, float(megabytes) < 150) == (code, True, True), said
