"""Lock files: hashed, exact, and silent about the machine that made them."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["requirements.lock", "requirements-dev.lock"]


def pins(lock: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for name, version in re.findall(
        r"^([a-z0-9-]+)(?:\[[^]]*\])?==([^ ;\\]+)", (ROOT / lock).read_text(), re.MULTILINE
    ):
        found.setdefault(name, set()).add(version)
    return found


@pytest.mark.parametrize("lock", LOCKS)
def test_python_locks_name_no_host_and_no_folder(lock):
    text = (ROOT / lock).read_text()
    assert not re.search(r"://|--index|--find-links|--extra-index|(^| )/|file:", text, re.MULTILINE)


@pytest.mark.parametrize("lock", LOCKS)
def test_python_locks_give_a_hash_for_every_package(lock):
    blocks = re.split(r"\n(?=\S)", (ROOT / lock).read_text().strip())
    packages = [block for block in blocks if not block.startswith("#")]
    assert len(packages) > 40
    assert [block.split()[0] for block in packages if "--hash=sha256:" not in block] == []


def test_development_uses_the_versions_of_the_running_system():
    running, development = pins("requirements.lock"), pins("requirements-dev.lock")
    assert {name: versions for name, versions in running.items() if development.get(name) != versions} == {}


def test_locks_hold_every_dependency_of_the_project():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    names = {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in project["dependencies"]}
    assert names <= set(pins("requirements.lock"))
    names = {re.match(r"[A-Za-z0-9-]+", line)[0].lower() for line in project["optional-dependencies"]["dev"]}
    assert names <= set(pins("requirements-dev.lock"))


def test_npm_lock_names_no_registry_and_has_hashes():
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert [name for name, entry in packages.items() if "resolved" in entry] == []
    assert [name for name, entry in packages.items() if not entry.get("integrity", "").startswith("sha512-")] == []


def test_npm_versions_are_exact():
    package = json.loads((ROOT / "package.json").read_text())
    wanted = {**package["dependencies"], **package["devDependencies"]}
    assert [name for name, version in wanted.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []
