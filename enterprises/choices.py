"""Vocabularies of the ground storey: who produces, and who may act. Values are stored; labels are shown."""

from django.db.models import TextChoices


class DivisionLevel(TextChoices):
    PROVINCE = "province", "省级"
    CITY = "city", "市级"
    COUNTY = "county", "区县"
    ZONE = "zone", "功能区"
    OUTSIDE = "outside", "市外"


class EnterpriseKind(TextChoices):
    PRODUCER = "producer", "生产企业"
    PARTNER = "partner", "协作企业"
    DISTRIBUTOR = "distributor", "流通企业"


class EnterpriseStatus(TextChoices):
    ACTIVE = "active", "在产"
    PREPARING = "preparing", "筹备"
    CLOSED = "closed", "注销"


class StartKind(TextChoices):
    """How an enterprise or a line came to make the product."""

    EXPANDED = "expanded", "扩产"
    CONVERTED = "converted", "转产"
    NEWLY_BUILT = "newly_built", "新建"


class LineState(TextChoices):
    """Where a production line stands; only a running line makes goods."""

    PLANNED = "planned", "计划"
    INSTALLING = "installing", "安装"
    TRIAL = "trial", "试产"
    RUNNING = "running", "投产"
    HALTED = "halted", "停用"


class CertificateStatus(TextChoices):
    """Only a valid certificate licenses (R18)."""

    PENDING = "pending", "在办"
    VALID = "valid", "有效"
    REVOKED = "revoked", "吊销"


class CertificateKind(TextChoices):
    """Kinds that products ask for, written as the field writes them."""

    DEVICE_REGISTRATION = "医疗器械注册证", "医疗器械注册证"
    EMERGENCY_FILING = "应急备案", "应急备案"
    DISINFECTION_LICENCE = "卫生许可证", "卫生许可证"
    DRUG_APPROVAL = "药品批准文号", "药品批准文号"


class MembershipList(TextChoices):
    KEY = "key", "重点企业"
    CHAIN = "chain", "产业链企业"
    POSITIVE = "positive", "白名单企业"


class OrganisationKind(TextChoices):
    DEPARTMENT = "department", "部门"
    TOWNSHIP = "township", "乡镇街道"
    TASK_FORCE = "task_force", "专班"
    OUTSIDE = "outside", "外部单位"


class WorkDayKind(TextChoices):
    """Why offices work on a day, or not."""

    WEEKDAY = "weekday", "工作日"
    WEEKEND = "weekend", "周末"
    HOLIDAY = "holiday", "法定假"
    MAKE_UP = "make_up", "调休上班"
    EMERGENCY = "emergency", "应急加班"


class Role(TextChoices):
    """What a post makes of its holder; see enterprises.access for what each may do."""

    ADMIN = "admin", "系统管理员"
    CITY = "city", "市级调度员"
    COUNTY = "county", "县级调度员"
    DEPARTMENT = "department", "部门办理人"
    LIAISON = "liaison", "驻企特派员"
    ENTERPRISE = "enterprise", "企业填报员"
    LEADER = "leader", "领导"
    PROVINCE = "province", "省级"
    AUDITOR = "auditor", "审计员"


class TokenScope(TextChoices):
    REPORTS_WRITE = "reports:write", "提交日报"
    REPORTS_READ = "reports:read", "读取日报"
    REPORTS_REVIEW = "reports:review", "审核日报"
    DAYS_CLOSE = "days:close", "封账"
    TOTALS_READ = "totals:read", "读取汇总"
    SOURCES_READ = "sources:read", "读取数字来源"
    TICKETS_READ = "tickets:read", "读取问题单"
    TICKETS_WRITE = "tickets:write", "办理问题单"
