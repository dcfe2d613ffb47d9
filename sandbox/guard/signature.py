"""Signature Version 4: who signed a request, and whether what came is what was signed.

https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-authenticating-requests.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest, HTTPHeaders
from botocore.credentials import Credentials

from sandbox.guard.answers import Refused, denied
from sandbox.guard.request import Request, one_each

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
SKEW = timedelta(minutes=15)
LONGEST = 604800  # seconds of a presigned URL
QUERY = ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature")
TOKEN = "X-Amz-Security-Token"  # noqa: S105 (a name)
_CREDENTIAL = re.compile(r"([A-Za-z0-9]{8,128})/(\d{8})/([a-z0-9-]+)/([a-z0-9-]+)/aws4_request")


@dataclass(frozen=True)
class Key:
    """An access key that is known; a session's has a token and an end."""

    key_id: str
    secret: str
    token: str = ""
    expires: datetime | None = None


@dataclass(frozen=True)
class Claim:
    """What a request says of its signature; `expires` are the seconds of a presigned URL."""

    key_id: str
    region: str
    service: str
    at: datetime
    names: tuple[str, ...]
    signature: str
    token: str
    expires: int | None = None

    @property
    def auth_type(self) -> str:
        """As in the condition key s3:authType."""
        return "REST-HEADER" if self.expires is None else "REST-QUERY-STRING"


def claim(request: Request) -> Claim | None:
    """Who a request says that it is from; None where it is not signed."""
    names = {name for name, _ in request.parameters}
    header = request.headers.get("authorization")
    if (header or "").startswith("AWS ") or names & {"AWSAccessKeyId", "Signature"}:
        message = f"The authorization mechanism you have provided is not supported. Please use {ALGORITHM}."
        raise Refused(400, "InvalidRequest", message)
    presigned = bool(names & set(QUERY))
    if presigned and header is not None:
        raise Refused(400, "InvalidArgument", "Only one auth mechanism allowed")
    if presigned:
        return _from_query(request)
    return None if header is None else _from_header(request, header)


def _from_header(request: Request, header: str) -> Claim:
    wrong = Refused(400, "AuthorizationHeaderMalformed", "The authorization header that you provided is not valid.")
    algorithm, _, rest = header.partition(" ")
    pairs = [part.strip().partition("=")[::2] for part in rest.split(",")]
    found = dict(pairs)
    if algorithm != ALGORITHM or len(pairs) != 3 or set(found) != {"Credential", "SignedHeaders", "Signature"}:
        raise wrong
    at = request.headers.get("x-amz-date")
    if at is None:
        raise denied("AWS authentication requires a valid Date or x-amz-date header")
    token = request.headers.get("x-amz-security-token", "")
    return _claim(found["Credential"], at, found["SignedHeaders"], found["Signature"], token, None, wrong)


def _from_query(request: Request) -> Claim:
    wrong = Refused(400, "AuthorizationQueryParametersError", "Query-string authentication is not complete or valid.")
    found = one_each(request.parameters)
    if set(QUERY) - set(found) or found["X-Amz-Algorithm"] != ALGORITHM:
        raise wrong
    if not re.fullmatch("[0-9]{1,9}", found["X-Amz-Expires"]):
        raise wrong
    if not 1 <= int(found["X-Amz-Expires"]) <= LONGEST:
        raise wrong
    *_, at, expires, names, signature = (found[name] for name in QUERY)
    return _claim(found["X-Amz-Credential"], at, names, signature, found.get(TOKEN, ""), int(expires), wrong)


def _claim(
    credential: str, at: str, names: str, signature: str, token: str, expires: int | None, wrong: Refused
) -> Claim:
    scope = _CREDENTIAL.fullmatch(credential)
    try:
        moment = datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise wrong from None
    if not scope or scope[2] != at[:8] or not names or not re.fullmatch("[0-9a-f]{64}", signature):
        raise wrong
    return Claim(scope[1], scope[3], scope[4], moment, tuple(names.split(";")), signature, token, expires)


class Signer(SigV4Auth):  # type: ignore[misc]
    """Signs what came as its sender should have: the same headers, path and query, with the secret that is known."""

    def __init__(self, request: Request, claim: Claim, secret: str, payload: str) -> None:
        super().__init__(Credentials(claim.key_id, secret), claim.service, claim.region)
        self._came, self._claim, self._payload = request, claim, payload
        self._request = AWSRequest(request.method, f"https://host{request.path}?{request.query}")
        self._request.context["timestamp"] = claim.at.strftime("%Y%m%dT%H%M%SZ")

    def headers_to_sign(self, request: Any) -> Any:
        """Those that the sender says are signed; one that is missing counts as empty."""
        del request
        found = HTTPHeaders()
        for name in self._claim.names:
            found[name] = _as_sent(self._came.headers.get(name, ""))
        return found

    def canonical_query_string(self, request: Any) -> str:
        """All but the signature itself."""
        del request
        pairs = [pair.partition("=")[::2] for pair in self._came.query.split("&") if pair]
        return "&".join(f"{name}={value}" for name, value in sorted(pairs) if name != "X-Amz-Signature")

    def payload(self, request: Any) -> str:
        """What the sender says of the body."""
        del request
        return self._payload

    def _normalize_url_path(self, path: str) -> str:
        # S3 alone takes the path as it is: // and .. are parts of keys.
        return path if self._claim.service == "s3" else str(super()._normalize_url_path(path))

    @property
    def seed(self) -> str:
        """What the first chunk is chained to."""
        return self._claim.signature

    def whole(self) -> str:
        """The signature of the request."""
        return self._signed(self.string_to_sign(self._request, self.canonical_request(self._request)))

    def part(self, kind: str, before: str, *hashes: str) -> str:
        """The signature of a chunk or of the trailer, each chained to the one before."""
        lines = [f"{ALGORITHM}-{kind}", self._request.context["timestamp"], self.credential_scope(self._request)]
        return self._signed("\n".join([*lines, before, *hashes]))

    def _signed(self, text: str) -> str:
        return str(self.signature(text, self._request))


def _as_sent(value: str) -> str:
    """A header as its sender wrote it: WSGI reads every header as Latin-1."""
    try:
        return value.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return value


def check(request: Request, claim: Claim, key: Key, now: datetime) -> Signer:
    """Refuses a request whose signature is not that of the key, or that came too early or too late."""
    if not hmac.compare_digest(claim.token.encode(), key.token.encode()):
        raise Refused(400, "InvalidToken", "The provided token is malformed or otherwise invalid.")
    if key.expires and now >= key.expires:
        raise Refused(400, "ExpiredToken", "The provided token has expired.")
    if claim.expires is None and abs(now - claim.at) > SKEW:
        message = "The difference between the request time and the current time is too large."
        raise Refused(403, "RequestTimeTooSkewed", message)
    if claim.expires is not None and claim.at - now > SKEW:
        raise denied("Request is not valid yet")
    if claim.expires is not None and now > claim.at + timedelta(seconds=claim.expires):
        raise denied("Request has expired")
    unsigned = sorted({"host", *(name for name in request.headers if name.startswith("x-amz-"))} - set(claim.names))
    if unsigned:
        raise denied(f"There were headers present in the request which were not signed: {', '.join(unsigned)}")
    signer = Signer(request, claim, key.secret, payload(request, claim))
    if not hmac.compare_digest(signer.whole(), claim.signature):
        raise mismatch()
    return signer


def payload(request: Request, claim: Claim) -> str:
    """What was signed of the body: its hash, or the word that stands for it."""
    if claim.service != "s3":
        return hashlib.sha256(request.body).hexdigest()
    default = UNSIGNED if claim.expires is not None else ""
    found = request.headers.get("x-amz-content-sha256", default)
    if not found:
        raise Refused(400, "InvalidRequest", "Missing required header for this request: x-amz-content-sha256")
    return found


def mismatch() -> Refused:
    """403 SignatureDoesNotMatch."""
    message = "The request signature we calculated does not match the signature you provided. Check your key and "
    return Refused(403, "SignatureDoesNotMatch", message + "signing method.")


def own_pairs(parameters: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The parameters without those of a presigned URL."""
    return tuple((name, value) for name, value in parameters if name not in (*QUERY, TOKEN))
