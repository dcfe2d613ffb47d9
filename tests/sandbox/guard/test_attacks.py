"""Attempts to have one thing decided and another one done."""

from __future__ import annotations

import http.client
import ssl
from urllib.parse import quote, urlsplit

import pytest

from tests.sandbox.guard.cast import OK, OTHER, OWNER, Caller, Cast, Outcome, allow, deny, outcome, to

DENIED: Outcome = (403, "AccessDenied")
UNKNOWN: Outcome = (501, "NotImplemented")


@pytest.fixture(scope="module")
def eve(cast: Cast) -> Caller:
    """A user who may use one folder of one bucket, beside which lie what she may not see."""

    def set_up(cast: Cast) -> None:
        arn = "arn:aws:s3:::mine"
        cast.user(
            "eve",
            allow(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"], f"{arn}/eve/*"),
            allow("s3:ListBucket", arn, Condition={"StringLike": {"s3:prefix": "eve/*"}}),
        )
        cast.bucket("mine", objects=("eve/1", "eve/../ann/1", "ann/1", "*", "?", "eve"))
        cast.bucket("theirs", objects=("eve/1", "ann/1"))
        cast.admin().s3.put_bucket_versioning(Bucket="mine", VersioningConfiguration={"Status": "Enabled"})

    cast.once("attacks", set_up)
    return cast["eve"]


@pytest.mark.parametrize(
    "path",
    [
        "/mine/ann/1", "/mine/%61nn/1", "/mine/eve/%2e%2e/ann%2F1/", "/mine//eve/1", "/mine/%2Feve/1",
        "/mine/*", "/mine/?", "/mine/%3F", "/mine/%2A", "/mine/Eve/1", "/mine/eve%00", "/theirs/eve/1", "/mine/eve",
        "/mine/./eve/1", "/mine/../theirs/eve/1",
    ],
)  # fmt: skip
def test_a_path_that_only_looks_like_the_folder(eve: Caller, path: str) -> None:
    assert eve.sign_and_send("GET", path) in (DENIED, (404, "NoSuchBucket"), (400, "InvalidURI"))


def test_the_folder_in_another_spelling(eve: Caller, cast: Cast) -> None:
    assert eve.sign_and_send("GET", "/mine/eve/1") == OK
    assert eve.sign_and_send("GET", "/mine/%65ve%2F1") == OK, "the same key"
    assert eve.sign_and_send("GET", "/mine%2Feve/1") == OK, "an encoded slash is a slash"
    # To S3 two dots are a part of a key like any other.
    assert eve.sign_and_send("GET", "/mine/eve/../ann/1") == OK
    assert eve.put("mine", "eve//2") == OK
    assert eve.put("mine", "eve/ü*?[] +%&=#;") == OK
    for key in (
        "/",
        "//",
        "a/",
        "/a//b/",
        "\r",
        "\x00",
        "\x85",
        "\u2028",
        "..",
        "../..",
        ";x",
        "?versionId=1",
        "%2F",
        "+",
    ):
        path = f"/mine/eve/{quote(key, safe='')}"
        assert eve.sign_and_send("PUT", path, {}, key.encode()) == OK
        assert cast.admin().s3.get_object(Bucket="mine", Key=f"eve/{key}")["Body"].read() == key.encode()
    keys = [one["Key"] for one in cast.admin().s3.list_objects_v2(Bucket="mine", Prefix="eve/")["Contents"]]
    assert {"eve//2", "eve/ü*?[] +%&=#;"} <= set(keys)
    assert eve.get("mine", "eve/a\nb") == UNKNOWN


def test_moving_to_another_account(eve: Caller, cast: Cast) -> None:
    header = {"x-moto-account-id": OTHER}
    assert eve.sign_and_send("GET", "/mine/eve/1", header) == OK, "it counts for nothing"
    eve_elsewhere = Caller(eve.keys, eve.url, eve.ca, as_account=OTHER)
    assert outcome(lambda: eve_elsewhere.iam.list_users()) == DENIED
    assert eve_elsewhere.sts.get_caller_identity()["Account"] == OWNER
    admin = cast.admin()
    assert cast.admin(OTHER).sts.get_caller_identity()["Arn"] == f"arn:aws:iam::{OTHER}:root"
    url = admin.client("s3", signature_version="s3v4").generate_presigned_url(
        "get_object", {"Bucket": "mine", "Key": "ann/1"}
    )
    assert eve.send("GET", url, header) == OK, "not signed, it does not count"
    assert cast.admin(OTHER).get("mine", "ann/1") == DENIED
    assert outcome(lambda: cast.admin("x").sts.get_caller_identity())[0] == 400


def test_a_host_that_names_another_bucket(eve: Caller) -> None:
    for host in ("theirs.s3.amazonaws.com", "theirs.localhost", "iam.amazonaws.com", "theirs.example.org"):
        headers = eve.signed("GET", "/mine/eve/1", {"host": host})
        assert eve.send("GET", "/mine/eve/1", headers) == OK, "the path alone names the bucket"
        headers = eve.signed("GET", "/ann/1", {"host": host})
        assert eve.send("GET", "/ann/1", headers) == (404, "NoSuchBucket")


def test_parameters_in_other_places(eve: Caller, cast: Cast) -> None:
    version = cast.admin().s3.put_object(Bucket="mine", Key="eve/kept", Body=b"x")["VersionId"]
    form = {"content-type": "application/x-www-form-urlencoded", "versionId": version, "x-amz-meta-versionid": version}
    assert eve.sign_and_send("DELETE", "/mine/eve/kept", form, f"versionId={version}".encode()) == OK
    found = cast.admin().s3.list_object_versions(Bucket="mine", Prefix="eve/kept")
    assert version in [one["VersionId"] for one in found["Versions"]], "the version is still there"
    assert eve.sign_and_send("DELETE", f"/mine/eve/kept?versionId={version}") == DENIED
    assert eve.sign_and_send("GET", "/mine?prefix=eve/", form) == OK
    assert eve.sign_and_send("GET", "/mine?prefix=eve/&prefix=") == (400, "InvalidArgument")
    assert eve.sign_and_send("GET", "/mine", form, b"prefix=eve/") == DENIED
    assert eve.sign_and_send("GET", "/mine?Prefix=eve/") == UNKNOWN
    assert eve.sign_and_send("GET", "/mine?PREFIX=eve/&list-type=2") == UNKNOWN


@pytest.mark.parametrize(
    ("method", "target"),
    [
        ("GET", "/mine/eve/1?ACL"), ("GET", "/mine/eve/1?retention"), ("GET", "/mine/eve/1?torrent"),
        ("PUT", "/mine?requestPayment"), ("GET", "/mine?analytics"), ("GET", "/mine?acl&policy"), ("PUT", "/mine/eve/1?x"),
        ("PUT", "/mine?replication"), ("PATCH", "/mine/eve/1"), ("POST", "/mine/eve/1"), ("POST", "/mine"),
        ("GET", "/v20180820/accesspoint"), ("GET", "/mine/eve/1?x-amz-acl=public-read"), ("DELETE", "/"),
    ],
)  # fmt: skip
def test_what_is_not_in_the_table_is_refused_loudly(cast: Cast, method: str, target: str) -> None:
    assert cast.admin().sign_and_send(method, target, {}, b"") == UNKNOWN


@pytest.mark.parametrize(
    "headers",
    [{"x-amz-acl": "public-read"}, {"x-amz-grant-read": "id=1"}, {"x-amz-new-thing": "1"}, {"x-amz-mfa": "1 1"},
     {"x-amz-server-side-encryption-customer-algorithm": "AES256"}],
)  # fmt: skip
def test_headers_that_are_not_known_are_refused_loudly(cast: Cast, headers: dict[str, str]) -> None:
    assert cast.admin().sign_and_send("PUT", "/mine/eve/3", headers, b"x") == UNKNOWN


def test_access_control_lists_never_open_anything(cast: Cast, eve: Caller) -> None:
    s3 = cast.admin().s3
    assert outcome(lambda: s3.put_bucket_acl(Bucket="mine", ACL="public-read-write")) == UNKNOWN
    assert outcome(lambda: s3.put_object_acl(Bucket="mine", Key="ann/1", ACL="public-read"))[0] in (400, 501)
    assert outcome(lambda: s3.put_bucket_acl(Bucket="mine", ACL="private")) == OK
    assert eve.put("mine", "eve/acl", ACL="bucket-owner-full-control") == DENIED, "it needs s3:PutObjectAcl"


def test_the_source_of_a_copy_in_other_spellings(eve: Caller) -> None:
    for source in ("/mine/ann/1", "mine/ann/1", "mine/%61nn%2F1", "http://x/mine/ann/1", "mine/eve/../../mine/ann/1",
                   "/mine//ann/1", "//mine/ann/1"):  # fmt: skip
        found = eve.sign_and_send("PUT", "/mine/eve/copy", {"x-amz-copy-source": source})
        assert found in (DENIED, (400, "InvalidArgument"), (404, "NoSuchBucket"), (400, "InvalidBucketName")), source
    for source in ("mine/eve/1?versionId=a&x=y", "arn:aws:s3:eu-central-1:1:accesspoint/x"):
        assert eve.sign_and_send("PUT", "/mine/eve/copy", {"x-amz-copy-source": source}) == UNKNOWN
    assert eve.sign_and_send("PUT", "/mine/eve/copy", {"x-amz-copy-source": "mine/eve/1"}) == OK


def raw(caller: Caller, method: str, target: str, *headers: tuple[str, str], body: bytes = b"") -> int:
    """A request with headers as they are, some of them twice."""
    where = urlsplit(caller.url)
    context = ssl.create_default_context(cafile=caller.ca)
    connection = http.client.HTTPSConnection(where.hostname or "", where.port, context=context)
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders(body)
    return connection.getresponse().status


def test_headers_that_come_twice(eve: Caller, cast: Cast) -> None:
    headers = list(eve.signed("GET", "/mine/eve/1").items())
    host = ("host", eve.url.removeprefix("https://"))
    assert raw(eve, "GET", "/mine/eve/1", host, *headers) == 200
    for name, value in (("host", "other"), ("x-amz-date", "20200101T000000Z"), ("authorization", "AWS4-HMAC-SHA256 x")):
        assert raw(eve, "GET", "/mine/eve/1", host, *headers, (name, value)) in (400, 403)
        assert raw(eve, "GET", "/mine/eve/1", (name, value), host, *headers) in (400, 403)
    assert raw(eve, "GET", "/mine/eve/1", host, *headers, ("X_Moto_Account_Id", OTHER)) == 200, "dropped"
    assert raw(eve, "GET", "/mine/eve/1#x", host, *headers) == 400
    assert raw(eve, "GET", "https://x.org/mine/eve/1", host, *headers) == 400
    both = [("content-length", "0"), ("transfer-encoding", "chunked")]
    assert raw(eve, "GET", "/mine/eve/1", host, *headers, *both) in (400, 403)
    assert raw(eve, "GET", "/mine/eve/1", host, *headers, ("transfer-encoding", "gzip")) == 501


def test_a_browsers_question_tells_nothing(cast: Cast, eve: Caller) -> None:
    for path in ("/", "/no-such-bucket"):
        assert eve.sign_and_send("OPTIONS", path) == DENIED
        assert cast.nobody.send("OPTIONS", path) == DENIED


def test_moto_itself_is_out_of_reach(cast: Cast) -> None:
    for path in ("/moto-api/", "/moto-api/reset", "/%6doto-api/reset", "/favicon.ico", "/latest/meta-data/"):
        assert cast.admin().sign_and_send("POST", path) == DENIED
        assert cast.nobody.send("GET", path) == DENIED


def test_actions_in_other_places(eve: Caller, cast: Cast) -> None:
    events = eve.iam.meta.events
    events.register(
        "before-call.iam.ListUsers", lambda params, **_: params.update({"query_string": {"Action": "GetUser"}})
    )
    assert outcome(lambda: eve.iam.list_users())[0] in (400, 403)
    target = Caller(eve.keys, eve.url, eve.ca)
    target.iam.meta.events.register(
        "before-call.iam.*", lambda params, **_: params["headers"].update({"X-Amz-Target": "x.ListUsers"})
    )
    assert outcome(lambda: target.iam.list_users()) == DENIED
    assert cast.nobody.send("POST", "/", {"Content-Type": "application/x-www-form-urlencoded"}, b"Action=ListUsers")[
        0
    ] in (403, 501)


def test_a_batch_whose_body_is_read_in_two_ways(cast: Cast) -> None:
    user = cast.user("eve-2", allow("s3:DeleteObject", "arn:aws:s3:::mine/eve/*"))
    for text in (
        "<Delete><Object><Key>eve/9</Key><Key>ann/1</Key></Object></Delete>",
        "<Delete><Object><Key>eve/9</Key><VersionId><x/></VersionId></Object></Delete>",
        "<Delete><Object><Key></Key></Object></Delete>",
        "<Delete></Delete>",
        '<!DOCTYPE d [<!ENTITY e "ann/1">]><Delete><Object><Key>&e;</Key></Object></Delete>',
    ):
        assert user.sign_and_send("POST", "/mine?delete", {}, text.encode()) == (400, "MalformedXML")
    assert cast.admin().head("mine", "ann/1") == OK


def test_a_policy_that_is_said_twice(cast: Cast) -> None:
    text = '{"Version": "2012-10-17", "Statement": [], "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::mine/*"}]}'
    assert outcome(lambda: cast.admin().s3.put_bucket_policy(Bucket="mine", Policy=text)) == (400, "MalformedPolicy")


def test_vendors_are_who_they_are(cast: Cast) -> None:
    arn = "arn:aws:iam::258327614892:role/external_s3"
    source = cast.caller(cast.profile("v7-aws-source"))
    v7 = source.assume(arn)
    assert v7.arn == "arn:aws:sts::258327614892:assumed-role/external_s3/one"
    cast.bucket(
        "for-v7",
        to(arn, "s3:GetObject", "arn:aws:s3:::for-v7/*"),
        deny("s3:GetObject", "arn:aws:s3:::for-v7/b", Principal="*"),
        objects=("a", "b"),
    )
    assert v7.get("for-v7", "a") == OK
    assert v7.get("for-v7", "b") == DENIED
    assert source.get("for-v7", "a") == DENIED
    wasabi = cast.caller(cast.profile("v7-wasabi"), server="wasabi")
    assert wasabi.sts.get_caller_identity()["Arn"] == "arn:aws:iam::100000274636:user/darwin"
    assert cast.caller(cast.profile("v7-wasabi")).get("for-v7", "a") == (403, "InvalidAccessKeyId")
