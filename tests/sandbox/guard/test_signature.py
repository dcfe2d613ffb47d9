"""Signatures: in the header, in a presigned URL, chunk by chunk; what was changed afterwards does not pass."""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from unittest import mock

import botocore.auth
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.guard.cast import OK, OWNER, REGION, Caller, Cast, Outcome, allow, outcome, policy, trust

MISMATCH: Outcome = (403, "SignatureDoesNotMatch")
EMPTY = hashlib.sha256(b"").hexdigest()
SIGNED, TRAILED = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
UNSIGNED = "STREAMING-UNSIGNED-PAYLOAD-TRAILER"


@pytest.fixture(scope="module")
def ann(cast: Cast) -> Caller:
    """A user who may do everything in S3, and a bucket."""

    def set_up(cast: Cast) -> None:
        cast.user("sig-ann", allow(["s3:*", "sts:AssumeRole"]))
        cast.bucket("signed")

    cast.once("signatures", set_up)
    return cast["sig-ann"]


def at(moment: datetime, call: Callable[[], Outcome]) -> Outcome:
    """A call that is signed at another moment."""
    with mock.patch.object(botocore.auth, "get_current_datetime", return_value=moment):
        return call()


def now() -> datetime:
    return datetime.now(UTC)


def keyed(caller: Caller, **keys: str) -> Caller:
    return Caller({**(caller.keys or {}), **keys}, caller.url, caller.ca)


def url(caller: Caller, method: str = "get_object", seconds: int = 60) -> str:
    return str(
        caller.client("s3", signature_version="s3v4").generate_presigned_url(
            method, {"Bucket": "signed", "Key": "a"}, seconds
        )
    )


def test_a_key_that_is_wrong_or_not_known(ann: Caller) -> None:
    assert keyed(ann, aws_secret_access_key="wrong").get("signed", "a") == MISMATCH
    assert keyed(ann, aws_access_key_id="AKIAAAAAAAAAAAAAAAAA").get("signed", "a") == (403, "InvalidAccessKeyId")
    assert keyed(ann, aws_session_token="any").get("signed", "a") == (400, "InvalidToken")
    iam = keyed(ann, aws_access_key_id="AKIAAAAAAAAAAAAAAAAA").iam
    assert outcome(lambda: iam.list_users()) == (403, "InvalidClientTokenId")
    assert outcome(lambda: keyed(ann, aws_secret_access_key="wrong").sts.get_caller_identity()) == MISMATCH


def test_a_key_that_is_inactive_or_deleted(cast: Cast, ann: Caller) -> None:
    user, iam = cast.user("sig-bob", allow("s3:*")), cast.admin().iam
    key = (user.keys or {})["aws_access_key_id"]
    assert user.list("signed") == OK
    iam.update_access_key(UserName="sig-bob", AccessKeyId=key, Status="Inactive")
    assert user.list("signed") == (403, "InvalidAccessKeyId")
    iam.update_access_key(UserName="sig-bob", AccessKeyId=key, Status="Active")
    assert user.list("signed") == OK
    iam.delete_access_key(UserName="sig-bob", AccessKeyId=key)
    assert user.list("signed") == (403, "InvalidAccessKeyId")


def test_a_session_needs_its_token(cast: Cast, ann: Caller) -> None:
    session = ann.assume(cast.role("sig-role", trust(ann.arn), allow("s3:*")))
    assert session.get("signed", "a") == OK
    assert keyed(session, aws_session_token="other").get("signed", "a") == (400, "InvalidToken")
    keys = {name: value for name, value in (session.keys or {}).items() if name != "aws_session_token"}
    assert Caller(keys, session.url, session.ca).get("signed", "a") == (400, "InvalidToken")
    assert ann.send("GET", url(session)) == OK
    assert ann.send("GET", url(session).replace("X-Amz-Security-Token=", "X-Amz-Security-Token=x")) == (
        400,
        "InvalidToken",
    )


@pytest.mark.parametrize("minutes", [-16, 16])
def test_a_clock_that_is_off(ann: Caller, minutes: int) -> None:
    moment = now() + timedelta(minutes=minutes)
    assert at(moment, lambda: ann.get("signed", "a")) == (403, "RequestTimeTooSkewed")
    assert at(moment, lambda: outcome(lambda: ann.sts.get_caller_identity())) == MISMATCH
    assert at(now() + timedelta(minutes=minutes / 2), lambda: ann.get("signed", "a")) == OK


def test_a_presigned_url(ann: Caller) -> None:
    right = url(ann)
    assert ann.send("GET", right) == OK
    assert ann.send("PUT", right, body=b"x") == MISMATCH
    assert ann.send("HEAD", right)[0] == 403
    assert ann.send("DELETE", right) == MISMATCH
    assert ann.send("GET", right.replace("/a?", "/b?")) == MISMATCH
    assert ann.send("GET", right.replace("X-Amz-Expires=60", "X-Amz-Expires=61")) == MISMATCH
    assert ann.send("GET", right + "&versionId=1") == MISMATCH
    assert ann.send("GET", right + "&X-Amz-Expires=600") == (400, "InvalidArgument")
    assert ann.send("GET", right, {"x-amz-expected-bucket-owner": OWNER}) == (403, "AccessDenied"), "not signed"
    assert ann.send("GET", right, {"Authorization": "AWS4-HMAC-SHA256 x"}) == (400, "InvalidArgument")
    assert ann.send("GET", right.replace("X-Amz-Signature=", "x-amz-signature=")) == (
        400,
        "AuthorizationQueryParametersError",
    )
    assert ann.send("PUT", url(ann, "put_object"), body=b"y") == OK, "with the content type that urllib adds"


def test_a_presigned_url_at_another_time(ann: Caller) -> None:
    def early() -> Outcome:
        return ann.send("GET", at(now() + timedelta(minutes=20), lambda: url(ann)))  # type: ignore[arg-type,return-value]

    def late() -> Outcome:
        return ann.send("GET", at(now() - timedelta(minutes=2), lambda: url(ann)))  # type: ignore[arg-type,return-value]

    assert early() == (403, "AccessDenied")
    assert late() == (403, "AccessDenied")
    assert ann.send("GET", url(ann, seconds=604801)) == (400, "AuthorizationQueryParametersError")


def test_a_presigned_url_ends_with_what_its_maker_may(cast: Cast, ann: Caller) -> None:
    maker = cast.user("sig-carl", allow("s3:GetObject"))
    made = url(maker)
    assert ann.send("GET", made) == OK
    cast.admin().iam.delete_user_policy(UserName="sig-carl", PolicyName="own")
    assert ann.send("GET", made) == (403, "AccessDenied")


def test_a_body_that_was_changed(ann: Caller) -> None:
    headers = ann.signed("PUT", "/signed/b", body=b"right")
    assert ann.send("PUT", "/signed/b", headers, b"right") == OK
    assert ann.send("PUT", "/signed/b", headers, b"wrong") == (400, "XAmzContentSHA256Mismatch")
    assert ann.send("PUT", "/signed/b", {**headers, "x-amz-content-sha256": "UNSIGNED-PAYLOAD"}, b"any") == MISMATCH


def test_headers_that_have_to_be_signed(ann: Caller) -> None:
    headers = ann.signed("GET", "/signed/a")
    assert ann.send("GET", "/signed/a", headers) == OK
    assert ann.send("GET", "/signed/a", {**headers, "x-amz-request-payer": "requester"}) == (403, "AccessDenied")
    without = {**headers, "Authorization": headers["Authorization"].replace("SignedHeaders=host;", "SignedHeaders=")}
    assert ann.send("GET", "/signed/a", without) == (403, "AccessDenied")
    assert ann.send("GET", "/signed/a", {**headers, "host": "elsewhere"}) == MISMATCH
    upper = {**headers, "Authorization": headers["Authorization"].replace("host;", "HOST;")}
    assert ann.send("GET", "/signed/a", upper)[0] == 403
    for wrong in ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a", "Bearer x", headers["Authorization"] + ",x=y"):
        assert ann.send("GET", "/signed/a", {**headers, "Authorization": wrong}) == (
            400,
            "AuthorizationHeaderMalformed",
        )
    older = {"Authorization": f"AWS {(ann.keys or {})['aws_access_key_id']}:abc"}
    assert ann.send("GET", "/signed/a", older) == (400, "InvalidRequest")
    assert ann.send("GET", "/signed/a?AWSAccessKeyId=x&Signature=y&Expires=1") == (400, "InvalidRequest")


class Streamed(S3SigV4Auth):  # type: ignore[misc]
    """Signs a request whose body is chunked."""

    def __init__(self, caller: Caller, kind: str) -> None:
        super().__init__(Credentials(*(caller.keys or {}).values()), "s3", REGION)
        self.kind = kind

    def payload(self, request: AWSRequest) -> str:
        del request
        return self.kind


def streamed(
    caller: Caller, kind: str, *chunks: bytes, trailer: Mapping[str, str] | None = None
) -> tuple[dict[str, str], bytes]:
    """Headers and body of a PUT of signed/chunked, as AWS documents them."""
    trailer = trailer or {}
    body = b"".join(chunks)
    about = {"x-amz-decoded-content-length": str(len(body)), "content-encoding": "aws-chunked"}
    about |= {"x-amz-trailer": ",".join(trailer)} if trailer else {}
    request = AWSRequest("PUT", f"{caller.url}/signed/chunked", headers=about, data=b"")
    auth = Streamed(caller, kind)
    auth.add_auth(request)
    headers = dict(request.headers.items())
    before = headers["Authorization"].rpartition("=")[2]
    parts = []
    for chunk in (*chunks, b""):
        mark = ""
        if kind != UNSIGNED:
            lines = ["AWS4-HMAC-SHA256-PAYLOAD", headers["X-Amz-Date"], auth.credential_scope(request), before, EMPTY]
            before = auth.signature("\n".join([*lines, hashlib.sha256(chunk).hexdigest()]), request)
            mark = f";chunk-signature={before}"
        parts.append(f"{len(chunk):x}{mark}\r\n".encode() + (chunk + b"\r\n" if chunk else b""))
    for name, value in trailer.items():
        parts.append(f"{name}:{value}\r\n".encode())
    if kind == TRAILED:
        text = "".join(f"{name}:{value}\n" for name, value in trailer.items())
        lines = ["AWS4-HMAC-SHA256-TRAILER", headers["X-Amz-Date"], auth.credential_scope(request), before]
        last = auth.signature("\n".join([*lines, hashlib.sha256(text.encode()).hexdigest()]), request)
        parts.append(f"x-amz-trailer-signature:{last}\r\n".encode())
    return headers, b"".join(parts) + b"\r\n"


def crc(body: bytes) -> dict[str, str]:
    return {"x-amz-checksum-crc32": base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode()}


@pytest.mark.parametrize("kind", [SIGNED, TRAILED, UNSIGNED])
def test_a_chunked_body(ann: Caller, kind: str) -> None:
    trailer = None if kind == SIGNED else crc(b"first second")
    headers, body = streamed(ann, kind, b"first ", b"second", trailer=trailer)
    assert ann.send("PUT", "/signed/chunked", headers, body) == OK
    assert ann.s3.get_object(Bucket="signed", Key="chunked")["Body"].read() == b"first second"
    changed = (400, "BadDigest") if kind == UNSIGNED else MISMATCH
    assert ann.send("PUT", "/signed/chunked", headers, body.replace(b"second", b"sekond")) == changed
    assert ann.send("PUT", "/signed/chunked", headers, body[:40]) == (400, "IncompleteBody")
    assert ann.send("PUT", "/signed/chunked", headers, b"first second") == (400, "IncompleteBody")
    if trailer:
        wrong = body.replace(trailer["x-amz-checksum-crc32"].encode(), b"AAAAAA==")
        assert ann.send("PUT", "/signed/chunked", headers, wrong)[0] in (400, 403)
        assert ann.send("PUT", "/signed/chunked", headers, body.replace(b"crc32:", b"sha1:"))[0] in (400, 403)


def test_chunks_that_change_places_or_are_left_out(ann: Caller) -> None:
    headers, body = streamed(ann, SIGNED, b"aaaa", b"bbbb")
    first, second = body[:90], body[90:180]
    assert (b"aaaa" in first, b"bbbb" in second) == (True, True)
    assert ann.send("PUT", "/signed/chunked", headers, second + first + body[180:]) == MISMATCH
    assert ann.send("PUT", "/signed/chunked", headers, first + body[180:])[0] in (400, 403)
    assert (
        ann.send("PUT", "/signed/chunked", headers, body.replace(b";chunk-signature=", b";chunk-signatura="))[0] == 400
    )


def test_nobody_sends_chunks_with_a_signature(ann: Caller) -> None:
    headers, body = streamed(ann, SIGNED, b"aaaa")
    del headers["Authorization"]
    assert ann.send("PUT", "/signed/chunked", headers, body) == MISMATCH


def test_a_checksum_that_is_wrong(ann: Caller) -> None:
    assert ann.put("signed", "sum", ChecksumCRC32="AAAAAA==") == (400, "BadDigest")
    assert ann.put("signed", "sum", ChecksumAlgorithm="SHA256") == OK


def test_the_administrator_signs_too(cast: Cast) -> None:
    assert keyed(cast.admin(), aws_secret_access_key="wrong").get("signed", "a") == MISMATCH


def test_a_policy_document_in_a_form_is_signed(ann: Caller, cast: Cast) -> None:
    assert outcome(lambda: cast.admin().iam.create_policy(PolicyName="a b+c", PolicyDocument=policy(allow("s3:*"))))[
        0
    ] in (200, 400)
