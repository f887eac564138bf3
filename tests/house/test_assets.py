"""What browsers get: nothing inline, nothing from elsewhere, nothing younger than Chromium 92."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
SCRIPTS = sorted((ROOT / "static").rglob("*.js"))
STYLES = sorted((ROOT / "static").rglob("*.css"))
DRAWINGS = sorted((ROOT / "static").rglob("*.svg"))

YOUNG_SCRIPT = {
    "optional chaining": r"\?\.(?!\d)",
    "nullish coalescing": r"\?\?",
    "logical assignment": r"\|\|=|&&=",
    "object spread": r"\{\s*\.\.\.|,\s*\.\.\.\w+\s*\}",
    "catch without a name": r"catch\s*\{",
    "private members": r"this\.#",
    "numeric separators": r"\b\d+_\d+\b",
    "young methods": r"\.(replaceAll|at|flat|flatMap|fromEntries|allSettled|matchAll|trimStart|trimEnd|finally)\(",
    "young functions": r"\b(structuredClone|globalThis|BigInt)\b",
    "modules": r"^\s*(import|export)\b|\bimport\(",
    "text turned into code": r"\beval\(|new Function\(|document\.write",
}
YOUNG_STYLE = {
    "relational selectors": r":has\(",
    "mixed colours": r"color-mix\(|oklch\(|oklab\(|light-dark\(",
    "cascade layers": r"@layer",
    "container queries": r"@container|container-type",
    "scopes": r"@scope|@starting-style|@property",
    "dynamic viewports": r"\d[dsl]v[hw]\b",
    "nesting": r"^\s*&|\{\s*&",
    "young properties": r"\b(accent-color|text-wrap|inset-area|anchor-name|subgrid|scrollbar-gutter)\b",
    "imports": r"@import",
}


def _without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at():
    assert len(TEMPLATES) > 20
    assert SCRIPTS
    assert STYLES
    assert DRAWINGS


@pytest.mark.parametrize("path", SCRIPTS, ids=_name)
def test_scripts_keep_to_es2017(path):
    text = _without_comments(path.read_text(encoding="utf-8"))
    found = [what for what, pattern in YOUNG_SCRIPT.items() if re.search(pattern, text, re.MULTILINE)]
    assert found == []


@pytest.mark.parametrize("path", STYLES, ids=_name)
def test_styles_keep_to_2021(path):
    text = _without_comments(path.read_text(encoding="utf-8"))
    found = [what for what, pattern in YOUNG_STYLE.items() if re.search(pattern, text, re.MULTILINE)]
    assert found == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_templates_hold_nothing_inline(path):
    """The content policy allows neither inline scripts nor style attributes; a browser would drop them silently."""
    text = re.sub(r"{%\s*comment.*?endcomment\s*%}", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert re.findall(r"<[^>{%]*\sstyle\s*=", text) == []
    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"\son[a-z]+\s*=\s*[\"']", text) == []
    assert re.findall(r"javascript:", text) == []
    scripts = re.findall(r"<script\b[^>]*>", text)
    assert [script for script in scripts if "src=" not in script] == []


@pytest.mark.parametrize("path", [*TEMPLATES, *SCRIPTS, *STYLES, *DRAWINGS], ids=_name)
def test_nothing_names_another_host(path):
    text = path.read_text(encoding="utf-8").replace("http://www.w3.org/2000/svg", "")
    assert re.findall(r"(?:https?:)?//[a-z0-9-]+\.[a-z]{2,}", text) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=_name)
def test_inputs_are_never_of_type_number(path):
    """Steppers, scroll wheels and exponents change figures unseen; inputmode brings the same keys on a phone."""
    assert 'type="number"' not in path.read_text(encoding="utf-8")
