"""What browsers get: nothing inline, which the content policy would drop silently, and nothing from elsewhere."""

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


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def test_there_is_something_to_look_at():
    assert len(TEMPLATES) > 20
    assert SCRIPTS
    assert STYLES
    assert DRAWINGS


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
