"""The audit: who did what to what, when, before and after."""

from django.conf import settings
from django.db import models


class AuditEntry(models.Model):
    """One act. Append-only (a trigger refuses update and delete). Written by enterprises.audit.record only."""

    APPEND_ONLY = True

    at = models.DateTimeField("时间")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name="账号"
    )
    principal = models.CharField("凭据", max_length=80, blank=True, help_text="网页会话、令牌编号或命令行")
    act = models.CharField("行为", max_length=60)
    object_type = models.CharField("对象类型", max_length=40)
    object_id = models.CharField("对象", max_length=60)
    before = models.JSONField("之前", null=True)
    after = models.JSONField("之后", null=True)
    request_id = models.CharField("请求号", max_length=64, blank=True)

    class Meta:
        verbose_name = verbose_name_plural = "审计记录"
        ordering = ["-id"]
        indexes = [
            # the history of one thing
            models.Index(fields=["object_type", "object_id"], name="audit_object"),
        ]
