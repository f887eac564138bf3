"""Who calls: the account behind `Authorization: Bearer TOKEN`, cut down to the token's scopes."""

from __future__ import annotations

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from enterprises import api_tokens, audit
from enterprises.models import Account, ApiToken


class BearerAuthentication(BaseAuthentication):
    """A token that is unknown, revoked, expired or of a closed account is answered alike."""

    def authenticate(self, request: Request) -> tuple[Account, ApiToken] | None:
        """The account with its token_scopes, and the token; None where no bearer token was sent."""
        scheme, _, raw = get_authorization_header(request).partition(b" ")
        if scheme.lower() != b"bearer":
            return None
        found = api_tokens.token_account(raw.strip().decode("latin-1"))
        if found is None:
            raise AuthenticationFailed("令牌无效、已过期或已吊销。", code="invalid_token")
        account, token = found
        audit.principal.set(f"token:{token.pk}")
        request.META["ACCOUNT_ID"] = account.pk  # for the access line
        return account, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="baogong"'
