"""One list of typed texts, one verdict: the server's grammar and the page's script are held against each other (R16, R19)."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

import pytest

from supplies.rules.quantities import Unreadable, convert, read_text
from tests.environment import ROOT

VECTORS = json.loads((Path(__file__).parent.parent / "quantity_vectors.json").read_text(encoding="utf-8"))
SCRIPT = """
const quantity = require(process.argv[1]);
const given = JSON.parse(require('fs').readFileSync(0, 'utf8'));
const verdict = (one) => one.amount || one.code;
const say = ([text, unit]) => verdict(quantity.amount(text, unit, given.units, given.base_unit));
console.log(JSON.stringify(given.cases.map(say)));
"""


def by_server(text: str, unit: str) -> str:
    try:
        units = {name: tuple(factor) for name, factor in VECTORS["units"].items()}
        return str(convert(read_text(text), units=units, base_unit=VECTORS["base_unit"], column=unit).amount)
    except Unreadable as fault:
        return fault.code


@pytest.mark.parametrize("text, unit, verdict", VECTORS["cases"])
def test_the_server_gives_the_verdict_of_the_list(text, unit, verdict):
    assert by_server(text, unit) == verdict


def test_the_script_of_the_form_gives_the_same_verdicts():
    node = shutil.which("node")
    if node is None:
        pytest.skip("no Node on this machine")
    command = [node, "-e", SCRIPT, str(ROOT / "static/js/quantity.js")]
    said = subprocess.run(command, input=json.dumps(VECTORS), capture_output=True, text=True, check=True)
    verdicts = json.loads(said.stdout)
    wrong = [(case, got) for case, got in zip(VECTORS["cases"], verdicts, strict=True) if got != case[2]]
    assert wrong == []
