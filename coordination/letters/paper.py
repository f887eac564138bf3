"""A letter as DOCX in the official layout (GB/T 9704-2012, letter form). The same letter gives the same bytes.

Fonts are named, not carried: 方正小标宋, 仿宋_GB2312 and 楷体_GB2312 are the office's own; elsewhere they are replaced.
Lengths are twentieths of a point where the format says so, else millimetres.
"""

from __future__ import annotations

import io
import re
import zipfile
from typing import Any

from django.utils import timezone
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

from coordination.letters.reading import row
from coordination.models import Letter

CONTENT_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
TITLE, BODY, HEADING, SUBHEADING, PAGE = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
SIZE_2, SIZE_3, SIZE_4 = 22, 16, 14
"""Points of 二号, 三号, 四号."""
PITCH = 28.95
"""Points from line to line: 22 lines on 225 mm."""
RED = RGBColor(0xE6, 0x00, 0x12)
LEVELS = (
    (re.compile(r"[一二三四五六七八九十]{1,3}、"), HEADING),
    (re.compile(r"（[一二三四五六七八九十]{1,3}）"), SUBHEADING),
)
LONGEST_HEADING = 30
"""A numbered line up to so long, without a full stop, is a heading; longer ones are sentences in the body's face."""
EPOCH = (1980, 1, 1, 0, 0, 0)


def paper(letter: Letter, *, with_head: bool = True) -> bytes:
    """The letter as DOCX. `with_head` prints the red head and lines; without it the paper has them already."""
    document = Document()
    _page(document, letter, with_head=with_head)
    _number(document, row(letter).number, with_head=with_head)
    _title(document, letter.title)
    _paragraph(document, f"{letter.addressee.rstrip('：:')}：")
    for line in letter.body.splitlines():
        if line.strip():
            _line(document, line.strip())
    _attachments(document, letter.attachments)
    _signature(document, letter)
    _foot(document, letter)
    _properties(document, letter)
    return _packed(document)


def _page(document: Any, letter: Letter, *, with_head: bool) -> None:
    """A4, type area 156 by 225 mm, 22 lines of 28 characters; page numbers outside, none on the first page."""
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.header_distance, section.footer_distance = Mm(30), Mm(28 - 5)
    section.different_first_page_header_footer = True
    for old in section._sectPr.findall(qn("w:docGrid")):
        section._sectPr.remove(old)
    section._sectPr.append(_element("w:docGrid", type="linesAndChars", linePitch="579", charSpace="-849"))
    document.settings.odd_and_even_pages_header_footer = True
    normal = document.styles["Normal"]
    _face(normal, BODY, SIZE_3)
    normal.paragraph_format.line_spacing_rule = WD_LINE_SPACING.EXACTLY
    normal.paragraph_format.line_spacing = Pt(PITCH)
    normal.paragraph_format.space_after = normal.paragraph_format.space_before = Pt(0)
    normal.paragraph_format.widow_control = False
    _off_the_grid(normal)
    _page_number(section.footer, WD_ALIGN_PARAGRAPH.RIGHT)
    _page_number(section.even_page_footer, WD_ALIGN_PARAGRAPH.LEFT)
    if with_head:
        _head(section.first_page_header, letter.organ)
        _lower_line(section.first_page_footer)


def _off_the_grid(style: Any) -> None:
    """28 characters a line by their spacing. The page says the grid, but programs differ in how they snap to one that is
    narrower than its characters: some give each character two cells."""
    style.element.get_or_add_pPr().insert_element_before(
        _element("w:snapToGrid", val="0"), "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
    )
    style.element.get_or_add_rPr().insert_element_before(
        _element("w:spacing", val="-5"), "w:w", "w:kern", "w:position", "w:sz", "w:szCs"
    )


def _head(header: Any, organ: str) -> None:
    """The organ's name in red, 30 mm from the edge; 4 mm below it a red double line of 170 mm, the thick one above."""
    name = header.paragraphs[0]
    name.alignment = WD_ALIGN_PARAGRAPH.CENTER
    size = 40 if len(organ) <= 10 else 32 if len(organ) <= 14 else 26 if len(organ) <= 18 else 20
    name.paragraph_format.line_spacing_rule = WD_LINE_SPACING.SINGLE
    run = name.add_run(organ)
    _face(run, TITLE, size)
    run.font.color.rgb = RED
    _red_line(name, "bottom", "thickThinSmallGap", space="11")


def _lower_line(footer: Any) -> None:
    """A red double line 20 mm above the page's lower edge, the thin one above."""
    line = footer.paragraphs[0]
    line.paragraph_format.line_spacing = Pt(6)
    _red_line(line, "top", "thinThickSmallGap", space="0")


def _red_line(paragraph: Any, side: str, look: str, *, space: str) -> None:
    """170 mm wide: 7 mm beyond the type area on either side."""
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = Mm(-7)
    borders = _element("w:pBdr")
    borders.append(_element(f"w:{side}", val=look, sz="24", space=space, color="E60012"))
    paragraph._p.get_or_add_pPr().insert_element_before(
        borders, "w:shd", "w:tabs", "w:suppressAutoHyphens", "w:spacing", "w:ind", "w:jc"
    )


def _page_number(footer: Any, side: WD_ALIGN_PARAGRAPH) -> None:
    """— 2 —, size 4, one character in from the outer edge."""
    paragraph = footer.paragraphs[0]
    paragraph.alignment = side
    if side == WD_ALIGN_PARAGRAPH.RIGHT:
        paragraph.paragraph_format.right_indent = Pt(SIZE_4)
    else:
        paragraph.paragraph_format.left_indent = Pt(SIZE_4)
    _face(paragraph.add_run("— "), PAGE, SIZE_4)
    number = paragraph.add_run()
    _face(number, PAGE, SIZE_4)
    for part in ("begin", "PAGE", "end"):
        if part == "PAGE":
            instruction = _element("w:instrText")
            instruction.text = "PAGE"
            number._r.append(instruction)
        else:
            number._r.append(_element("w:fldChar", fldCharType=part))
    _face(paragraph.add_run(" —"), PAGE, SIZE_4)


def _number(document: Any, number: str, *, with_head: bool) -> None:
    """Below the red line at the right edge; without a head in the middle."""
    paragraph = document.paragraphs[0] if document.paragraphs else document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.RIGHT if with_head else WD_ALIGN_PARAGRAPH.CENTER
    paragraph.add_run(number)


def _title(document: Any, title: str) -> None:
    document.add_paragraph()
    paragraph = document.add_paragraph()
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    paragraph.paragraph_format.line_spacing = Pt(35)
    _face(paragraph.add_run(title), TITLE, SIZE_2)
    document.add_paragraph()


def _line(document: Any, text: str) -> None:
    """One paragraph of the body; a short numbered line is a heading of its level."""
    paragraph = _paragraph(document, "", indent=2)
    face = next((face for mark, face in LEVELS if mark.match(text)), None)
    run = paragraph.add_run(text)
    if face is not None and len(text) <= LONGEST_HEADING and not text.endswith("。"):
        _face(run, face, SIZE_3)


def _attachments(document: Any, names: list[str]) -> None:
    """附件： one line below the body, two characters in; several are numbered and stand below each other."""
    if not names:
        return
    document.add_paragraph()
    for n, name in enumerate(names, 1):
        number = f"{n}. " if len(names) > 1 else ""
        text = f"附件：{number}{name}" if n == 1 else f"{number}{name}"
        paragraph = _paragraph(document, text)
        _indent(paragraph, left=5, hanging=3 if n == 1 else 0)


def _signature(document: Any, letter: Letter) -> None:
    """The organ centred over its date, the date four characters in from the right; then the contact in brackets."""
    document.add_paragraph()
    document.add_paragraph()
    day = letter.dated
    words = f"{day.year}年{day.month}月{day.day}日" if day is not None else f"{timezone.localdate().year}年　月　日"
    width = sum(1.0 if ord(c) > 255 else 0.5 for c in words)
    organ = _paragraph(document, letter.organ)
    organ.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _indent(organ, right=max(0.0, 4 + width / 2 - len(letter.organ) / 2))
    organ.paragraph_format.keep_with_next = True
    date = _paragraph(document, words)
    date.alignment = WD_ALIGN_PARAGRAPH.RIGHT
    _indent(
        date, right=max(4.0, 4 + len(letter.organ) / 2 - width / 2 if len(letter.organ) / 2 > 4 + width / 2 else 4.0)
    )
    if letter.contact:
        _paragraph(document, f"（联系人：{letter.contact}）", indent=2)


def _foot(document: Any, letter: Letter) -> None:
    """抄送 between two lines at the foot of the last page, size 4, one character in."""
    if not letter.copies:
        return
    paragraph = document.add_paragraph()
    _face(paragraph.add_run(f"抄送：{letter.copies.rstrip('。')}。"), BODY, SIZE_4)
    _indent(paragraph, left=4, right=1, hanging=3, size=SIZE_4)
    properties = paragraph._p.get_or_add_pPr()
    frame = _element(
        "w:framePr", w="8845", wrap="around", vAnchor="margin", hAnchor="margin", xAlign="center", yAlign="bottom"
    )
    properties.insert_element_before(frame, "w:widowControl", "w:pBdr", "w:spacing", "w:ind", "w:jc")
    borders = _element("w:pBdr")
    for side in ("top", "bottom"):
        borders.append(_element(f"w:{side}", val="single", sz="8", space="1", color="auto"))
    properties.insert_element_before(borders, "w:spacing", "w:ind", "w:jc")


def _paragraph(document: Any, text: str, *, indent: int = 0) -> Any:
    paragraph = document.add_paragraph(text)
    if indent:
        _indent(paragraph, first=indent)
    return paragraph


def _indent(
    paragraph: Any, *, first: float = 0, left: float = 0, right: float = 0, hanging: float = 0, size: float = SIZE_3
) -> None:
    """In characters, as the standard counts; with the points beside them for programs that know no characters."""
    given = {"firstLine": first, "left": left, "right": right, "hanging": hanging}
    names: dict[str, str] = {}
    for name, count in given.items():
        if count:
            names[f"{name}Chars"] = str(round(count * 100))
            names[name] = str(round(count * size * 20))
    paragraph._p.get_or_add_pPr().insert_element_before(_element("w:ind", **names), "w:jc", "w:rPr", "w:sectPr")


def _face(holder: Any, name: str, size: float) -> None:
    """A typeface for Chinese and Latin alike: the programming interface sets only the Latin one."""
    holder.font.name, holder.font.size = name, Pt(size)
    holder._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), name)


def _element(tag: str, **attributes: str) -> Any:
    made = OxmlElement(tag)
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _properties(document: Any, letter: Letter) -> None:
    """What the file says of itself: of the letter, never of the moment of downloading."""
    said = document.core_properties
    said.title, said.author, said.last_modified_by = letter.title, letter.organ, letter.organ
    said.comments, said.revision = "", letter.version
    said.created = said.modified = letter.created_at.replace(microsecond=0, tzinfo=None)


def _packed(document: Any) -> bytes:
    """The parts of the file with one fixed time, so that the same letter is the same file."""
    raw, packed = io.BytesIO(), io.BytesIO()
    document.save(raw)
    with zipfile.ZipFile(raw) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            info = zipfile.ZipInfo(name, EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            target.writestr(info, source.read(name))
    return packed.getvalue()
