"""Around every request: its number, the client's address, the end of a session, no caching."""

import logging
import time

import pytest
from django.contrib.auth import get_user_model
from django.http import HttpResponse
from django.test import Client, RequestFactory

from coordination import middleware
from enterprises import audit

pytestmark = pytest.mark.django_db


@pytest.fixture
def account():
    return get_user_model().objects.create(username="somebody")


@pytest.mark.parametrize(
    ("proxies", "forwarded", "expected"),
    [
        (0, "203.0.113.9", "198.51.100.7"),
        (1, "203.0.113.9", "203.0.113.9"),
        (1, "10.0.0.1, 203.0.113.9", "203.0.113.9"),
        (2, "203.0.113.9, 192.0.2.1", "203.0.113.9"),
        (2, "203.0.113.9", "198.51.100.7"),
        (1, "not an address", "198.51.100.7"),
        (1, "", "198.51.100.7"),
    ],
)
def test_the_address_is_what_the_outermost_trusted_proxy_saw(settings, proxies, forwarded, expected):
    settings.PROXY_COUNT = proxies
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    request = RequestFactory().get("/", REMOTE_ADDR="198.51.100.7", **headers)
    assert middleware.client_address(request) == expected


def test_a_request_is_numbered_and_a_well_formed_number_is_kept(client):
    assert len(client.get("/healthz")["X-Request-ID"]) == 32
    assert client.get("/healthz", headers={"X-Request-ID": "trace-12345678"})["X-Request-ID"] == "trace-12345678"
    assert client.get("/healthz", headers={"X-Request-ID": "a b\tc' --"})["X-Request-ID"] != "a b\tc' --"


def test_the_audit_knows_the_number_only_during_the_request():
    seen = []

    def answer(request):
        seen.append((audit.request_id.get(), audit.principal.get()))
        return HttpResponse()

    middleware.RequestIdMiddleware(answer)(RequestFactory().get("/", headers={"X-Request-ID": "trace-12345678"}))
    assert seen == [("trace-12345678", "session")]
    assert (audit.request_id.get(), audit.principal.get()) == ("", "")


def test_the_access_line_tells_no_name_and_no_query(client, account, caplog):
    client.force_login(account)
    with caplog.at_level(logging.INFO, logger="coordination.access"):
        client.get("/nowhere/?search=somebody")
    record = next(r for r in caplog.records if r.name == "coordination.access")
    assert (record.path, record.status, record.account) == ("/nowhere/", 404, str(account.pk))
    assert "somebody" not in str(vars(record))


def test_an_idle_session_ends(client, account, settings):
    client.force_login(account)
    client.get("/nowhere/")
    session = client.session
    session["seen_at"] = int(time.time()) - settings.IDLE_SECONDS - 1
    session.save()
    client.get("/nowhere/")
    assert "_auth_user_id" not in client.session


def test_an_old_session_ends_however_busy_it_is(client, account, settings):
    client.force_login(account)
    client.get("/nowhere/")
    session = client.session
    session["started_at"] = int(time.time()) - settings.SESSION_COOKIE_AGE - 1
    session.save()
    client.get("/nowhere/")
    assert "_auth_user_id" not in client.session


def test_reading_pages_writes_the_session_once_a_minute(client, account, django_assert_max_num_queries):
    client.force_login(account)
    client.get("/nowhere/")
    seen = client.session["seen_at"]
    client.get("/nowhere/")
    assert client.session["seen_at"] == seen
    session = client.session
    session["seen_at"] = seen - 61
    session.save()
    client.get("/nowhere/")
    assert client.session["seen_at"] >= seen


def test_signing_out_and_in_again_gives_the_full_time(client, account):
    client.force_login(account)
    client.get("/nowhere/")
    client.logout()
    client.force_login(account)
    client.get("/nowhere/")
    assert client.session["started_at"] >= int(time.time()) - 5


def test_answers_stay_out_of_caches_unless_they_carry_an_etag():
    def plain(request):
        return HttpResponse()

    def tagged(request):
        return HttpResponse(headers={"ETag": '"1"'})

    def own(request):
        return HttpResponse(headers={"Cache-Control": "public"})

    request = RequestFactory().get("/")
    assert middleware.NoStoreMiddleware(plain)(request)["Cache-Control"] == "private, no-store"
    assert middleware.NoStoreMiddleware(tagged)(request)["Cache-Control"] == "private, no-cache"
    assert middleware.NoStoreMiddleware(own)(request)["Cache-Control"] == "public"


def test_every_answer_carries_the_headers_that_browsers_need(client):
    answer = client.get("/nowhere/")
    policy = answer["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer["Cache-Control"] == "private, no-store"


def test_another_host_gets_a_plain_400():
    assert Client(headers={"Host": "evil.example"}).get("/nowhere/").status_code == 400
