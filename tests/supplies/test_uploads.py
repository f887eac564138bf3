"""Files in the browser: looked at without a trace, taken in whole or not at all, handed back with what is wrong."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from python_calamine import CalamineWorkbook

from enterprises.models import StaleMark
from supplies import uploads
from supplies.models import Question, Revision, Upload
from tests.enterprises.files.sheets import workbook
from tests.supplies.daily_reports.plants import DAY, FABRIC, MASK, City, at, file, settle

pytestmark = pytest.mark.django_db

NEW = "/supplies/daily-reports/uploads/"
HEAD = "日期,统一社会信用代码,生产状态,产品,日产能,当日产量,库存,单位,确认说明\n"


@pytest.fixture
def city() -> City:
    return settle()


@pytest.fixture(autouse=True)
def clock() -> Any:
    with time_machine.travel(at(DAY, 12), tick=False) as clock:
        yield clock


def browser(city: City, who: str = "clerk") -> Client:
    client = Client()
    client.force_login(city[who], backend="django.contrib.auth.backends.ModelBackend")
    return client


def rows(city: City, output: str = "46.5万", day: dt.date = DAY, note: str = "") -> str:
    return (
        f"{day},{city.a.uscc},正常生产,{MASK},48万,{output},,只,{note}\n"
        f"{day},{city.a.uscc},,{FABRIC},,,12.5,吨,{note}\n"
    )


def send(client: Client, text: str | bytes, name: str = "日报.csv", **more: str) -> Any:
    content = text if isinstance(text, bytes) else text.encode()
    return client.post(NEW, {"file": SimpleUploadedFile(name, content), **more}, follow=True)


def test_looking_leaves_no_trace_and_taking_in_does_what_was_seen(city: City) -> None:
    clerk = browser(city)
    page = send(clerk, HEAD + rows(city))
    preview = page.context["preview"]
    assert (preview.added, preview.changed, preview.unchanged, preview.may_be_taken) == (1, 0, 0, True)
    assert not Revision.objects.exists()
    assert not StaleMark.objects.exists()
    number = Upload.objects.get().pk
    taken = clerk.post(f"{NEW}{number}/take/", follow=True)
    assert "新增 1 份日报" in taken.content.decode()
    revision = Revision.objects.get()
    assert (revision.channel, revision.author) == ("file", city["clerk"])
    again = clerk.post(f"{NEW}{number}/take/", follow=True)
    assert "已经导入过" in again.content.decode()
    assert Revision.objects.count() == 1
    assert send(clerk, HEAD + rows(city)).context["preview"].unchanged == 1


def test_a_bad_row_comes_back_in_the_same_table_and_nothing_is_taken(city: City) -> None:
    clerk = browser(city)
    page = send(clerk, HEAD + rows(city, output="1亿2000万"))
    (problem,) = page.context["preview"].problems
    assert (problem.row, problem.column, problem.value) == (2, "当日产量", "1亿2000万")
    number = Upload.objects.get().pk
    book = clerk.get(f"{NEW}{number}/problems/")
    table = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert table[0][-1] == "问题"
    assert table[1][5] == "1亿2000万"
    assert "当日产量" in table[1][-1]
    assert table[2][-1] == ""
    refused = clerk.post(f"{NEW}{number}/take/", follow=True)
    assert "没有导入" in refused.content.decode()
    assert not Revision.objects.exists()
    assert Upload.objects.get().done_at is None


def test_a_held_figure_is_named_and_a_reason_in_its_row_confirms_it_r20(city: City) -> None:
    for back in range(1, 5):
        file(city, day=DAY - dt.timedelta(days=back), received_at=at(DAY, 9))
    clerk = browser(city)
    (problem,) = send(clerk, HEAD + rows(city, output="46")).context["preview"].problems
    assert problem.code == "held"
    page = send(clerk, HEAD + rows(city, output="46", note="停电只开一小时"))
    assert page.context["preview"].may_be_taken
    number = Upload.objects.order_by("-id")[0].pk
    clerk.post(f"{NEW}{number}/take/")
    assert Question.objects.get(code="magnitude").confirmation.reason == "停电只开一小时"
    asked = send(clerk, HEAD + rows(city, output="50万", day=DAY - dt.timedelta(days=9)))
    assert asked.context["preview"].reports[0].questions == ("医用外科口罩当日产量：产量超过产能",)


def test_replacing_what_came_by_the_page_must_be_asked_for(city: City) -> None:
    file(city)
    clerk = browser(city)
    page = send(clerk, HEAD + rows(city, output="40万"))
    assert "已有网页提交的日报" in page.context["preview"].problems[0].reason
    assert send(clerk, HEAD + rows(city, output="40万"), replaces="on").context["preview"].changed == 1


def test_a_pasted_table_is_a_file_too(city: City) -> None:
    text = (HEAD + rows(city)).replace(",", "\t")
    page = browser(city).post(NEW, {"pasted": text}, follow=True)
    assert page.context["preview"].added == 1


def test_an_office_workbook_with_title_and_notes_is_read_or_refused_whole(city: City) -> None:
    titled = workbook(
        [["某市一日一报"], ["填报单位：甲厂"], HEAD.strip().split(","), *(r.split(",") for r in rows(city).split())]
    )
    page = send(browser(city), titled, "日报.xlsx")
    assert page.context["preview"].added == 1
    assert page.context["preview"].notices == ["表头在第 3 行，它上方的标题没有读"]
    noted = workbook([HEAD.strip().split(","), *(r.split(",") for r in rows(city).split()), ["注：数字以财务为准"]])
    page = send(browser(city), noted, "日报.xlsx")
    assert (page.context["preview"].added, page.context["preview"].problems) == (1, [])
    assert page.context["preview"].notices == ["第 4 行是说明，没有读"]
    assert not Revision.objects.exists()


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"", "没有内容"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "旧版"),
        (b"a,b\n1,2\n", "缺少列"),
        (b"PK\x03\x04junk", ""),
    ],
)
def test_refuses_what_is_no_table_in_words(city: City, content: bytes, word: str) -> None:
    page = send(browser(city), content, "x.csv" if not content.startswith(b"PK") else "x.xlsx")
    text = page.content.decode()
    assert word in text
    assert "notice coral" in text
    assert page.status_code in (200, 422)


def test_the_template_holds_the_own_products_and_comes_back_as_a_report(city: City) -> None:
    clerk = browser(city)
    book = clerk.get("/supplies/daily-reports/template/")
    table = CalamineWorkbook.from_filelike(io.BytesIO(book.content)).get_sheet_by_index(0).to_python()
    assert [row[4] for row in table[1:]] == ["医用外科口罩", "纺粘无纺布"]
    heads = table[0]
    for row in table[1:]:
        row[heads.index("库存")] = 5
        row[heads.index("日产能")], row[heads.index("当日产量")] = 10, 9
    filled = workbook([heads, *table[1:]])
    assert send(clerk, filled, "t.xlsx").context["preview"].added == 1


def test_uploads_are_their_senders_own(city: City) -> None:
    send(browser(city), HEAD + rows(city))
    number = Upload.objects.get().pk
    for who in ("colleague", "clerk_b"):
        client = browser(city, who)
        assert client.get(f"{NEW}{number}/").status_code == 404
        assert client.post(f"{NEW}{number}/take/").status_code == 404
        assert client.get(f"{NEW}{number}/problems/").status_code == 404
    for who in ("leader", "city", "liaison"):
        assert browser(city, who).get(NEW).status_code == 403
    foreign = send(browser(city, "clerk_b"), HEAD + rows(city))
    assert foreign.context["preview"].problems
    assert not Revision.objects.exists()


def test_a_group_files_for_several_enterprises_in_one_table(city: City) -> None:
    from enterprises.choices import Role
    from enterprises.models import Post

    Post.objects.create(account=city["clerk"], role=Role.ENTERPRISE, enterprise=city.c, known_at=at(DAY, 1))
    text = HEAD + rows(city) + f"{DAY},{city.c.uscc},筹备投产,,,,,,\n"
    assert send(browser(city), text).context["preview"].added == 2


def test_old_files_are_tidied_away(city: City, clock: Any) -> None:
    send(browser(city), HEAD + rows(city))
    clock.shift(uploads.KEPT)
    uploads.tidy()
    assert Upload.objects.exists()
    clock.shift(dt.timedelta(seconds=1))
    uploads.tidy()
    assert not Upload.objects.exists()
