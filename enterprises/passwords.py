"""Passwords: what makes one too short, said in Chinese."""

from __future__ import annotations

from typing import Any

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError


class LongEnough(password_validation.MinimumLengthValidator):
    """As the framework's own, whose refusal its Chinese catalogue has not caught up with."""

    def validate(self, password: str, user: Any = None) -> None:
        """Refuses (password_too_short)."""
        if len(password) < self.min_length:
            raise ValidationError(self.get_error_message(), code="password_too_short")

    def get_error_message(self) -> str:
        return f"密码太短了，至少要 {self.min_length} 个字符。"
