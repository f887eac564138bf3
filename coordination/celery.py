"""The Celery app: runs the drains. The work itself lies in the database, so nothing is lost with a message."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")

app = Celery("baogong")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# current is kept per thread: without this, threads of the web server would publish to a broker nobody set
app.set_default()
app.set_current()


@beat_init.connect
@worker_init.connect
def _refuse_unsafe_start(**kwargs: Any) -> None:
    from coordination.checks import refuse_unsafe_start

    refuse_unsafe_start()


@setup_logging.connect
def _keep_our_logging(**kwargs: Any) -> None:
    """Connected, so that Celery leaves the logging of Django's settings as it is."""
