"""Vocabularies of the top storey: tickets, their clocks and work orders. Values are stored; labels are shown."""

from django.db.models import TextChoices


class TicketState(TextChoices):
    """Where a ticket stands; the transition table (rules.transitions) says how it gets from one to another."""

    DRAFT = "draft", "草稿"
    SUBMITTED = "submitted", "待受理"
    RETURNED = "returned", "退回补正"
    ACCEPTED = "accepted", "待派工"
    DISPATCHED = "dispatched", "待签收"
    HANDLING = "handling", "办理中"
    WAITING = "waiting", "待企业补充"
    SUSPENDED = "suspended", "挂账"
    REPLIED = "replied", "待企业确认"
    CLOSED = "closed", "已办结"
    REJECTED = "rejected", "不予受理"
    WITHDRAWN = "withdrawn", "企业撤回"
    DUPLICATE = "duplicate", "重复并单"


class TicketResult(TextChoices):
    """What became of the matter; every closed ticket has one."""

    SOLVED = "solved", "已解决"
    PARTIAL = "partial", "部分解决"
    EXPLAINED = "explained", "已解释说明"
    UNSOLVED = "unsolved", "未解决"


class ConfirmMode(TextChoices):
    """By whom the result was confirmed."""

    ENTERPRISE = "enterprise", "企业确认"
    PROXY = "proxy", "特派员代录"
    CALLBACK = "callback", "回访确认"
    SILENT = "silent", "逾期视同确认"


class TicketLevel(TextChoices):
    COUNTY = "county", "县级"
    CITY = "city", "市级"
    PROVINCE = "province", "省级"


class TicketMode(TextChoices):
    NORMAL = "normal", "常规"
    URGENT = "urgent", "紧急"
    EMERGENCY = "emergency", "应急"


class UrgentReason(TextChoices):
    """Why a single ticket is urgent (K3)."""

    STOPPING = "stopping", "停产在即"
    CUT_OFF = "cut_off", "断供不足 24 小时"
    SAFETY = "safety", "安全风险"
    LIVELIHOOD = "livelihood", "民生保供"


class TicketNature(TextChoices):
    """Whether a ticket counts: what is only a trial is flagged and counted apart."""

    REAL = "real", "正式"
    TEST = "test", "测试"
    TRAINING = "training", "培训演练"


class CallBack(TextChoices):
    """What a call to the enterprise after the end found."""

    AGREES = "agrees", "与记录相符"
    DIFFERS = "differs", "与记录不符"
    AGAIN = "again", "要求重新办理"
    NOT_REACHED = "not_reached", "没有联系上"


class TicketSource(TextChoices):
    """How the matter reached us."""

    WEB = "web", "企业自报"
    VISIT = "visit", "特派员走访"
    PHONE = "phone", "来电"
    REPORT = "report", "日报困难栏"
    GROUP = "group", "工作群"
    API = "api", "接口"


class Side(TextChoices):
    """What an account is to one ticket."""

    ENTERPRISE = "enterprise", "企业"
    LIAISON = "liaison", "特派员"
    DESK = "desk", "受理派工岗"
    HANDLER = "handler", "承办单位"
    HEAD = "head", "承办单位负责人"
    ASSIST = "assist", "协办单位"
    SUPERVISOR = "supervisor", "督办岗"
    READER = "reader", "只读"
    SYSTEM = "system", "系统"


class Visibility(TextChoices):
    """Who may read what was said; internal unless said otherwise."""

    ENTERPRISE = "enterprise", "企业可见"
    UNITS = "units", "在办单位"
    OWN_UNIT = "own_unit", "本单位"
    TASK_FORCE = "task_force", "专班"
    RATING = "rating", "企业与督办"


SAYABLE = tuple(one for one in Visibility.choices if one[0] != Visibility.RATING)
"""Who may read what somebody says or adds; a rating is nobody's to choose."""


class ScanState(TextChoices):
    """What is known about a file that came with a ticket; without a scanner it is never looked into."""

    UNSCANNED = "unscanned", "未扫描"
    PENDING = "pending", "待扫描"
    CLEAN = "clean", "干净"
    INFECTED = "infected", "有毒"


class ClockKind(TextChoices):
    ACCEPT = "A", "受理"
    DISPATCH = "B", "派工"
    SIGN = "C", "签收"
    CONTACT = "D", "首次联系"
    RESOLVE = "E", "办结"
    CONFIRM = "F", "确认"
    FEEDBACK = "G", "阶段反馈"
    RULING = "R", "裁定"


class BudgetUnit(TextChoices):
    """How a time limit is counted (K2, K3)."""

    WORKING_MINUTES = "working_minutes", "工作分钟"
    WORKING_DAYS = "working_days", "工作日"
    ELAPSED_MINUTES = "elapsed_minutes", "分钟（昼夜连续）"


class OrderPart(TextChoices):
    LEAD = "lead", "主办"
    ASSIST = "assist", "协办"


class OrderState(TextChoices):
    AWAITING = "awaiting", "待签收"
    HANDLING = "handling", "办理中"
    RETURNING = "returning", "申请退单"
    ANSWERED = "answered", "已反馈，待审核"
    DONE = "done", "完成"
    SENT_BACK = "sent_back", "已退单"
    CANCELLED = "cancelled", "撤销"


class Satisfaction(TextChoices):
    """Five grades, best first."""

    VERY_GOOD = "5", "非常满意"
    GOOD = "4", "满意"
    FAIR = "3", "基本满意"
    POOR = "2", "不满意"
    VERY_POOR = "1", "非常不满意"


class EscalationRule(TextChoices):
    """By which rule a ticket belongs to a level or changes it (tickets, 2.4)."""

    L1 = "L1", "本县市区能决定"
    L2 = "L2", "需兄弟县市区配合"
    L3 = "L3", "需省内其他城市配合"
    L4 = "L4", "需外省配合，发公函"
    L5 = "L5", "单位之间有争议，由专班裁定"
    L6 = "L6", "第二次退单，由督办岗决定"
    L7 = "L7", "需上级政策"
    L8 = "L8", "停产在即、安全或重点保供，按紧急办"
    CATEGORY = "category", "按类别"
    DOWN = "down", "下级能办，退回下级"
    OTHER = "other", "其他"


class Obstacle(TextChoices):
    """Where the obstacle of a matter lies; by it and the category the rules say whose it is."""

    OWN_COUNTY = "own_county", "本县市区"
    SIBLING = "sibling", "市内其他县市区"
    OTHER_CITY = "other_city", "省内其他城市"
    OTHER_PROVINCE = "other_province", "外省"
    POLICY = "policy", "上级政策"


class AnswerState(TextChoices):
    """Where what a unit answered to its order stands: its own leader first, then the desk (2.6)."""

    WAITING = "waiting", "待负责人审核"
    PASSED = "passed", "待受理派工岗审核"
    ACCEPTED = "accepted", "通过"
    REFUSED = "refused", "退回"


class RejectReason(TextChoices):
    """Why a matter is not taken in (T6)."""

    SCOPE = "scope", "不属受理范围"
    LEGAL = "legal", "应走法定途径"
    FACTS = "facts", "没有具体事项或事实不符"
    SETTLED = "settled", "已办结且没有新情况"
    OTHER = "other", "其他"


class ReturnReason(TextChoices):
    """Why a unit asks to send its order back (2.6). A sibling county may only name facts (L2)."""

    AREA = "area", "属地不符"
    RIGHTS = "rights", "权属不清"
    DUTY = "duty", "职能不符"
    REPEATED = "repeated", "重复"
    FACTS = "facts", "事实不符"


class ProblemState(TextChoices):
    """Where a common problem stands. What looks alike and was not decided yet (候选) is found, not stored."""

    ESTABLISHED = "established", "立项"
    HANDLING = "handling", "办理中"
    MEASURED = "measured", "措施已出"
    CLOSED = "closed", "验收销号"
    DROPPED = "dropped", "不成立"


class Coverage(TextChoices):
    """Whether the measure of a common problem settles one member."""

    UNKNOWN = "unknown", "未定"
    COVERED = "covered", "管用"
    NOT_COVERED = "not_covered", "不管用"


class LetterState(TextChoices):
    """Where an official letter stands; rules.letter_steps says how it gets from one to another."""

    DRAFT = "draft", "草稿"
    AWAITING = "awaiting", "待签发"
    SIGNED = "signed", "已签发"
    SENT = "sent", "已发出"
    ANSWERED = "answered", "已回函"
    CLOSED = "closed", "办结"
    DROPPED = "dropped", "作废"


class LetterWay(TextChoices):
    """How a letter left the house."""

    EXCHANGE = "exchange", "公文交换"
    ELECTRONIC = "electronic", "电子公文系统"
    FAX = "fax", "传真"
    POST = "post", "邮寄"
    HAND = "hand", "专人送达"
    MAIL = "mail", "电子邮件"


class LetterResult(TextChoices):
    """What the other side answered."""

    AGREED = "agreed", "同意，已办"
    PARTIAL = "partial", "部分同意"
    REFUSED = "refused", "不同意"
    FORWARDED = "forwarded", "已转其他单位"


class GroupKind(TextChoices):
    """What a working group is for."""

    STANDING = "standing", "常设专班"
    EMERGENCY = "emergency", "应急专班"
    PROJECT = "project", "专项专班"


class DutyPart(TextChoices):
    """Who is asked first, and who stands in (AB角)."""

    A = "A", "A 角"
    B = "B", "B 角"


class Audience(TextChoices):
    """To whom a step of a ladder speaks (tickets, 2.4 by time)."""

    HANDLER = "handler", "经办人"
    LEADER = "leader", "承办单位负责人"
    SUPERVISOR = "supervisor", "督办岗"
    GROUP = "group", "专班负责人"


class LadderAct(TextChoices):
    """What a step of a ladder does besides speaking."""

    TELL = "tell", "提醒"
    URGE = "urge", "催办"
    ORDER = "order", "督办单"
    PUBLISH = "publish", "列入通报"


class CallResult(TextChoices):
    """What came of a call."""

    REACHED = "reached", "已打通"
    NO_ANSWER = "no_answer", "没人接"


class DeliveryChannel(TextChoices):
    EMAIL = "email", "邮件"
    ROBOT = "robot", "工作群"


class DeliveryState(TextChoices):
    """Merged = said within a digest; dropped = nobody needs it any more."""

    WAITING = "waiting", "待发"
    SENDING = "sending", "发送中"
    SENT = "sent", "已发"
    FAILED = "failed", "未送达"
    DROPPED = "dropped", "不再需要"
    MERGED = "merged", "并入汇总"


class Digest(TextChoices):
    """How an account wants to hear of ordinary things; duty and overdue things always come at once."""

    AT_ONCE = "at_once", "随到随发"
    DAILY = "daily", "每天早上汇总一封"
    OFF = "off", "不发邮件"


class VisitWay(TextChoices):
    """How a liaison officer spoke with an enterprise."""

    VISIT = "visit", "走访"
    PHONE = "phone", "电话"
    VIDEO = "video", "视频"


class PromiseKind(TextChoices):
    """Who said he would do something; the next contact is the officer's own word."""

    ENTERPRISE = "enterprise", "企业答应"
    OFFICER = "officer", "特派员来办"
    UNIT = "unit", "单位答应"
    CONTACT = "contact", "下次联系"


class PromiseState(TextChoices):
    OPEN = "open", "待兑现"
    KEPT = "kept", "已兑现"
    BROKEN = "broken", "没有兑现"


class PromiseOutcome(TextChoices):
    """What a follow-up found; a promise may also change hands."""

    KEPT = "kept", "兑现了"
    BROKEN = "broken", "没兑现"
    MOVED = "moved", "改期"
    HANDED = "handed", "移交"
