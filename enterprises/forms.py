"""Shapes of the ground storey's HTML input."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm, PasswordChangeForm


class SignInForm(AuthenticationForm):
    """User name and password. A wrong name and a wrong password are answered alike."""

    error_messages = {
        "invalid_login": "用户名或密码不对，请核对大小写后再试。连续输错 5 次要等 15 分钟。",
        "inactive": "用户名或密码不对，请核对大小写后再试。连续输错 5 次要等 15 分钟。",
    }
    username = forms.CharField(
        label="用户名",
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": "请填用户名。"},
    )
    password = forms.CharField(
        label="密码",
        strip=False,
        max_length=256,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": "请填密码。"},
    )


class ChangePasswordForm(PasswordChangeForm):
    """The present password and, twice, the new one; what the settings' validators ask is said before, in one line."""

    error_messages = {
        "password_mismatch": "两次输入的新密码不一样，请再输一次。",
        "password_incorrect": "现在的密码不对，请再输一次。",
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["old_password"].label = "现在的密码"
        self.fields["new_password1"].label = "新密码"
        self.fields["new_password1"].help_text = "至少 12 个字符；不要用纯数字、常见密码，也不要像您的用户名。"
        self.fields["new_password2"].label = "再输一次新密码"
        self.fields["new_password2"].help_text = ""
