"""The layer itself: finds out who comes and what is asked, has it decided, and lets moto do it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from urllib.parse import unquote

from botocore.session import Session
from werkzeug.wrappers import Response

from drawbridge.proof.judge import JudgeFailed, TooSlow
from sandbox.guard import body, iam, minio, s3, signature, store, sts
from sandbox.guard.answers import NAMESPACES, Refused, denied, refusal, unknown
from sandbox.guard.court import Court, Decides
from sandbox.guard.principals import ANYBODY, Principal, Principals, root
from sandbox.guard.request import Request, one_each, read
from sandbox.guard.signature import Claim, Key
from sandbox.guard.visit import Visit

ACCOUNT_HEADER = "x-moto-account-id"
# Paths that moto keeps for itself, whatever the signature says.
_MOTOS_OWN = ("/moto-api", "/favicon.ico", "/latest/meta-data/", "/latest/api/")


@lru_cache
def _actions(service: str) -> frozenset[str]:
    return frozenset(Session().get_service_model(service).operation_names)


def _now() -> datetime:
    return datetime.now(UTC)


class Guard:
    """A WSGI application that stands before moto's."""

    def __init__(
        self,
        app: Any,
        judge: Decides,
        account: str,
        administrator: Key,
        now: Callable[[], datetime] = _now,
        *,
        is_minio: bool = False,
    ) -> None:
        self._is_minio = is_minio
        self._app, self._court, self._now = app, Court(judge), now
        self._principals = Principals(account, administrator)

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answers one request."""
        method, service = str(environ["REQUEST_METHOD"]), ["s3"]
        try:
            answer = self._answer(environ, service)
        except Refused as refused:
            answer = refusal(refused, service[0], method)
        except TooSlow as error:
            sys.stderr.write(f"no decision: {error}\n")
            message = "Service is unable to handle request; please try again."
            answer = refusal(Refused(503, "ServiceUnavailable", message), service[0], method)
        except Exception as error:
            # Without a decision there is no request; why is told to whoever has the log.
            traceback.print_exc(file=sys.stderr)
            what = "the judge has failed" if isinstance(error, JudgeFailed) else "the sandbox has failed"
            told = f"We encountered an internal error: {what}; see the log of the server."
            answer = refusal(Refused(500, "InternalError", told), service[0], method)
        return answer(environ, start_response)

    def _answer(self, environ: dict[str, Any], service: list[str]) -> Response:
        request = read(environ)
        claim = signature.claim(request)
        if claim:
            service[0] = claim.service
        if unquote(request.path).startswith(_MOTOS_OWN):
            raise denied(f"{request.path} is moto's own")
        now = self._now()
        if not claim:
            claimed = request.headers.get("x-amz-content-sha256", signature.UNSIGNED)
            return s3.handle(
                self._app, self._court, Visit(request, None, ANYBODY, now, "", *body.content(request, claimed))
            )
        key = self._principals.key(claim.key_id)
        signer = signature.check(request, claim, key, now)
        who, payload = self._who(request, claim), signature.payload(request, claim)
        if self._is_minio and request.path.startswith(minio.PATH):
            return minio.handle(Visit(request, claim, who, now, payload))
        if claim.service == "s3":
            content, checksums = body.content(request, payload, signer)
            return s3.handle(self._app, self._court, Visit(request, claim, who, now, payload, content, checksums))
        if claim.service in NAMESPACES:
            return self._query(Visit(request, claim, who, now, payload), claim.service)
        return self._other(request, claim, who)

    def _who(self, request: Request, claim: Claim) -> Principal:
        """The key's owner; the administrator alone may act as the root of any account, by moto's own header."""
        other = request.headers.get(ACCOUNT_HEADER)
        if other and ACCOUNT_HEADER in claim.names and self._principals.is_administrator(claim.key_id):
            if not (len(other) == 12 and other.isdecimal()):
                raise Refused(400, "InvalidArgument", f"{ACCOUNT_HEADER} is no account")
            return root(other)
        return self._principals.of(claim.key_id)

    def _query(self, visit: Visit, service: str) -> Response:
        request = visit.request
        if request.path != "/":
            raise unknown(f"the path {request.path} of {service}")
        pairs = signature.own_pairs(request.parameters)
        if request.body:
            if not request.is_form:
                raise unknown(f"a body of {service} that is no form")
            pairs += request.form()
        given = one_each(pairs)
        # Moto would take attachUserPolicy for AttachUserPolicy.
        if (action := given.get("Action", "")) not in _actions(service):
            message = f"Could not find operation {action} for version {given.get('Version', 'NO_VERSION_SPECIFIED')}"
            raise Refused(400, "InvalidAction", message)
        if service == "iam":
            return iam.handle(self._app, self._court, visit, given)
        return sts.handle(self._court, visit, given)

    def _other(self, request: Request, claim: Claim, who: Principal) -> Response:
        """Other services: there is no table of what they need, so only the administrator comes in."""
        if not self._principals.is_administrator(claim.key_id):
            raise denied(f"{who} may not use {claim.service}: in the sandbox only its administrator may")
        environ = store.restored(request, who.account)
        return store.answer(self._app, environ)
