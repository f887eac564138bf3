"""People of a place, and who is meant by what was typed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from coordination import words
from coordination.duty.places import Place
from coordination.models import GroupMember
from enterprises import access as ground_access
from enterprises.choices import Role
from enterprises.errors import Invalid
from enterprises.models import Account, Post


@dataclass(frozen=True)
class Person:
    """Somebody who can be on duty; without an account he is asked by phone."""

    name: str
    phone: str
    account: Account | None = None

    def __str__(self) -> str:
        return f"{self.name} {self.phone}".strip()


def candidates(place: Place) -> list[Person]:
    """Who can be put on the roster of a place by name alone."""
    if place.is_group:
        members = GroupMember.objects.filter(group__organisation=place.organisation).filter(_standing())
        return [Person(m.name, m.phone, m.account) for m in members.select_related("account")]
    roles = (Role.CITY, Role.COUNTY) if place.division is not None else (Role.DEPARTMENT,)
    posts = (
        Post.objects.believed().on(ground_access.today()).filter(role__in=roles, account__is_active=True, **place.at)
    )
    people = {post.account_id: post.account for post in posts.select_related("account").order_by("account__username")}
    return [Person(str(one), one.phone, one) for one in people.values()]


def person(text: str, people: Iterable[Person], *, needs_phone: bool = True) -> Person | None:
    """Who is meant by "姓名 电话"; None for an empty text. The name alone will do for people of the place.

    Refuses: unknown_person, invalid_phone.
    """
    text = words.line(text, "who", "姓名", 90, is_required=False)
    if not text:
        return None
    name, _, number = text.partition(" ")
    known = list(people)
    same = [one for one in known if one.name == name or (one.account and one.account.username == name)]
    exact = [one for one in same if one.phone == number] if number else same
    if len(exact) == 1 and (exact[0].phone or not needs_phone):
        return exact[0]
    if len(same) == 1 and number:
        return Person(same[0].name, words.phone(number, "who"), same[0].account)
    if not number and needs_phone:
        raise Invalid(f"请在“{name}”后面写上电话。", code="unknown_person", field="who")
    return Person(words.line(name, "who", "姓名", 60), words.phone(number, "who", is_required=needs_phone))


def _standing() -> Q:
    today = ground_access.today()
    return Q(ends_on=None, starts_on__lte=today) | Q(ends_on__gte=today, starts_on__lte=today)
