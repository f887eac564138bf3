"""The form of one production line: its name, how it stands from a day on, when it is expected to run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from enterprises.choices import LineState, StartKind
from enterprises.errors import Refused
from enterprises.production_lines import Standing
from enterprises.rules import days

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ProductionLineForm(forms.Form):
    """A line that is there, or a new one. Days are read by the grammar of all days."""

    line = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1, widget=forms.HiddenInput)
    name = forms.CharField(label="产线名称", max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"}))
    state = forms.ChoiceField(label="状态", choices=LineState.choices)
    starts_on = forms.CharField(label="从哪天起", max_length=30, widget=DAY)
    expected_on = forms.CharField(label="预计投产", max_length=30, required=False, widget=DAY, help_text="选填。")
    start_kind = forms.ChoiceField(label="投产方式", choices=[("", "不说"), *StartKind.choices], required=False)

    def __init__(self, data: Any = None, *, line: Standing | None = None, today: dt.date) -> None:
        said: dict[str, Any] = {"starts_on": today, "state": LineState.RUNNING}
        if line is not None:
            said |= {
                "line": line.pk, "name": line.name, "state": line.state or LineState.RUNNING,
                "expected_on": line.expected_on, "start_kind": line.start_kind,
            }  # fmt: skip
        super().__init__(data, initial=said, prefix=None, auto_id=f"id_{line.pk if line else 'new'}_%s")
        self.standing = line
        for name, field in self.fields.items():
            field.error_messages |= {"required": f"请填写{field.label}。", "invalid_choice": f"没有这种{field.label}。"}
            if name in ("starts_on", "expected_on"):
                field.error_messages["max_length"] = f"可写作 {days.FORMS}。"

    def clean_starts_on(self) -> dt.date | None:
        return _day(self.cleaned_data["starts_on"])

    def clean_expected_on(self) -> dt.date | None:
        return _day(self.cleaned_data["expected_on"])

    def refuse(self, refused: Refused) -> None:
        """Put what the act refused at the fields it names."""
        for fault in refused.errors:
            self.add_error(fault.field if fault.field in self.fields else None, fault.message)


def _day(text: str) -> dt.date | None:
    try:
        return days.written(text) if text else None
    except ValueError as error:
        raise forms.ValidationError(f"{error}。") from None
