"""The administrator's view of the timetable."""

from django.contrib import admin

from coordination.models import Job
from enterprises.admin import Shown, site


@admin.register(Job, site=site)
class JobAdmin(Shown):
    list_display = ("kind", "period", "claimed_until", "done_at", "error")
    list_filter = ("kind",)
