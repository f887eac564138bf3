"""The project speaks of itself only, and hides nothing from its own tools."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SELF = Path(__file__).name


def files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True).stdout
    names = [name for name in listed.split("\0") if name]
    found = [ROOT / name for name in names] or [p for p in ROOT.glob("*/**/*.py") if ".venv" not in p.parts]
    return [path for path in found if path.is_file() and path.name != SELF and "lock" not in path.suffix]


def lines_with(pattern: str, suffixes: set[str]) -> list[str]:
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files()
        if path.suffix in suffixes
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1)
        if re.search(pattern, line)
    ]


def test_nothing_is_left_for_later():
    assert lines_with(r"\b(TODO|FIXME|XXX|HACK)\b", {".py", ".js", ".css", ".html", ".md"}) == []


def test_no_check_is_silenced_line_by_line():
    assert lines_with(r"#\s*noqa|eslint-disable|djlint:off", {".py", ".js", ".html"}) == []


def test_no_folder_of_one_machine_is_named():
    assert lines_with(r"(?<![\w.])/(work|root|home)/", {".py", ".js", ".html", ".md", ".toml", ".yml", ""}) == []
