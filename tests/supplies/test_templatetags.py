"""What templates write: numbers that open, provenance bars, tags, filters in the address."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

import pytest
import time_machine
from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.template import RequestContext, Template
from django.test import RequestFactory

from enterprises.rules.frame import Frame, Place


def render(text: str, query: str = "", **values: Any) -> str:
    request = RequestFactory().get("/list/" + query)
    return Template("{% load baogong %}" + text).render(RequestContext(request, values)).strip()


class TestNumbers:
    def test_a_number_that_opens_is_a_link_that_says_the_full_value(self):
        """R22."""
        html = render('{% num v "只/日" size="xl" href=href drawer=True %}', v=8_650_000_000, href="/sources/?a=1&b=2")
        assert 'class="num num-xl src"' in html
        assert 'href="/sources/?a=1&amp;b=2"' in html
        assert 'title="8,650,000 只/日 · 查看来源"' in html
        assert 'aria-label="865万只/日（8,650,000 只/日），查看来源"' in html
        assert " data-drawer" in html
        assert '865万<span class="u">只/日</span></a>' in html

    def test_a_shortened_number_that_does_not_open_still_says_the_full_value(self):
        html = render('{% num v "只" %}', v=8_654_321_000)
        assert "865.4万" in html
        assert '<span class="visually-hidden">8,654,321</span>' in html
        assert "src" not in html

    def test_a_number_not_given_never_opens(self):
        """R3: not given is not 0."""
        assert render('{% num v "只" href="/x" %}', v=None) == '<span class="num t-3 ">—</span>'

    def test_escapes_what_a_unit_may_hold(self):
        assert "<b>" not in render("{% num v unit %}", v=1000, unit="<b>")

    def test_a_falling_number_says_so_in_words(self):
        html = render('{% delta v "只" %}', v=-12_000_000)
        assert "\u22121.2万只 较昨日" in html
        assert "coral" not in html
        assert render("{% delta v %}", v=0) == '<span class="delta">与昨日持平</span>'
        assert render("{% delta v %}", v=None) == ""

    def test_a_rate_stands_beside_its_parts(self):
        """R12: nothing expected is neither 0 nor 1."""
        assert '93.3<span class="u">%</span>' in render("{% rate 97 104 %}")
        assert "97/104" in render("{% rate 97 104 %}")
        assert "无义务" in render("{% rate 0 0 %}")


class TestProvenance:
    def test_the_bar_keeps_its_order_and_speaks(self):
        html = render("{% prov 91 6 4 1 2 size='lg' %}")
        assert re.findall(r'<svg class="(\w+)"', html) == ["rep", "late", "car", "sta", "mis"]
        assert 'role="img"' in html
        assert 'aria-label="应报 104：已报 97（其中迟报 6），沿用 4，失效 1，从未报 2"' in html
        assert 'class="prov lg"' in html

    def test_the_bar_shows_only_present_states_each_with_a_least_width(self):
        html = render("{% prov 9999 0 0 0 1 %}")
        assert re.findall(r'<svg class="(\w+)" width="(\d+)"', html) == [("rep", "9999"), ("mis", "1")]
        css = (settings.BASE_DIR / "static/css/baogong.css").read_text(encoding="utf-8")
        assert "min-width: 5px" in re.search(r"^\.prov svg \{(.*)\}", css, re.MULTILINE).group(1)

    def test_nothing_expected_has_no_bar(self):
        assert "svg" not in render("{% prov 0 0 0 0 0 %}")
        assert "无义务" in render("{% prov 0 0 0 0 0 %}")

    def test_one_square_is_one_enterprise(self):
        html = render("{% units 18 1 2 1 0 %}")
        assert re.findall(r'<i class="(\w+)"', html) == ["rep"] * 18 + ["late"] + ["car"] * 2 + ["sta"]

    def test_the_legend_counts_only_states_that_occur(self):
        html = render("{% keys 66 0 3 0 1 %}")
        assert re.findall(r"</i>(\S+) <b>(\d+)", html) == [("按时", "66"), ("沿用", "3"), ("从未报", "1")]
        assert render("{% keys bare=True %}").count("<i") == 5

    @pytest.mark.parametrize(
        "state", ["on_time", "late", "carried", "stale", "never", "submitted", "returned", "expired"]
    )
    def test_no_state_is_told_by_colour_alone(self, state):
        html = render("{% status state %}", state=state)
        assert re.search(r"[\u4e00-\u9fff]{2,}", html)

    def test_an_unknown_state_shows_as_itself(self):
        assert "&lt;odd&gt;" in render("{% status state %}", state="<odd>")

    def test_a_carried_tag_tells_its_age(self):
        assert "沿用 2 天" in render('{% status "carried" note="2 天" %}')


class TestDrawings:
    def test_every_icon_named_in_templates_is_in_the_sprite(self):
        sprite = set(re.findall(r'<symbol id="(\w+)"', (settings.BASE_DIR / "static/img/icons.svg").read_text()))
        named = set()
        for path in (settings.BASE_DIR / "templates").rglob("*.html"):
            text = path.read_text(encoding="utf-8")
            named |= set(re.findall(r'{% icon "(\w+)"', text)) | set(re.findall(r'icon_name="(\w+)"', text))
        assert named
        assert named <= sprite

    def test_a_line_tells_where_it_begins_and_ends(self):
        html = render("{% spark values %}", values=[None, 1_830_000_000, 2_460_000_000])
        assert 'aria-label="近 3 天走势，由 183万 到 246万"' in html
        assert render("{% spark values %}", values=[None]) == '<span class="t-3">—</span>'

    @pytest.mark.parametrize("part, whole, width", [(47, 100, "47.0"), (3, 2, "100.0"), (-1, 2, "0.0"), (1, 0, "0.0")])
    def test_a_meter_stays_in_its_box(self, part, whole, width):
        assert f'width="{width}%"' in render("{% meter part whole %}", part=part, whole=whole)


class TestAddresses:
    OPTIONS = [("350582", "晋江市"), ("350583", "南安市")]

    def test_a_chosen_filter_can_be_taken_out_and_keeps_the_others(self):
        html = render(
            '{% chip "division" "县市区" options %}', "?division=350582&search=a%26b&page=3", options=self.OPTIONS
        )
        assert "晋江市" in html
        assert 'href="?search=a%26b"' in html

    def test_an_open_filter_offers_addresses_that_begin_at_the_first_page(self):
        html = render('{% chip "division" "县市区" options %}', "?search=x&page=3", options=self.OPTIONS)
        assert 'href="?search=x&amp;division=350583"' in html

    def test_a_value_from_the_address_is_escaped(self):
        html = render('{% chip "division" "县市区" options %}', "?division=<script>", options=self.OPTIONS)
        assert "<script>" not in html

    def test_a_sorted_head_says_its_order_and_turns_it(self):
        head = '{% sort_head "capacity" "日产能" right=True default="-capacity" %}'
        assert 'aria-sort="descending"' in render(head)
        assert 'href="?sort=capacity"' in render(head)
        assert 'aria-sort="ascending"' in render(head, "?sort=capacity")
        assert "aria-sort" not in render(head, "?sort=name")
        assert 'href="?sort=-capacity"' in render(head, "?sort=name")

    def test_pages_keep_the_filters(self):
        page = Paginator(range(40), 12).get_page(2)
        html = render('{% include "includes/pagination.html" with noun="家" %}', "?search=x", page_obj=page)
        assert "第 13–24 家，共 40 家" in html
        assert 'href="?search=x&amp;page=3"' in html

    def test_the_day_picker_keeps_the_place_and_ends_at_the_last_day(self):
        frame = Frame(place=Place("350500", "泉州市"), day=dt.date(2020, 3, 27), last_day=dt.date(2020, 3, 27))
        html = render('{% include "includes/day_picker.html" %}', "?division=350582", frame=frame)
        assert 'href="?division=350582&amp;date=2020-03-26"' in html
        assert "2020-03-28" not in html
        assert '<input type="hidden" name="division" value="350582">' in html

    def test_the_place_picker_marks_where_we_are(self):
        places = (Place("350500", "泉州市"), Place("350582", "晋江市", 1))
        html = render('{% include "includes/place_picker.html" %}', frame=Frame(place=places[1], places=places))
        assert re.search(r'division=350582" aria-current="true"', html)


class TestDays:
    @time_machine.travel(dt.datetime(2020, 3, 27, 10, 30, tzinfo=dt.UTC))
    def test_a_moment_of_today_is_a_clock_and_another_day_is_named(self):
        now = dt.datetime(2020, 3, 27, 10, 20, tzinfo=dt.UTC)
        assert render("{{ m|moment }}", m=now) == "18:20"
        assert render("{{ m|moment }}", m=now - dt.timedelta(days=1)) == "3月26日 18:20"
        assert render("{{ m|moment }} {{ m|clock }} {{ m|stamp }}", m=None) == "— — —"

    @time_machine.travel(dt.datetime(2020, 3, 27, 10, 30, tzinfo=dt.UTC))
    def test_the_as_of_line_can_be_read_by_scripts(self):
        as_of = dt.datetime(2020, 3, 27, 10, 20, tzinfo=dt.UTC)
        html = render('{% include "includes/as_of.html" %}', as_of=as_of)
        assert "截至 18:20 更新" in html
        assert 'datetime="2020-03-27T10:20:00+00:00"' in html


class TestFields:
    class Shape(forms.Form):
        name = forms.CharField(label="名称", help_text="全称")
        kind = forms.ChoiceField(label="类别", choices=[("a", "甲")])
        is_key = forms.BooleanField(label="重点企业")

    def test_an_error_stands_under_its_field_and_is_announced(self):
        html = render("{% field form.name %}", form=self.Shape({}))
        assert 'class="form-control is-invalid"' in html
        assert 'aria-invalid="true"' in html
        described = re.search(r'aria-describedby="([^"]+)"', html).group(1).split()
        assert all(f'id="{part}"' in html for part in described)
        assert "id_name_error" in described

    def test_each_kind_of_input_has_its_class(self):
        form = self.Shape()
        assert "form-select" in render("{% field form.kind %}", form=form)
        assert "form-check-input" in render("{% field form.is_key %}", form=form)
