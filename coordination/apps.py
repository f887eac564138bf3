"""The top storey as a Django app; loads the system checks and the Celery app."""

from django.apps import AppConfig


class CoordinationConfig(AppConfig):
    name = "coordination"
    verbose_name = "保供协调"

    def ready(self) -> None:
        from coordination import celery, checks  # importing them registers them

        assert celery
        assert checks
