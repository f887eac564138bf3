"""The commands that read files and set rules: plain lines, exit codes, the operator in the audit."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from django.core.management import call_command

from enterprises.models import AuditEntry, Enterprise, Placement
from supplies import reporting_settings
from supplies.models import ReportingDuty, ReportingSetting
from tests.factories.enterprises import credit_code

pytestmark = pytest.mark.django_db


def run(*words: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = io.StringIO(), io.StringIO()
    try:
        call_command(*words, stdout=out, stderr=err)
    except SystemExit as ended:
        return int(ended.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def file(tmp_path):
    def write(text: str, name: str = "a.csv") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def test_says_what_came_in_and_records_the_command(cast, file):
    path = file(f"uscc,name,division,颜色\n{credit_code(1)},甲,350582,红\n")
    assert run("import_enterprises", path) == (0, "新增 1 行，更改 0 行，没有变化 0 行。\n没有用到的列：颜色。\n", "")
    assert AuditEntry.objects.get().principal == "command:import_enterprises"
    assert run("import_enterprises", path)[1].startswith("新增 0 行，更改 0 行，没有变化 1 行。")


def test_bad_rows_end_with_exit_code_1_and_a_line_each(cast, file):
    code, out, err = run("import_enterprises", file("uscc,name,division\n1,甲,350582\n2,,350582\n"))
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "第 2 行“uscc”“1”：统一社会信用代码应为 18 位，现为 1 位",
        "第 3 行“uscc”“2”：统一社会信用代码应为 18 位，现为 1 位",
        "第 3 行“name”（空）：不能为空",
        "共 3 处不能接受，文件没有导入。",
    ]


@pytest.mark.parametrize(
    "command",
    [
        "import_accounts", "import_certificates", "import_divisions", "import_duties", "import_enterprises",
        "import_exemptions", "import_organisations", "import_packs", "import_placements", "import_pools",
        "import_reports",
    ],
)  # fmt: skip
def test_every_command_refuses_junk_in_one_line(db, file, command):
    code, out, err = run(command, file("颜色\n红\n"))
    assert (code, out) == (1, "")
    assert err.startswith("第 1 行的表头缺少列：")
    assert run(command, "/nowhere/a.csv") == (1, "", "读不到文件 /nowhere/a.csv：No such file or directory。\n")


def test_a_moment_of_knowledge_needs_its_offset_and_a_past(cast, file):
    path = file(f"uscc,product,starts_on\n{cast.plant_a.uscc},ALC_75,2020-03-01\n")
    for moment in ("2020-02-01T09:00:00", "2020-02-01", "gestern", "2020-13-01T00:00:00Z"):
        code, _, err = run("import_duties", path, "--known-at", moment)
        assert (code, err) == (1, "时间要带时区，例如 2020-03-27T09:00:00+08:00。\n")
    assert run("import_duties", path, "--known-at", "2999-01-01T00:00:00Z")[0] == 1
    assert run("import_duties", path, "--known-at", "2020-02-01T09:00:00+08:00")[0] == 0
    duty = ReportingDuty.objects.get(enterprise=cast.plant_a, product_id="ALC_75")
    assert duty.known_at == dt.datetime(2020, 2, 1, 1, tzinfo=dt.UTC)


def test_a_moment_of_knowledge_ends_with_go_live(cast, file):
    assert run("set_rule", "go_live", "2020-02-01")[0] == 0
    path = file(f"uscc,division,starts_on\n{cast.plant_a.uscc},350583,2020-03-01\n")
    code, _, err = run("import_placements", path, "--known-at", "2020-02-01T09:00:00+08:00")
    assert (code, err) == (1, "系统已于 2020-02-01 上线，不能再补录此后的时间。\n")
    assert Placement.objects.filter(enterprise=cast.plant_a).count() == 1


def test_reports_come_in_with_the_moment_they_had(cast, file):
    path = file(f"date,uscc,product,capacity,output\n2020-03-01,{cast.plant_c.uscc},ALC_75,5,4\n")
    assert run("import_reports", path, "--received-at", "2020-03-01T17:00:00")[0] == 1
    assert run("import_reports", path, "--received-at", "2020-03-01T17:00:00+08:00") == (
        0, "新增 1 份日报，更改 0 份日报，没有变化 0 份日报。\n", ""
    )  # fmt: skip


def test_sets_a_rule_from_a_day_on_for_a_division(cast):
    code, out, _ = run("set_rule", "cut_off", "10:00+1", "--from", "2020-03-01", "--division", "350582")
    assert (code, out) == (0, "已设定 截止时间 10:00+1，自 2020-03-01 起，350582。\n")
    units = reporting_settings.on(dt.date(2020, 3, 1))
    assert units["350582"].cut_off_at == dt.datetime(2020, 3, 2, 2, tzinfo=dt.UTC)
    assert units["350583"].cut_off_at == dt.datetime(2020, 3, 1, 10, tzinfo=dt.UTC)
    assert run("set_rule", "cut_off", "10:00+1", "--from", "2020-03-01", "--division", "350582")[1].startswith(
        "本来就是"
    )


@pytest.mark.parametrize(
    "words",
    [("cut_off", "25:00"), ("carry_days", "many"), ("window", "18"), ("go_live", "soon"),
     ("carry_days", "3", "--from", "20200301"), ("carry_days", "3", "--division", "999")],
)  # fmt: skip
def test_refuses_a_wrong_rule_in_one_line(cast, words):
    code, out, err = run("set_rule", *words)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert not ReportingSetting.objects.exists()


def test_a_company_is_imported_with_everything_it_needs(db, file):
    """The order of a new city: divisions, enterprises, duties, certificates, pools, packs."""
    code = credit_code(7)
    run("import_divisions", file("code,name,level,parent\n3501,某市,city,\n350102,某区,county,3501\n"))
    run("import_enterprises", file(f"uscc,name,division\n{code},甲,350102\n"))
    for command, text in {
        "import_duties": f"uscc,product,starts_on\n{code},MASK_SURG,2020-02-01\n{code},MASK_CIVIL,2020-02-01\n",
        "import_certificates": f"uscc,product,kind,number,valid_from,valid_to\n{code},MASK_SURG,应急备案,1号,2020-01-01,\n",
        "import_pools": f"uscc,pool,product,starts_on,ends_on\n{code},线,MASK_SURG,,\n{code},线,MASK_CIVIL,,\n",
        "import_packs": f"uscc,product,unit,factor\n{code},MASK_SURG,箱,2000\n",
        "import_exemptions": f"uscc,product,starts_on,ends_on,reason,approver\n{code},,2020-02-03,2020-02-04,年假,王\n",
        "import_reports": f"date,uscc,product,capacity,output\n2020-02-01,{code},MASK_SURG,2箱,1箱\n"
        f"2020-02-01,{code},MASK_CIVIL,1,1\n",
    }.items():
        assert run(command, file(text)) == (0, run_line(command, text), ""), command
    assert Enterprise.objects.get().name == "甲"


def run_line(command: str, text: str) -> str:
    rows = 1 if command == "import_reports" else text.count("\n") - 1
    noun = "份日报" if command == "import_reports" else "行"
    return f"新增 {rows} {noun}，更改 0 {noun}，没有变化 0 {noun}。\n"
