"""What a password is refused for is said in Chinese."""

import re

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from enterprises.models import Account


@pytest.mark.parametrize("word", ["a", "12345678901234", "password1234", "zhangwenbin12"])
def test_every_reason_is_chinese(word: str) -> None:
    with pytest.raises(ValidationError) as refused:
        validate_password(word, Account(username="zhangwenbin1"))
    assert refused.value.messages
    assert not [said for said in refused.value.messages if re.search("[A-Za-z]", said)]


def test_twelve_characters_are_enough() -> None:
    validate_password("yu-xian-7788")
