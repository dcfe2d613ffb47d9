"""Refusals, spelt as S3, the query services (IAM and STS) and the JSON services of AWS spell them."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping

from markupsafe import escape
from werkzeug.wrappers import Response

IAM, STS = "https://iam.amazonaws.com/doc/2010-05-08/", "https://sts.amazonaws.com/doc/2011-06-15/"
NAMESPACES = {"iam": IAM, "sts": STS}
# What IAM and STS call the errors that are named here as in S3.
# https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html
_QUERY_CODES = {
    "InvalidAccessKeyId": (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    "InvalidToken": (403, "InvalidClientTokenId", "The security token included in the request is invalid."),
    "ExpiredToken": (403, "ExpiredToken", "The security token included in the request is expired"),
    "RequestTimeTooSkewed": (403, "SignatureDoesNotMatch", "Signature expired or not yet current"),
    "AuthorizationHeaderMalformed": (400, "IncompleteSignature", ""),
}
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Refused(Exception):
    """A request that is not done, with AWS's status, code and message."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def denied(message: str = "Access Denied") -> Refused:
    """403 AccessDenied."""
    return Refused(403, "AccessDenied", message)


def unknown(what: str) -> Refused:
    """501: the sandbox does not know this, so it cannot decide it; never a silent yes or no."""
    return Refused(501, "NotImplemented", f"The sandbox does not know {what}, so it cannot decide this request.")


def malformed() -> Refused:
    """400 MalformedXML."""
    message = "The XML you provided was not well-formed or did not validate against our published schema"
    return Refused(400, "MalformedXML", message)


def text(value: object) -> str:
    """A value as text in XML; characters that XML cannot hold become question marks."""
    # A bare carriage return would be read as a line feed.
    return str(escape(_NO_XML.sub("?", str(value)))).replace("\r", "&#13;")


def element(name: str, content: object) -> str:
    """An XML element: text, or what a mapping or a list of them holds."""
    if isinstance(content, Mapping):
        inner = "".join(element(key, value) for key, value in content.items())
    elif isinstance(content, Iterable) and not isinstance(content, str):
        inner = "".join(element("member", one) for one in content)
    else:
        inner = text(content)
    return f"<{name}>{inner}</{name}>"


def refusal(refused: Refused, service: str, method: str) -> Response:
    """The answer to a refused request; to a HEAD it has no body."""
    request_id = uuid.uuid4().hex[:16].upper()
    if service in NAMESPACES:
        status, code, message = _QUERY_CODES.get(refused.code, (refused.status, refused.code, refused.message))
        said = {"Type": "Sender" if status < 500 else "Receiver", "Code": code, "Message": message or refused.message}
        body = (
            f'<ErrorResponse xmlns="{NAMESPACES[service]}">{element("Error", said)}'
            f"{element('RequestId', request_id)}</ErrorResponse>"
        )
        return Response(body, status, content_type="text/xml")
    if service != "s3":
        # https://docs.aws.amazon.com/kms/latest/APIReference/CommonErrors.html
        code = f"{refused.code}Exception" if refused.code == "AccessDenied" else refused.code
        body = json.dumps({"__type": code, "message": refused.message})
        status = refused.status if refused.status >= 500 else 400
        return Response(body, status, content_type="application/x-amz-json-1.1")
    said = {"Code": refused.code, "Message": refused.message, "RequestId": request_id, "HostId": request_id}
    body = '<?xml version="1.0" encoding="UTF-8"?>\n' + element("Error", said)
    headers = {"x-amz-request-id": request_id}
    return Response("" if method == "HEAD" else body, refused.status, headers, content_type="application/xml")


def result(service: str, action: str, content: Mapping[str, object] | None) -> Response:
    """The answer of a query service to an action that was done here."""
    inner = "" if content is None else element(f"{action}Result", content)
    about = element("ResponseMetadata", {"RequestId": str(uuid.uuid4())})
    body = f'<{action}Response xmlns="{NAMESPACES[service]}">{inner}{about}</{action}Response>'
    return Response(body, 200, content_type="text/xml")
