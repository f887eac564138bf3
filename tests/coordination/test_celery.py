"""The one Celery app: whoever publishes, from whichever thread, publishes to our broker."""

import threading

from celery import current_app
from django.apps import apps

from coordination.apps import CoordinationConfig


def test_the_project_is_configured_by_its_own_configuration() -> None:
    assert isinstance(apps.get_app_config("coordination"), CoordinationConfig)


def test_threads_of_the_web_server_publish_by_our_app() -> None:
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(current_app.main))
    thread.start()
    thread.join()
    assert [current_app.main, *seen] == ["baogong", "baogong"]
