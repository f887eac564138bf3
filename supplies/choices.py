"""Vocabularies of the middle storey: what is produced, reported and summed."""

from django.db.models import TextChoices


class Stage(TextChoices):
    """Goods of different stages are never added (R17)."""

    FINISHED = "finished", "成品"
    INTERMEDIATE = "intermediate", "中间品"
    MATERIAL = "material", "原材料"
    ENERGY = "energy", "能源"


class Measure(TextChoices):
    """What a line of a daily report may say. Levels hold at a moment (R8), flows add over days (R9)."""

    CAPACITY = "capacity", "日产能"
    OUTPUT = "output", "当日产量"
    STOCK = "stock", "库存"
    SHIPPED = "shipped", "发货"
    RECEIVED = "received", "收货"
    USED = "used", "耗用"


STATED = "cumulative_stated"
STATED_LABEL = "累计产量（自报）"
"""What a line may give beside the measures: the enterprise's own cumulative, compared with ours, never summed (R11)."""
GIVEN: tuple[str, ...] = (*Measure.values, STATED)


class ProductionState(TextChoices):
    RUNNING = "running", "正常生产"
    PARTIAL = "partial", "部分生产"
    HALTED = "halted", "全线停产"
    PREPARING = "preparing", "筹备投产"
    MAINTENANCE = "maintenance", "检修"


class LineRunState(TextChoices):
    """How a production line runs on a day, as its enterprise says; not where the line stands (enterprises.LineState)."""

    RUNNING = "running", "在开"
    PARTIAL = "partial", "半开"
    STOPPED = "stopped", "没开"
    DEBUGGING = "debugging", "调试"


class Channel(TextChoices):
    WEB = "web", "网页"
    API = "api", "接口"
    FILE = "file", "文件"
    ON_BEHALF = "on_behalf", "代报"


class LimitReason(TextChoices):
    """What limits capacity today."""

    MATERIAL = "material", "原料"
    LOGISTICS = "logistics", "运输"
    LABOUR = "labour", "用工"
    MONEY = "money", "资金"
    LICENCE = "licence", "资质"
    EQUIPMENT = "equipment", "设备"
    ENERGY = "energy", "能源"
    OTHER = "other", "其他"


class DecisionKind(TextChoices):
    VERIFIED = "verified", "已核实"
    RETURNED = "returned", "已退回"


class QuestionCode(TextChoices):
    """What is odd about a figure (R20). A `magnitude` is held back until confirmed; the others are stored and asked."""

    MAGNITUDE = "magnitude", "相差百倍以上"
    JUMP = "jump", "相差八倍以上"
    OVER_CAPACITY = "over_capacity", "产量超过产能"
    BALANCE = "balance", "库存对不上"
    UNCHANGED = "unchanged", "连续七天不变"


class SnapshotKind(TextChoices):
    """What a closing makes (R13)."""

    FLASH = "flash", "初报"
    FINAL = "final", "终报"


class DayEventKind(TextChoices):
    """What can happen to a day (R13)."""

    FLASH = "flash", "初报"
    FINAL = "final", "终报"
    REOPEN = "reopen", "重新开放"


class CallOutcome(TextChoices):
    """What came of a call about a missing report."""

    REACHED = "reached", "已联系上"
    NO_ANSWER = "no_answer", "没人接"
    WRONG = "wrong", "号码不对"
    HALTED = "halted", "说已停产"


class CorrectionKind(TextChoices):
    """What a row of a block of corrections does (R5): the bureau files where nobody has, and else only proposes."""

    NEW = "new", "代报"
    REVISION = "revision", "代报修订"
    PROPOSAL = "proposal", "提请企业更正"
    UNCHANGED = "unchanged", "没有变化"


class ProposalAnswer(TextChoices):
    ACCEPTED = "accepted", "已接受"
    DECLINED = "declined", "不改"


class UploadPurpose(TextChoices):
    """What a file sent in the browser is for."""

    REPORTS = "reports", "日报"
    CORRECTIONS = "corrections", "更正"


class Review(TextChoices):
    """State of a report = decision on its latest revision, else submitted (R7)."""

    SUBMITTED = "submitted", "已提交"
    VERIFIED = "verified", "已核实"
    RETURNED = "returned", "已退回"


class Coverage(TextChoices):
    """Where an enterprise stands in a cell on a day (R12)."""

    ON_TIME = "on_time", "按时"
    LATE = "late", "迟报"
    CARRIED = "carried", "沿用"
    STALE = "stale", "失效"
    NEVER = "never", "从未报"
    EXEMPTED = "exempted", "豁免"
    UNEXPECTED = "unexpected", "无义务"


class Grain(TextChoices):
    """Cells of the totals (R12b): per product; per category and unit; per product group and unit; over all."""

    PRODUCT = "product", "产品"
    CATEGORY = "category", "类别"
    GROUP = "group", "产品组"
    ALL = "all", "全部"


class SettingName(TextChoices):
    """Dated settings; see supplies.rules.reporting_settings for their values."""

    CUT_OFF = "cut_off", "截止时间"
    WINDOW = "window", "统计时段"
    CARRY_DAYS = "carry_days", "沿用天数"
    BACKFILL_DAYS = "backfill_days", "补报天数"
    GO_LIVE = "go_live", "上线日"
    FLASH_AT = "flash_at", "初报时间"
    FINAL_AT = "final_at", "终报时间"
    REMIND_BEFORE = "remind_before", "截止前几分钟提醒"
    REMIND_AFTER = "remind_after", "截止后几分钟提醒"
    QUIET_HOURS = "quiet_hours", "免打扰时段"


class ReminderKind(TextChoices):
    """Why somebody is reminded: a set time before or after the cut-off, or by hand."""

    BEFORE = "before", "截止前"
    AFTER = "after", "截止后"
    MANUAL = "manual", "人工"


class ReminderChannel(TextChoices):
    IN_APP = "in_app", "填报页"
    EMAIL = "email", "邮件"
    ROBOT = "robot", "工作群"


class ReminderState(TextChoices):
    """Dropped = not needed any more: the report came in before the message went out."""

    WAITING = "waiting", "待发"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发"
    FAILED = "failed", "未送达"
    DROPPED = "dropped", "已报，不再发"


class RobotKind(TextChoices):
    WECOM = "wecom", "企业微信"
    DINGTALK = "dingtalk", "钉钉"
    FEISHU = "feishu", "飞书"
