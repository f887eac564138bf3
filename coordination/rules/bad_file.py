"""Pure: why one file cannot be taken."""

from __future__ import annotations


class BadFile(ValueError):
    """A file that is not taken: a stable code, and the reason as the rest of a sentence that begins with its name."""

    def __init__(self, code: str, reason: str) -> None:
        self.code, self.reason = code, reason
        super().__init__(reason)
