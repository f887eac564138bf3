"""The one small sender: three shapes of group robots and e-mail, and what their answers mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote_plus, urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection

from supplies.choices import RobotKind

SECONDS = 4
LARGEST_ANSWER = 65536


class Undelivered(Exception):
    """The message did not arrive, for the reason in Chinese; `may_retry` = surely not, and later it may."""

    def __init__(self, reason: str, *, may_retry: bool) -> None:
        self.reason, self.may_retry = reason, may_retry
        super().__init__(reason)


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """An address that leads elsewhere is not followed: only the permitted origins are ever asked."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def is_permitted(address: str) -> bool:
    """Whether an address lies on an origin that the administrator permits for robots (ROBOT_ORIGINS)."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return False
    if parts.username is not None or parts.password is not None or any(c.isspace() or ord(c) < 33 for c in address):
        return False
    origin = f"{parts.scheme}://{parts.hostname}" + (f":{port}" if port is not None else "")
    return origin in settings.ROBOT_ORIGINS


def shape(kind: str, text: str, *, secret: str = "", now: float | None = None) -> tuple[str, dict[str, Any]]:
    """What a robot wants to be told: what to add to its address, and the JSON body. `secret` signs (钉钉, 飞书)."""
    at = time.time() if now is None else now
    if kind == RobotKind.WECOM:
        return "", {"msgtype": "text", "text": {"content": text}}
    if kind == RobotKind.DINGTALK:
        body = {"msgtype": "text", "text": {"content": text}}
        if not secret:
            return "", body
        stamp = str(round(at * 1000))
        sign = _signed(secret.encode(), f"{stamp}\n{secret}".encode())
        return f"&timestamp={stamp}&sign={quote_plus(sign)}", body
    body = {"msg_type": "text", "content": {"text": text}}
    if secret:
        stamp = str(int(at))
        body = {"timestamp": stamp, "sign": _signed(f"{stamp}\n{secret}".encode(), b""), **body}
    return "", body


def tell_robot(*, kind: str, address: str, secret: str, text: str) -> None:
    """Tell a robot; returns when its platform said that it took the message. Raises Undelivered."""
    if not is_permitted(address):
        raise Undelivered("机器人地址不在系统允许的范围内", may_retry=False)
    addition, body = shape(kind, text, secret=secret)
    request = urllib.request.Request(
        address + addition,
        data=json.dumps(body, ensure_ascii=False).encode(),
        headers={"Content-Type": "application/json; charset=utf-8"},
        method="POST",
    )
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=SECONDS) as answer:
            said = answer.read(LARGEST_ANSWER)
    except urllib.error.HTTPError as error:
        raise Undelivered(f"平台答复 {error.code}", may_retry=error.code == 429 or error.code >= 500) from None
    except urllib.error.URLError as error:
        # nothing was sent, or not all of it: the connection could not be used
        raise Undelivered(f"连不上平台（{type(error.reason).__name__}）", may_retry=True) from None
    except OSError as error:
        raise Undelivered(f"平台没有答复，不知道是否送达（{type(error).__name__}）", may_retry=False) from None
    _judge(said)


def send_mail(*, to: str, subject: str, body: str) -> None:
    """Send one e-mail; raises Undelivered."""
    try:
        EmailMessage(subject, body, to=[to], connection=get_connection(timeout=SECONDS)).send()
    except OSError as error:
        # smtplib's errors are OSErrors; a recipient that is refused today is refused tomorrow
        is_refused = type(error).__name__ in ("SMTPRecipientsRefused", "SMTPSenderRefused")
        reason = "邮件服务器拒收这个地址" if is_refused else f"邮件没有发出（{type(error).__name__}）"
        raise Undelivered(reason, may_retry=not is_refused) from None


def _judge(said: bytes) -> None:
    """The platforms answer 200 to everything; what counts is the code in the body."""
    try:
        answer = json.loads(said)
        code = answer.get("errcode", answer.get("code", answer.get("StatusCode")))
        words = str(answer.get("errmsg") or answer.get("msg") or "")[:80]
    except (ValueError, AttributeError):
        raise Undelivered("平台的答复读不懂，不知道是否送达", may_retry=False) from None
    if code != 0:
        is_busy = code in (45009, 130101, 11232, 9499, -1)
        raise Undelivered(f"平台拒收：{code} {words}".strip(), may_retry=is_busy)


def _signed(key: bytes, message: bytes) -> str:
    return base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()
