"""The guard without a server: what can be seen only with another clock, another judge, or all of a table at once."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote

import boto3
import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given
from hypothesis import strategies as st
from moto.core.utils import camelcase_to_underscores
from moto.iam.responses import IamResponse
from moto.moto_server.werkzeug_app import BackendRequest
from moto.s3bucket_path.utils import bucket_name_from_url, parse_key_name
from moto.sts.models import sts_backends
from werkzeug.test import EnvironBuilder, run_wsgi_app

from drawbridge.proof.judge import Judge, Request
from sandbox.guard import operations, population, public, s3, store
from sandbox.guard.answers import Refused
from sandbox.guard.context import GIVEN, NEVER, common, of_s3
from sandbox.guard.iam import resource
from sandbox.guard.layer import Guard
from sandbox.guard.principals import iam, root
from sandbox.guard.request import read
from sandbox.guard.signature import Key
from sandbox.guard.store import Order, Place, place
from sandbox.guard.visit import Visit
from sandbox.vendors import Vendor
from tests.sandbox.guard.cast import allow, deny, to

ACCOUNT, REGION = "121212121212", "eu-central-1"
ADMINISTRATOR = Key("AKIAADMINISTRATOR222", "secret")
USER = Key("AKIAUSER222222222222", "other-secret")


def environ(method: str = "GET", path: str = "/b/k", headers: dict[str, str] | None = None) -> dict[str, Any]:
    made = EnvironBuilder(path=path, method=method, headers=list((headers or {}).items())).get_environ()
    return {**made, "REQUEST_URI": path, "REMOTE_ADDR": "127.0.0.1"}


@pytest.fixture(scope="module")
def _vendor() -> None:
    population.make(Vendor("aws", f"arn:aws:iam::{ACCOUNT}:role/team/reader", "v"), USER)


# Their resources are not told by their parameters: refused loudly to all but the administrator.
REFUSED = [
    "CreateOpenIDConnectProvider", "CreateSAMLProvider", "CreateServiceLinkedRole", "CreateVirtualMFADevice",
    "GetAccessKeyLastUsed", "GetServiceLinkedRoleDeletionStatus",
]  # fmt: skip


class Clock:
    """A clock that a test sets."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead


def nothing(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    """In moto's place."""
    del environ
    start_response("200 OK", [])
    return [b""]


def signed_request(key: Key, method: str, path: str, at: datetime | None = None) -> dict[str, str]:
    """Headers that sign a request to nowhere."""
    request = AWSRequest(method, f"http://localhost{path}")
    auth = S3SigV4Auth(Credentials(key.key_id, key.secret, key.token or None), "s3", REGION)
    request.context["timestamp"] = (at or datetime.now(UTC)).strftime("%Y%m%dT%H%M%SZ")
    auth._modify_request_before_signing(request)
    text = auth.string_to_sign(request, auth.canonical_request(request))
    auth._inject_signature_to_request(request, auth.signature(text, request))
    return dict(request.headers.items())


@pytest.mark.usefixtures("_vendor")
def test_a_session_ends(judge: Judge) -> None:
    clock = Clock()
    guard = Guard(nothing, judge, ACCOUNT, ADMINISTRATOR, clock)
    role = next(one for one in iam(ACCOUNT).roles.values() if one.name == "reader")
    made = sts_backends[ACCOUNT]["aws"].assume_role(REGION, "one", role.arn, "", 900, "")
    made.guard_user_id = f"{role.id}:one"  # type: ignore[attr-defined]
    key = Key(made.access_key_id, made.secret_access_key, made.session_token)

    def status() -> tuple[str, bytes]:
        parts, answer, _ = run_wsgi_app(guard, environ(path="/", headers=signed_request(key, "GET", "/", clock())))
        return answer, b"".join(parts)

    assert status()[0] == "200 OK"
    clock.ahead = timedelta(seconds=890)
    assert status()[0] == "200 OK"
    clock.ahead = timedelta(seconds=901)
    assert status()[0] == "400 BAD REQUEST"
    assert b"<Code>ExpiredToken</Code>" in status()[1]


def test_without_a_judge_nothing_is_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "judge.py").write_text("import sys; input(); sys.exit('no more memory')")
    with Judge([sys.executable, str(tmp_path / "judge.py")]) as ends:
        guard = Guard(nothing, ends, ACCOUNT, ADMINISTRATOR)
        headers = signed_request(ADMINISTRATOR, "GET", "/")
        parts, status, _ = run_wsgi_app(guard, environ(path="/", headers=headers))
    assert status == "500 INTERNAL SERVER ERROR"
    assert b"the judge has failed; see the log of the server" in b"".join(parts)
    assert "the judge has ended, with 1\nno more memory" in capsys.readouterr().err


def every_operation() -> Iterator[tuple[str, str]]:
    for level, _, _ in operations.TABLE:
        for operation in (one for key, one in operations.TABLE.items() if key[0] == level):
            for permission in filter(None, (operation.permission, operation.version)):
                yield level, permission
    more = {
        operations.OBJECT: ("BypassGovernanceRetention", "PutObjectAcl", "PutObjectRetention", "PutObjectLegalHold"),
        operations.BUCKET: ("PutBucketVersioning",),
        operations.SERVICE: ("GetAccountPublicAccessBlock", "PutAccountPublicAccessBlock"),
    }
    for level, names in more.items():
        yield from ((level, f"s3:{name}") for name in names)


def test_the_judge_knows_every_permission_and_key_of_s3(judge: Judge) -> None:
    resources = {operations.SERVICE: "*", operations.BUCKET: "arn:aws:s3:::b", operations.OBJECT: "arn:aws:s3:::b/k"}
    headers = {"user-agent": "x", "referer": "y"}
    visit = Visit(read(environ(headers=headers)), None, root(ACCOUNT), datetime.now(UTC))
    keys = common(visit) | of_s3(visit, ACCOUNT)
    keys |= {"s3:authType": "REST-HEADER", "s3:signatureversion": "v", "s3:signatureAge": "1", "s3:TlsVersion": "1.3"}
    several = {(operations.BUCKET, "s3:DeleteObject"), (operations.BUCKET, "s3:DeleteObjectVersion")}  # keys of objects
    for level, permission in sorted(set(every_operation()) - several):
        own = dict(keys)
        if not permission.endswith("BucketObjectLockConfiguration"):
            own["s3:x-amz-content-sha256"] = "x"
        if permission in s3.VERSION_KEY:
            own["s3:versionid"] = "1"
        if permission in s3.LISTS:
            own |= dict.fromkeys(s3.LIST_KEYS.values(), "1")
        if permission == "s3:PutObject":
            own |= dict.fromkeys(s3.WRITE_KEYS.values(), "1")
        judge.one(Request(None, permission, resources[level], ACCOUNT, own))


def test_every_action_of_iam_is_about_something(judge: Judge) -> None:
    model = boto3.client("iam", region_name=REGION, aws_access_key_id="x", aws_secret_access_key="x").meta.service_model
    names = {
        "PolicyArn": f"arn:aws:iam::{ACCOUNT}:policy/p",
        "OpenIDConnectProviderArn": f"arn:aws:iam::{ACCOUNT}:oidc-provider/p",
        "SAMLProviderArn": f"arn:aws:iam::{ACCOUNT}:saml-provider/p",
        "Path": "/x/",
        "SerialNumber": f"arn:aws:iam::{ACCOUNT}:mfa/p",
    }
    failed = []
    for action in model.operation_names:
        shape = model.operation_model(action).input_shape
        if not hasattr(IamResponse, camelcase_to_underscores(action)):
            continue
        named = {name: names.get(name, "x") for name in (shape.members if shape else ())}
        asked = Request(f"arn:aws:iam::{ACCOUNT}:user/u", f"iam:{action}", resource(ACCOUNT, action, named), ACCOUNT)
        try:
            judge.one(asked)
        except Exception:
            failed.append(action)
    assert sorted(failed) == REFUSED


@pytest.mark.parametrize(
    ("condition", "is_public"),
    [
        (None, True),
        ({"StringEquals": {"aws:SourceVpc": "vpc-1"}}, False),
        ({"StringLike": {"aws:SourceVpc": "vpc-*"}}, True),
        ({"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}, True),
        ({"IpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, False),
        ({"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "0.0.0.0/1"]}}, True),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/7"}}, True),
        ({"IpAddress": {"aws:SourceIp": "not an address"}}, True),
        ({"NotIpAddress": {"aws:SourceIp": "192.0.2.0/24"}}, True),
        ({"StringEquals": {"aws:PrincipalOrgID": "o-1"}}, False),
        ({"StringLike": {"aws:userid": "AROAEXAMPLE:*"}}, False),
        ({"StringLike": {"aws:userid": "*"}}, True),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:eu-central-1:111122223333:*"}}, False),
        ({"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:*:*"}}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, True),
        ({"StringEquals": {"s3:prefix": "open/"}}, True),
        ({"StringEquals": {"aws:PrincipalAccount": "${aws:PrincipalAccount}"}}, True),
    ],
)  # fmt: skip
def test_the_meaning_of_public(condition: dict[str, Any] | None, is_public: bool) -> None:
    """https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html"""
    more = {"Condition": condition} if condition else {}
    for statement in (
        to("*", "s3:GetObject", "arn:aws:s3:::b/*", **more),
        allow("s3:GetObject", "arn:aws:s3:::b/*", Principal={"AWS": ["111122223333", "*"]}, **more),
        allow("s3:GetObject", "arn:aws:s3:::b/*", NotPrincipal={"AWS": "111122223333"}, **more),
    ):
        assert public.is_public({"Statement": statement}) is is_public
    closed = deny("s3:GetObject", "arn:aws:s3:::b/*", Principal="*", **more)
    assert not public.is_public({"Statement": [closed, to("111122223333", "s3:GetObject", "arn:aws:s3:::b/*")]})


def test_no_key_is_both_given_and_never_there() -> None:
    assert not GIVEN & NEVER


KEYS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"), min_size=1, max_size=30)


@given(key=KEYS, version=st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
def test_moto_reads_the_key_that_was_decided(key: str, version: str) -> None:
    made = store.environ(
        read(environ()), Order("s3", REGION, ACCOUNT, "x", Place("b", key).path, {"versionId": version}, b"", {})
    )
    seen = BackendRequest(made)
    assert bucket_name_from_url(seen.raw_url) == "b"
    assert parse_key_name(unquote(seen.raw_path)) == key
    assert parse_qs(seen.query_string.decode(), keep_blank_values=True)["versionId"] == [version]
    assert place(seen.raw_path) == Place("b", key)


@pytest.mark.parametrize("target", ["/b/\xe9", "b/k", "*", "/b/%ff", "/b#c", "/b?x=%ff"])
def test_a_target_that_is_none(target: str) -> None:
    with pytest.raises(Refused) as refused:
        place(read({**environ(), "REQUEST_URI": target, "wsgi.input": io.BytesIO()}).path)
    assert refused.value.code == "InvalidURI"
