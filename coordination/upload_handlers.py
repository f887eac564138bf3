"""How files come in: to the disk in pieces, none larger than we take, and a full disk costs the file, not the form."""

from __future__ import annotations

import contextlib
import io
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import StopFutureHandlers, TemporaryFileUploadHandler

LARGEST = 12 * 1024 * 1024
"""Bytes of one file that are kept; what is refused as too large further in says so by the size that was sent."""


class CarefulUploadHandler(TemporaryFileUploadHandler):
    """Takes what memory should not hold. A file that could not be kept whole is handed on empty, marked `is_cut`."""

    is_cut = False

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        """Open a temporary file; where none can be made the rest of the form is still read."""
        self.is_cut = False
        try:
            super().new_file(*args, **kwargs)
        except StopFutureHandlers:
            raise
        except OSError:
            self.is_cut = True

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        """Keep a piece, unless there is too much of it already or no room."""
        if self.is_cut or start >= LARGEST:
            return
        try:
            self.file.write(raw_data)
        except OSError:
            self.is_cut = True

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        """The file with the size that was sent, whatever was kept of it."""
        if not self.is_cut:
            with contextlib.suppress(OSError):
                return super().file_complete(file_size)
        empty = InMemoryUploadedFile(
            io.BytesIO(), self.field_name, self.file_name, self.content_type, file_size, self.charset
        )
        empty.is_cut = True  # type: ignore[attr-defined]
        return empty
