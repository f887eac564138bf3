"""Files sent in the browser: kept as they came, so that what was looked at is what is taken in."""

from django.conf import settings
from django.db import models


class Upload(models.Model):
    """One file of daily reports on its way: looked at first, taken in afterwards. Tidied away after seven days.

    `done` = what taking it in did (counts in words), None while it has not been.
    """

    account = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="账号")
    name = models.CharField("文件名", max_length=200)
    content = models.BinaryField("内容")
    replaces = models.BooleanField("替换网页和接口填报", default=False)
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
