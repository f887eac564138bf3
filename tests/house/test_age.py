"""Our style sheets and scripts use nothing younger than the browsers of 2021 (Chromium 92, ES2017)."""

import re
from pathlib import Path

import pytest

STATIC = Path(__file__).resolve().parents[2] / "static"
YOUNG_CSS = {
    ":has()": r":has\(",
    "color-mix()": r"color-mix\(",
    "oklch()": r"\bok(lch|lab)\(",
    "@layer": r"@layer\b",
    "@container": r"@container\b|container-type",
    "nesting": r"^\s*&|\{[^{}]*&[ .:#\[]",
    "light-dark()": r"light-dark\(",
    "dynamic viewport units": r"\d(dvh|svh|lvh|dvw|svw|lvw)\b",
    "accent-color": r"accent-color",
    "text-wrap": r"text-wrap\s*:",
    ":user-invalid": r":user-(in)?valid",
}
YOUNG_JS = {
    "optional chaining": r"\?\.(?!\d)",
    "??": r"\?\?",
    "logical assignment": r"(\|\||&&)=",
    "private fields": r"this\.#",
    "object spread": r"\{\s*\.\.\.",
    "async iteration": r"for await",
    "catch without a name": r"catch\s*\{",
    "flat, fromEntries, matchAll, replaceAll, at": r"\.(flat|flatMap|matchAll|replaceAll|at)\(|Object\.fromEntries",
    "BigInt": r"\b\d+n\b",
    "finally on promises": r"\.finally\(",
    "structuredClone": r"structuredClone\(",
    "top-level await, modules": r"^\s*(await|import|export)\b",
}


def without_comments(text: str) -> str:
    return re.sub(r"/\*.*?\*/|(?<![:\"'])//[^\n]*", "", text, flags=re.DOTALL)


def found(suffix: str, young: dict[str, str]) -> list[str]:
    files = [path for path in sorted(STATIC.rglob(f"*{suffix}")) if not path.name.endswith(f".min{suffix}")]
    return [
        f"{path.relative_to(STATIC)}: {feature}"
        for path in files
        for feature, pattern in young.items()
        if re.search(pattern, without_comments(path.read_text()), re.MULTILINE)
    ]


def test_style_sheets_are_old_enough():
    assert found(".css", YOUNG_CSS) == []


def test_scripts_are_old_enough():
    assert found(".js", YOUNG_JS) == []


@pytest.mark.parametrize(("text", "young"), [("a?.b", YOUNG_JS), ("x ?? y", YOUNG_JS), ("a:has(b){}", YOUNG_CSS)])
def test_the_search_would_find_them(text, young):
    assert any(re.search(pattern, text, re.MULTILINE) for pattern in young.values())


def test_no_style_sheet_or_script_asks_another_host():
    foreign = [
        path.name
        for path in STATIC.rglob("*")
        if path.suffix in {".css", ".js"}
        and re.search(r"(url\(|src=|import|fetch\()\s*[\"']?https?://", path.read_text())
    ]
    assert foreign == []
