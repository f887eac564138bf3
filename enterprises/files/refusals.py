"""Why a whole file cannot be read: one line for people each."""

from __future__ import annotations

from enterprises.errors import Refused


class BadFile(Refused):
    """A file that is not what it should be; nothing of it was read."""

    code = "bad_file"
    message = "文件不能读取。"
