"""The Celery app: runs the drains. The work itself lies in the database, so nothing is lost with a message."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")

app = Celery("baogong")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
