"""Files sent in the browser: kept as they came, so that what was looked at is what is taken in."""

from django.conf import settings
from django.db import models

from supplies.choices import UploadPurpose


class Upload(models.Model):
    """One file of daily reports on its way: looked at first, taken in afterwards. Tidied away after seven days.

    reason, caller, returns: what a file of corrections says once for all its rows.
    `done` = what taking it in did (counts in words), None while it has not been.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("内容")
    replaces = models.BooleanField("替换网页和接口填报", default=False)
    purpose = models.CharField("用途", max_length=12, choices=UploadPurpose.choices, default=UploadPurpose.REPORTS)
    reason = models.CharField("更正理由", max_length=200, blank=True)
    caller = models.CharField("来电人", max_length=60, blank=True)
    returns = models.BooleanField("同时退回", default=False)
    created_at = models.DateTimeField("上传时间")
    done_at = models.DateTimeField("导入时间", null=True)
    done = models.JSONField("结果", null=True)

    class Meta:
        verbose_name = verbose_name_plural = "上传文件"
        indexes = [
            # an account's own uploads, the newest first; old ones are tidied away
            models.Index(fields=["account", "created_at"], name="upload_account"),
            models.Index(fields=["created_at"], name="upload_age"),
        ]
