"""Moto behind the guard: it is handed each request rewritten in one plain form, so that it reads what was decided."""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote, urlencode
from xml.parsers.expat import ExpatError

from moto.utilities.utils import get_partition
from werkzeug.wrappers import Response

from sandbox.guard.answers import Refused, malformed, unknown
from sandbox.guard.request import Request

FORM = "application/x-www-form-urlencoded"
ANY_TYPE = "binary/octet-stream"  # what S3 takes where no type is given
# What moto would read besides what was decided: accounts, actions, other hosts and signatures.
_DROPPED = {
    "HTTP_X_MOTO_ACCOUNT_ID", "HTTP_X_AMZ_TARGET", "HTTP_AUTHORIZATION", "HTTP_HOST", "HTTP_TRANSFER_ENCODING",
    "HTTP_EXPECT", "HTTP_X_AMZ_SECURITY_TOKEN", "HTTP_X_AMZ_CONTENT_SHA256", "HTTP_X_AMZ_TRAILER",
    "HTTP_X_AMZ_DECODED_CONTENT_LENGTH", "HTTP_X_AMZ_DATE", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PROTO",
    "HTTP_X_FORWARDED_FOR", "HTTP_USER_AGENT", "wsgi.input_terminated",
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """What the path of an S3 request names: nothing, a bucket, or an object."""

    bucket: str = ""
    key: str = ""

    @property
    def path(self) -> str:
        """The one way in which moto is told it."""
        # Path-style without exception, with every character but / encoded.
        return f"/{quote(self.bucket, safe='')}" + (f"/{quote(self.key, safe='/')}" if self.key else "")


def place(path: str) -> Place:
    """The bucket and the key in a path; a key keeps its slashes and dots, as S3 keeps them."""
    try:
        bucket, _, key = unquote(path.removeprefix("/"), errors="strict").partition("/")
    except UnicodeDecodeError:
        raise Refused(400, "InvalidURI", "Couldn't parse the specified URI.") from None
    if "\n" in key:  # moto's routes do not match it
        raise unknown("a line end in a key")
    if not bucket and key:
        raise Refused(400, "InvalidBucketName", "The specified bucket is not valid.")
    return Place(bucket, key)


@dataclass(frozen=True)
class Order:
    """What moto is to do, in whose account; `headers` are added to those that came."""

    service: str
    region: str
    account: str
    key_id: str
    path: str
    parameters: Mapping[str, str]
    body: bytes
    headers: Mapping[str, str]


def environ(request: Request, order: Order) -> dict[str, Any]:
    """The WSGI environment for moto."""
    if get_partition(order.region) != "aws":
        raise unknown(f"the region {order.region}")
    found = {name: value for name, value in request.environ.items() if name not in _DROPPED}
    # Without any parameter moto would take headers for parameters.
    query = urlencode({"x-id": "sandbox", **order.parameters}, quote_via=quote)
    encoding = [part for part in _list(found.pop("HTTP_CONTENT_ENCODING", "")) if part != "aws-chunked"]
    if encoding:
        found["HTTP_CONTENT_ENCODING"] = ",".join(encoding)
    # Of a form moto would take parameters from the body.
    if request.is_form:
        found["CONTENT_TYPE"] = ANY_TYPE
    scope = f"{order.key_id}/20000101/{order.region}/{order.service}/aws4_request"
    return {
        **found,
        "PATH_INFO": unquote(order.path).encode().decode("latin-1"),
        "QUERY_STRING": query,
        "REQUEST_URI": f"{order.path}?{query}",
        "RAW_URI": f"{order.path}?{query}",
        "HTTP_HOST": "localhost",
        # It names the service and the region; that it is right was seen before.
        "HTTP_AUTHORIZATION": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "HTTP_X_MOTO_ACCOUNT_ID": order.account,
        "CONTENT_LENGTH": str(len(order.body)),
        "wsgi.input": io.BytesIO(order.body),
        **{f"HTTP_{name.upper().replace('-', '_')}": value for name, value in order.headers.items()},
    }


def query_environ(request: Request, order: Order) -> dict[str, Any]:
    """The same for IAM and STS, whose parameters are a form."""
    body = urlencode(order.parameters).encode()
    made = environ(request, Order(order.service, order.region, order.account, order.key_id, "/", {}, body, {}))
    plain = {name: value for name, value in made.items() if not name.startswith("HTTP_")}
    kept = ("HTTP_HOST", "HTTP_AUTHORIZATION", "HTTP_X_MOTO_ACCOUNT_ID")
    return {
        **plain,
        **{name: made[name] for name in kept},
        "REQUEST_METHOD": "POST",
        "CONTENT_TYPE": FORM,
        "QUERY_STRING": "",
        "REQUEST_URI": "/",
        "RAW_URI": "/",
    }


def restored(request: Request, account: str) -> dict[str, Any]:
    """The request as it came, in an account, for a service of which nothing has to be decided."""
    return {**request.environ, "wsgi.input": io.BytesIO(request.body), "HTTP_X_MOTO_ACCOUNT_ID": account}


def answer(app: Any, made: dict[str, Any], *, xml: bool = False) -> Response:
    """What moto answers; what it cannot read, in a document or elsewhere, is refused as AWS would."""
    try:
        return Response.from_app(app, made, buffered=True)
    except Exception as error:
        what = f"{made['REQUEST_METHOD']} {made['PATH_INFO']!r}: {type(error).__name__}: {str(error)[:200]!r}"
        sys.stderr.write(f"moto cannot answer {what}\n")
        if xml and isinstance(error, (ExpatError, LookupError, TypeError, AttributeError, ValueError)):
            raise malformed() from None
        if isinstance(error, ValueError):
            raise Refused(400, "InvalidArgument", "Invalid Argument") from None
        told = "We encountered an internal error: moto has failed; see the log of the server."
        raise Refused(500, "InternalError", told) from None


def _list(value: str) -> list[str]:
    return [part.strip() for part in value.split(",") if part.strip()]
