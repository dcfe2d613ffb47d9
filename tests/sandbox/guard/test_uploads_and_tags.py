"""Uploads, tags, versions and action names: what is decided is what moto then does."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from tests.sandbox.guard.cast import OK, OWNER, Caller, Cast, Outcome, allow, deny

DENIED: Outcome = (403, "AccessDenied")
INVALID: Outcome = (400, "InvalidArgument")
NO_UPLOAD: Outcome = (404, "NoSuchUpload")
MALFORMED: Outcome = (400, "MalformedXML")
ARN = "arn:aws:s3:::exact"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture(scope="module")
def finn(cast: Cast) -> Caller:
    """A user with one folder of a bucket, who may not tag anything k=evil."""

    def set_up(cast: Cast) -> None:
        cast.bucket("exact", objects=("finn/1", "ann/1"))
        evil = {"StringEquals": {"s3:RequestObjectTag/k": "evil"}}
        others = {"ForAnyValue:StringNotEquals": {"s3:RequestObjectTagKeys": ["k", "j"]}}
        cast.user(
            "finn",
            allow(["s3:GetObject", "s3:PutObject", "s3:PutObjectTagging", "s3:DeleteObjectVersion"], f"{ARN}/finn/*"),
            allow(["s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"], f"{ARN}/finn/*"),
            deny(["s3:PutObject", "s3:PutObjectTagging"], f"{ARN}/*", Condition=evil),
            deny("s3:PutObjectTagging", f"{ARN}/*", Condition=others),
        )

    cast.once("exact", set_up)
    return cast["finn"]


def complete(body: str = "<x/>") -> bytes:
    return f"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>".encode()


def test_an_upload_belongs_to_its_key(finn: Caller, cast: Cast) -> None:
    s3 = cast.admin().s3
    upload = s3.create_multipart_upload(Bucket="exact", Key="ann/big")["UploadId"]
    named = f"uploadId={quote(upload, safe='')}"
    copy = {"x-amz-copy-source": "exact/finn/1"}
    for about in (named, "uploadId=never"):
        assert finn.sign_and_send("PUT", f"/exact/finn/1?partNumber=1&{about}", {}, b"evil") == NO_UPLOAD
        assert finn.sign_and_send("PUT", f"/exact/finn/1?partNumber=1&{about}", copy) == NO_UPLOAD
        assert finn.sign_and_send("POST", f"/exact/finn/1?{about}", {}, complete()) == NO_UPLOAD
        assert finn.sign_and_send("GET", f"/exact/finn/1?{about}") == NO_UPLOAD
        assert finn.sign_and_send("DELETE", f"/exact/finn/1?{about}") == NO_UPLOAD
    assert finn.sign_and_send("PUT", f"/exact/ann/big?partNumber=1&{named}", {}, b"evil") == DENIED
    assert [one["UploadId"] for one in s3.list_multipart_uploads(Bucket="exact")["Uploads"]] == [upload]
    assert not s3.list_parts(Bucket="exact", Key="ann/big", UploadId=upload).get("Parts")


def test_ones_own_upload(finn: Caller) -> None:
    about: dict[str, Any] = {"Bucket": "exact", "Key": "finn/big"}
    about["UploadId"] = finn.s3.create_multipart_upload(**about)["UploadId"]
    etag = finn.s3.upload_part(**about, PartNumber=1, Body=b"good")["ETag"]
    assert len(finn.s3.list_parts(**about)["Parts"]) == 1
    path = f"/exact/finn/big?uploadId={about['UploadId']}"
    for wrong in (b"", b"x", b"<x/>", complete(), complete("<Part><PartNumber>a</PartNumber></Part>")):
        assert finn.sign_and_send("POST", path, {}, wrong)[0] == 400
    finn.s3.complete_multipart_upload(**about, MultipartUpload={"Parts": [{"ETag": etag, "PartNumber": 1}]})
    assert finn.s3.get_object(Bucket="exact", Key="finn/big")["Body"].read() == b"good"


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ("k=good", OK), ("k=", OK), ("j=evil&k=good", OK), ("j=a+b%2Fc&k=%C3%BC", OK), ("", OK),
        ("k=evil", DENIED), ("%6b=evil", DENIED), ("other=x", DENIED),
        ("k=evil&k=good", (400, "InvalidTag")), ("k=good&%6B=evil", (400, "InvalidTag")), ("=", (400, "InvalidTag")),
        ("k", INVALID), ("k=%ff", INVALID), ("k=a&", INVALID), (f"k={'x' * 257}", (400, "InvalidTag")),
        ("&".join(f"k{number}=x" for number in range(11)), (400, "BadRequest")),
    ],
)  # fmt: skip
def test_tags_in_a_header(finn: Caller, tags: str, expected: Outcome) -> None:
    assert finn.sign_and_send("PUT", "/exact/finn/tagged", {"x-amz-tagging": tags}, b"x") == expected
    uploads = finn.sign_and_send("POST", "/exact/finn/tagged?uploads", {"x-amz-tagging": tags})
    assert uploads == expected


def test_tags_are_put_as_they_were_decided(finn: Caller, cast: Cast) -> None:
    assert finn.sign_and_send("PUT", "/exact/finn/kept", {"x-amz-tagging": "j=a+b%2Fc&k=%C3%BC"}, b"x") == OK
    found = cast.admin().s3.get_object_tagging(Bucket="exact", Key="finn/kept")["TagSet"]
    assert found == [{"Key": "j", "Value": "a b/c"}, {"Key": "k", "Value": "ü"}]


def tagging(*pairs: tuple[str, str]) -> str:
    tags = "".join(f"<Tag><Key>{key}</Key><Value>{value}</Value></Tag>" for key, value in pairs)
    return f"<Tagging><TagSet>{tags}</TagSet></Tagging>"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (tagging(("k", "good")), OK), (tagging(("j", "evil"), ("k", "")), OK),
        (tagging(("k", "evil")), DENIED), (tagging((" k ", " evil ")), DENIED),
        (tagging(("<![CDATA[k]]>", "ev<!-- -->il")), DENIED), (tagging(("other", "x")), DENIED),
        (tagging(("k", "evil"), ("k", "good")), (400, "InvalidTag")),
        (tagging(("", "x")), MALFORMED), (tagging(("k", "<x/>")), MALFORMED), ("", MALFORMED), ("x", MALFORMED),
        ("<Tagging/>", MALFORMED), ("<Tagging><TagSet><Tag/></TagSet></Tagging>", MALFORMED),
        ("<Tagging><TagSet><Tag><Key>k</Key><Key>j</Key><Value>x</Value></Tag></TagSet></Tagging>", MALFORMED),
    ],
)  # fmt: skip
def test_tags_in_a_body(finn: Caller, body: str, expected: Outcome) -> None:
    assert finn.sign_and_send("PUT", "/exact/finn/1?tagging", {}, body.encode()) == expected


def test_what_is_empty_is_not_what_is_missing(finn: Caller, cast: Cast) -> None:
    for method, path in (("DELETE", "versionId="), ("GET", "versionId="), ("GET", "partNumber="), ("GET", "uploadId=")):
        assert finn.sign_and_send(method, f"/exact/finn/1?{path}") == INVALID
    assert finn.sign_and_send("PUT", "/exact/finn/1?uploadId=&partNumber=1", {}, b"x") == INVALID
    assert finn.sign_and_send("PUT", "/exact/finn/2", {"x-amz-copy-source": "exact/ann/1?versionId="}) == INVALID
    assert cast.admin().head("exact", "finn/1") == OK


def query(caller: Caller, service: str, **given: str) -> Outcome:
    assert caller.keys
    body = urlencode({"Version": "2010-05-08", **given}).encode()
    request = AWSRequest("POST", f"{caller.url}/", data=body, headers=FORM)
    SigV4Auth(Credentials(*caller.keys.values()), service, "us-east-1").add_auth(request)
    return caller.send("POST", "/", dict(request.headers.items()), body)


def test_an_action_has_one_spelling(cast: Cast) -> None:
    arn = cast.managed("gia-all", allow("s3:*"))
    limit = {"ArnEquals": {"iam:PolicyARN": arn}}
    gia = cast.user("gia", allow("iam:*"), deny("iam:AttachUserPolicy", Condition=limit))
    given = {"UserName": "gia", "PolicyArn": arn}
    assert query(gia, "iam", Action="AttachUserPolicy", **given) == DENIED
    for action in ("attachUserPolicy", "attach_user_policy", "AttachUserPolicy ", "ATTACHUSERPOLICY", "", "dispatch"):
        assert query(gia, "iam", Action=action, **given) == (400, "InvalidAction")
    assert query(gia, "sts", Action="getCallerIdentity") == (400, "InvalidAction")
    assert cast.admin().iam.list_attached_user_policies(UserName="gia")["AttachedPolicies"] == []
    role = f"arn:aws:iam::{OWNER}:role/never"
    endless = {"RoleArn": role, "RoleSessionName": "one", "DurationSeconds": "9" * 5000}
    assert query(gia, "sts", Action="AssumeRole", **endless) == (400, "ValidationError")
