"""Requests that make no sense: AWS's refusal, a line in the log and no traceback, and the server goes on."""

from __future__ import annotations

import json

import pytest

from tests.sandbox.guard.cast import Cast, Outcome, allow

INVALID: Outcome = (400, "InvalidArgument")
MALFORMED: Outcome = (400, "MalformedXML")
MALFORMED_POLICY: Outcome = (400, "MalformedPolicy")
FAR = "9" * 5000
STARS = {
    "Version": "2012-10-17",
    "Statement": {**allow("s3:GetObject", f"arn:aws:s3:::garbage/{'*a' * 9}"), "Principal": "*"},
}
PRESIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=AKIAAAAAAAAA/20200101/eu/s3/aws4_request&X-Amz-SignedHeaders=host"
    f"&X-Amz-Date=20200101T000000Z&X-Amz-Expires={FAR}&X-Amz-Signature={'0' * 64}"
)


@pytest.fixture(scope="module")
def _garbage(cast: Cast) -> None:
    def set_up(cast: Cast) -> None:
        cast.bucket("garbage")

    cast.once("garbage", set_up)


@pytest.mark.usefixtures("_garbage")
@pytest.mark.parametrize(
    ("query", "headers"),
    [
        ("?max-keys=abc", {}), ("?max-keys=-1", {}), (f"?list-type=2&max-keys={FAR}", {}),
        ("?list-type=2&continuation-token=zz", {}), ("?list-type=2&continuation-token=", {}),
        ("?uploads&max-uploads=x", {}), ("?versions&max-keys=%D9%A3", {}),
        ("/a?partNumber=abc", {}), ("/a?partNumber=0", {}), ("/a?partNumber=10001", {}),
        ("/a?uploadId=zz&max-parts=abc", {}), ("/a?uploadId=zz&part-number-marker=x", {}),
        ("/a", {"if-modified-since": "zz"}), ("/a", {"if-unmodified-since": "2020-01-01"}),
    ],
)  # fmt: skip
def test_a_value_that_is_none(cast: Cast, query: str, headers: dict[str, str]) -> None:
    assert cast.admin().sign_and_send("GET", f"/garbage{query}", headers) == INVALID


@pytest.mark.usefixtures("_garbage")
@pytest.mark.parametrize(
    ("method", "query", "body", "expected"),
    [
        ("PUT", "?policy", b"[" * 5000, MALFORMED_POLICY), ("PUT", "?policy", b'{"a":' * 5000, MALFORMED_POLICY),
        ("PUT", "?policy", b'{"a":' * 50 + b"1" + b"}" * 50, MALFORMED_POLICY), ("PUT", "?policy", b"\xff", MALFORMED_POLICY),
        ("PUT", "?policy", json.dumps(STARS).encode(), MALFORMED_POLICY),
        *(("PUT", f"?{name}", body, MALFORMED)
          for name in ("lifecycle", "cors", "publicAccessBlock", "encryption", "tagging", "ownershipControls")
          for body in (b"x", b"<x/>")),
        ("POST", "/a?select&select-type=2", b"zz", MALFORMED),
        ("PUT", "/b", b"", INVALID),
    ],
)  # fmt: skip
def test_a_body_that_is_none(cast: Cast, method: str, query: str, body: bytes, expected: Outcome) -> None:
    headers = {"x-amz-copy-source": "garbage/a", "x-amz-copy-source-if-modified-since": "zz"} if query == "/b" else {}
    assert cast.admin().sign_and_send(method, f"/garbage{query}", headers, body) == expected


@pytest.mark.usefixtures("_garbage")
def test_an_end_that_never_comes(cast: Cast) -> None:
    assert cast.nobody.send("GET", f"/garbage/a?{PRESIGNED}") == (400, "AuthorizationQueryParametersError")


@pytest.mark.usefixtures("_garbage")
def test_the_log_says_so_in_a_line(cast: Cast) -> None:
    log = cast.sandbox.folder.log("aws")
    before = len(log.read_text())
    assert cast.admin().sign_and_send("PUT", "/garbage?cors", {}, b"no cors") == MALFORMED
    said = log.read_text()[before:]
    assert "moto cannot answer PUT '/garbage': ExpatError" in said
    assert "Traceback" not in said
