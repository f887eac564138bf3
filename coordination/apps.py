"""The top storey as a Django app; loads the system checks and the Celery app. And what is not to be served."""

from django.apps import AppConfig
from django.contrib.staticfiles.apps import StaticFilesConfig


class CoordinationConfig(AppConfig):
    name = "coordination"
    verbose_name = "保供协调"
    default = True  # there are two configurations in this file: without it Django would take neither

    def ready(self) -> None:
        from coordination import celery, checks  # importing them registers them

        assert celery
        assert checks


class OurStaticFilesConfig(StaticFilesConfig):
    """Leaves out what no page of ours asks for, so that collecting and compressing takes seconds."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "*.map", "htm*-4*", "htmx-2.js", "rest_framework"]
