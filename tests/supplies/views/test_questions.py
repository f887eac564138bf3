"""R20 on the clerk's pages: a held figure comes back at its field, is corrected or confirmed; asked ones are answered."""

from __future__ import annotations

import datetime as dt
import html
import re

import pytest

from supplies.models import Confirmation, DailyReport, Question, Revision
from tests.supplies.views.test_daily_reports import DAY, at, body

NAME = "MASK_SURG-output"


@pytest.fixture
def clerk(client, cast):
    """Plant a's clerk, after three ordinary days."""
    client.force_login(cast.reporter_a)
    for back in (3, 2, 1):
        day = DAY - dt.timedelta(days=back)
        assert client.post(at(day=day), body(nonce=f"nonce-of-three-days-{back}")).status_code == 303
    return client


def page(response) -> str:
    return html.unescape(response.content.decode())


def fields(text: str, form: str = "") -> dict[str, list[str]]:
    """What a browser would send of the page: hidden and plain inputs, chosen options, ticked boxes."""
    text = text[text.index(form) :] if form else text
    said: dict[str, list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", text):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        kind = re.search(r'type="([^"]*)"', tag)
        if name and (not kind or kind[1] not in ("checkbox", "radio") or " checked" in tag):
            said.setdefault(name[1], []).append(value[1] if value else "")
    for name, inside in re.findall(r'<select[^>]*name="([^"]*)"[^>]*>(.*?)</select>', text, re.S):
        chosen = re.search(r"<option selected>(.*?)</option>", inside)
        if chosen:
            said.setdefault(name, []).append(chosen[1])
    for name, inside in re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>(.*?)</textarea>', text, re.S):
        said.setdefault(name, []).append(inside.lstrip("\n"))
    said.pop("csrfmiddlewaretoken", None)
    return said


def slipped(**more: str) -> dict[str, object]:
    """57.8 in 只, where 万只 was meant."""
    return body(MASK_SURG__output="57.8", note="夜班缺人") | {f"{NAME}-unit": "只"} | more


def test_a_held_figure_comes_back_at_its_field_and_nothing_is_stored(clerk):
    answer = clerk.post(at(), slipped())
    text = page(answer)
    assert answer.status_code == 422
    assert not DailyReport.objects.filter(day=DAY).exists()
    assert "是不是 57.8万 只？" in text
    assert f'id="q-{NAME}"' in text
    assert f'name="{NAME}" value="57.8"' in text
    assert "夜班缺人" in text
    assert "设备检修" in text
    assert "还没有提交，有 1 处要核对" in text


def test_one_tap_puts_the_likely_value_in_and_keeps_the_rest(clerk):
    held = fields(page(clerk.post(at(), slipped())))
    taken = clerk.post(at(), held | {"verb": f"use:{NAME}:578000000"})
    text = page(taken)
    assert taken.status_code == 200
    assert f'name="{NAME}" value="57.8"' in text
    assert "= 578,000 只" in text
    assert f'id="q-{NAME}"' not in text
    assert "夜班缺人" in text
    assert not DailyReport.objects.filter(day=DAY).exists()
    assert clerk.post(at(), fields(text)).status_code == 303
    revision = Revision.objects.get(report__day=DAY)
    assert revision.lines.get(product="MASK_SURG").output == 578_000_000
    assert not Question.objects.filter(revision=revision).exists()


def test_said_to_be_right_with_a_reason_it_is_stored_with_question_and_answer(clerk):
    held = fields(page(clerk.post(at(), slipped())))
    held |= {f"why-{NAME}": ["设备检修"], f"because-{NAME}": "只开一台"}
    assert clerk.post(at(), held).status_code == 303
    answers = Confirmation.objects.filter(question__revision__report__day=DAY)
    assert {a.question.measure: a.reason for a in answers} == {"output": "设备检修，只开一台"}
    assert Question.objects.get(code="magnitude").proposed == 578_000_000


@pytest.mark.parametrize("words", [{}, {f"because-{NAME}": "   "}, {f"why-{NAME}": ["随便说说"]}])
def test_without_a_reason_it_is_held_again(clerk, words):
    held = fields(page(clerk.post(at(), slipped())))
    assert clerk.post(at(), held | words).status_code == 422
    assert not DailyReport.objects.filter(day=DAY).exists()


def test_a_reason_does_not_pass_for_another_figure(clerk):
    held = fields(page(clerk.post(at(), slipped())))
    again = clerk.post(at(), held | {NAME: "999", f"because-{NAME}": "只开一台"})
    assert again.status_code == 422
    assert "999" in page(again)
    assert "只开一台" in page(again)


def test_a_reason_survives_other_faults_of_the_form(clerk):
    held = fields(page(clerk.post(at(), slipped())))
    held |= {f"why-{NAME}": ["设备检修"], f"because-{NAME}": "只开一台", "MASK_CIVIL-output": "约8万"}
    text = page(clerk.post(at(), held))
    assert 'value="只开一台"' in text
    mended = fields(text) | {"MASK_CIVIL-output": "8.4"}
    assert clerk.post(at(), mended).status_code == 303
    assert Confirmation.objects.get().reason == "设备检修，只开一台"


@pytest.mark.parametrize(
    "said", ["magnitude:1", "magnitude:x::", ":::", "magnitude:99999999999999999999::", "\0", "🦠"]
)
def test_garbage_in_the_hidden_fields_is_held_as_before(clerk, said):
    answer = clerk.post(at(), slipped(**{f"asked-{NAME}": said, f"because-{NAME}": "只开一台"}))
    assert answer.status_code == 422
    assert not DailyReport.objects.filter(day=DAY).exists()


@pytest.mark.parametrize("verb", ["use:", "use:x:1", "use:MASK_SURG-nothing:5", f"use:{NAME}:abc", f"use:{NAME}:-5"])
def test_garbage_in_the_button_changes_nothing(clerk, verb):
    text = page(clerk.post(at(), slipped(verb=verb)))
    assert f'name="{NAME}" value="57.8"' in text
    assert not DailyReport.objects.filter(day=DAY).exists()


class TestAsked:
    """A figure stored with a question: output above capacity."""

    @pytest.fixture
    def asked(self, clerk):
        assert clerk.post(at(), body(MASK_SURG__output="70")).status_code == 303
        return clerk

    def test_the_receipt_shows_the_question_and_takes_the_answer(self, asked):
        text = page(asked.get(at("receipt")))
        assert "高于产能 68万只" in text
        assert "1 项待说明" in text
        said = fields(text, '<section class="psec" aria-labelledby="questions">')
        answer = asked.post(at(), said | {f"why-{NAME}": ["订单集中"]}, follow=True)
        assert "说明已收到，审核人员会看到。" in page(answer)
        assert "已说明：订单集中" in page(answer)
        assert "都已说明" in page(answer)
        assert Revision.objects.filter(report__day=DAY).count() == 1
        assert Confirmation.objects.get().question.code == "over_capacity"

    def test_an_answer_given_is_resent_with_a_correction_elsewhere(self, asked):
        said = fields(page(asked.get(at("receipt"))), '<section class="psec" aria-labelledby="questions">')
        asked.post(at(), said | {f"why-{NAME}": ["订单集中"], f"because-{NAME}": "两班倒"})
        text = page(asked.get(at()))
        assert 'value="两班倒"' in text
        corrected = fields(text) | {"MASK_CIVIL-output": "8.6"}
        assert asked.post(at(), corrected).status_code == 303
        newest = Revision.objects.get(report__day=DAY, number=2)
        assert newest.questions.get().confirmation.reason == "订单集中，两班倒"

    def test_the_history_shows_question_and_answer(self, asked):
        assert "还没有说明" in page(asked.get(at("revisions")))

    def test_who_may_not_file_sees_the_question_without_a_form(self, asked, cast):
        asked.force_login(cast.county_officer_a)
        text = page(asked.get(at("receipt", enterprise=cast.plant_a.uscc)))
        assert "高于产能 68万只" in text
        assert "提交说明" not in text
