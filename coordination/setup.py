"""Setting up: what an empty installation needs before it has anything to show, in its order."""

from __future__ import annotations

from dataclasses import dataclass

from enterprises.models import DivisionFact


@dataclass(frozen=True)
class Step:
    """One thing to do: its name, the command that does it, what the file holds."""

    name: str
    command: str
    holds: str


STEPS = (
    Step("行政区划", "import_divisions divisions.csv", "代码、名称、层级、上级；企业落在区县和功能区上"),
    Step("企业", "import_enterprises enterprises.csv", "统一社会信用代码、企业名称、行政区划代码、联系人、电话"),
    Step("报送任务", "import_duties duties.csv", "统一社会信用代码、产品、起始日期、期初累计产量"),
    Step(
        "证照", "import_certificates certificates.csv", "统一社会信用代码、产品、证照类型、编号、有效期（可以以后再导）"
    ),
    Step("账号", "import_accounts accounts.csv", "用户名、姓名、角色、区划或企业"),
)
"""Every command takes CSV or XLSX with Chinese or English heads, all or nothing, and says what is wrong in which row."""


def is_begun() -> bool:
    """Whether there is a division, without which nothing can be shown. One query."""
    return DivisionFact.objects.believed().exists()
