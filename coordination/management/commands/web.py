"""Serve the web pages and the API of one process."""

from __future__ import annotations

import signal
import tempfile
from typing import Any

import waitress
from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser
from django.core.servers.basehttp import get_internal_wsgi_application


class Command(BaseCommand):
    """Waitress rather than a forking server: idle and kept-alive connections of browsers hold no thread."""

    help = "启动网页服务（一个进程）；监听 HOST:PORT"
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Address and port, by default those of the environment."""
        parser.add_argument("--host", default=settings.ENV["HOST"])
        parser.add_argument("--port", type=int, default=settings.ENV["PORT"])

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve until a signal comes; requests under way get up to five seconds to end."""
        application = get_internal_wsgi_application()  # refuses an unsafe start
        # requests larger than memory should hold wait on the disk of the store, not in a container's memory
        tempfile.tempdir = str(settings.FILE_UPLOAD_TEMP_DIR)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        waitress.serve(
            application,
            host=options["host"],
            port=options["port"],
            threads=settings.ENV["WEB_THREADS"],
            ident="",
            connection_limit=1000,
            channel_timeout=60,
            max_request_body_size=104 * 1024 * 1024,  # ten files of ten megabytes
            clear_untrusted_proxy_headers=False,  # judged by settings.PROXY_COUNT instead
            asyncore_use_poll=True,
        )
