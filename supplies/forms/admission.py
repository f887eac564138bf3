"""The admission form: one screen from a credit code to a printed slip."""

from __future__ import annotations

from typing import Any

from django import forms

from enterprises.errors import Refused

PLAIN = {"autocomplete": "off"}


class AdmissionForm(forms.Form):
    """What a new enterprise is admitted with. Texts are judged by the act; here only that the needed ones are there."""

    uscc = forms.CharField(
        label="统一社会信用代码",
        max_length=40,
        help_text="18 位，照营业执照填写。",
        widget=forms.TextInput(attrs={**PLAIN, "autocapitalize": "characters", "spellcheck": "false"}),
    )
    name = forms.CharField(label="企业名称", max_length=200, widget=forms.TextInput(attrs=PLAIN))
    division = forms.ChoiceField(label="属地（填报单位）")
    products = forms.MultipleChoiceField(
        label="报送产品",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="从今天起每天要报的产品；一个不选，只报生产状态和人员。",
    )
    contact_name = forms.CharField(label="联系人", max_length=50, required=False, widget=forms.TextInput(attrs=PLAIN))
    contact_phone = forms.CharField(
        label="联系电话",
        max_length=30,
        help_text="催报时拨打。",
        widget=forms.TextInput(attrs={**PLAIN, "inputmode": "tel"}),
    )
    contact_email = forms.EmailField(
        label="联系邮箱",
        max_length=254,
        required=False,
        help_text="选填，收催报邮件。",
        error_messages={"invalid": "联系邮箱写得不对。"},
        widget=forms.EmailInput(attrs=PLAIN),
    )

    def __init__(
        self, *args: Any, divisions: list[tuple[str, str]], products: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = dict(self.fields)
        fields["division"].choices = divisions if len(divisions) == 1 else [("", "请选择"), *divisions]
        fields["products"].choices = products
        for name, field in fields.items():
            field.error_messages["required"] = f"请{'选择' if name == 'division' else '填写'}{field.label}。"
        fields["division"].error_messages["invalid_choice"] = "没有这个填报单位。"
        fields["products"].error_messages["invalid_choice"] = "目录里没有这种产品。"

    def refuse(self, refused: Refused) -> None:
        """Put what the act refused at the fields it names."""
        for fault in refused.errors:
            field = fault.field if fault.field in self.fields else None
            self.add_error(field, fault.message)
