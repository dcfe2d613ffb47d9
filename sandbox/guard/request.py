"""A request as it came over the wire: the raw target, its parameters, headers and body, read once and in one way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from moto.core.request import PRESERVED_HEADER_NAMES_ENVIRON_KEY
from werkzeug.wsgi import get_input_stream

from sandbox.guard.answers import Refused, unknown

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


@dataclass(frozen=True)
class Request:
    """One request; header names are in lower case, path and query as they were sent."""

    environ: Mapping[str, Any]
    method: str
    path: str
    query: str
    parameters: tuple[tuple[str, str], ...]
    headers: Mapping[str, str]
    body: bytes

    @property
    def secure(self) -> bool:
        """Whether it came over TLS."""
        return bool(self.environ["wsgi.url_scheme"] == "https")

    @property
    def tls_version(self) -> str:
        """1.2 or 1.3; "" without TLS."""
        socket = self.environ.get("werkzeug.socket")
        version = getattr(socket, "version", None)
        return str(version()).removeprefix("TLSv") if version else ""

    @property
    def address(self) -> str:
        """Where it came from."""
        return str(self.environ["REMOTE_ADDR"])

    @property
    def is_form(self) -> bool:
        """Whether the body is a form."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower() in FORMS

    def form(self) -> tuple[tuple[str, str], ...]:
        """The parameters in the body."""
        try:
            return tuple(parse_qsl(self.body.decode(), keep_blank_values=True, errors="strict"))
        except UnicodeDecodeError:
            raise Refused(400, "MalformedQueryString", "The body is no form.") from None


def one_each(parameters: tuple[tuple[str, str], ...]) -> dict[str, str]:
    """Parameters by name; one that is given twice is refused, since readers differ in which they take."""
    found = dict(parameters)
    if len(found) != len(parameters):
        raise Refused(400, "InvalidArgument", "A query parameter is given more than once.")
    return found


def read(environ: Mapping[str, Any]) -> Request:
    """The request in a WSGI environment; refuses what two readers could understand differently."""
    # What the server makes of the target (PATH_INFO) has lost how it was encoded, and the signature is over that.
    target = str(environ["REQUEST_URI"])
    if not target.isascii() or not target.startswith("/") or "#" in target:
        raise Refused(400, "InvalidURI", "Couldn't parse the specified URI.")
    path, _, query = target.partition("?")
    try:
        parameters = tuple(parse_qsl(query, keep_blank_values=True, errors="strict"))
    except UnicodeDecodeError:
        raise Refused(400, "InvalidURI", "Couldn't parse the specified URI.") from None
    headers = _headers(environ)
    return Request(environ, str(environ["REQUEST_METHOD"]), path, query, parameters, headers, _body(environ, headers))


def _headers(environ: Mapping[str, Any]) -> dict[str, str]:
    kept = environ.get(PRESERVED_HEADER_NAMES_ENVIRON_KEY) or {}
    found = {}
    for name, value in environ.items():
        if name.startswith("HTTP_") or name in ("CONTENT_TYPE", "CONTENT_LENGTH"):
            found[str(kept.get(name, name.removeprefix("HTTP_").replace("_", "-"))).lower()] = str(value)
    return found


def _body(environ: Mapping[str, Any], headers: Mapping[str, str]) -> bytes:
    encoding = headers.get("transfer-encoding")
    if encoding not in (None, "chunked"):
        raise unknown(f"the transfer encoding {encoding}")
    if encoding and "content-length" in headers:
        raise Refused(400, "InvalidRequest", "Content-Length and Transfer-Encoding exclude each other.")
    if not re.fullmatch("[0-9]{1,15}", headers.get("content-length") or "0"):
        raise Refused(400, "InvalidRequest", "Content-Length is no number.")
    return get_input_stream(dict(environ)).read()
