"""Users, roles and buckets of the running sandbox, and requests that they make with boto3 or by hand."""

from __future__ import annotations

import configparser
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import boto3
from botocore import UNSIGNED
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

from sandbox import servers
from tests.conftest import PROFILE_OF, Sandbox

OWNER, OTHER, REGION = "111122223333", "999988887777", "eu-central-1"
Outcome = tuple[int, str]
OK: Outcome = (200, "")


def allow(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def deny(action: str | list[str], resource: str | list[str] = "*", **more: Any) -> dict[str, Any]:
    return {**allow(action, resource, **more), "Effect": "Deny"}


def policy(*statements: Mapping[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def to(principal: str, action: str | list[str], resource: str | list[str], **more: Any) -> dict[str, Any]:
    """A statement of a bucket policy."""
    return allow(action, resource, Principal="*" if principal == "*" else {"AWS": principal}, **more)


def trust(principal: str, **more: Any) -> str:
    return policy({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole", **more})


def outcome(call: Callable[[], Any]) -> Outcome:
    """Status and code of the answer to a call of boto3."""
    try:
        answer = call()
    except ClientError as error:
        return error.response["ResponseMetadata"]["HTTPStatusCode"], error.response["Error"]["Code"]
    assert not isinstance(answer, tuple), "an outcome is no answer"
    return OK


@dataclass
class Caller:
    """Somebody with keys, or nobody."""

    keys: Mapping[str, str] | None
    url: str
    ca: str
    arn: str = ""
    as_account: str = ""

    def client(self, service: str, **config: Any) -> Any:
        """A boto3 client; `as_account` is for the administrator alone."""
        unsigned = {"signature_version": UNSIGNED} if self.keys is None else {}
        settings = Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}, **{**unsigned, **config})
        client = boto3.client(
            service, endpoint_url=self.url, verify=self.ca, region_name=REGION, config=settings, **(self.keys or {})
        )
        if self.as_account:
            client.meta.events.register(
                "before-call.*.*",
                lambda params, **_: params["headers"].update({"x-moto-account-id": self.as_account}),
            )
        return client

    @cached_property
    def s3(self) -> Any:
        return self.client("s3")

    @cached_property
    def iam(self) -> Any:
        return self.client("iam")

    @cached_property
    def sts(self) -> Any:
        return self.client("sts")

    def get(self, bucket: str, key: str, **more: Any) -> Outcome:
        return outcome(lambda: self.s3.get_object(Bucket=bucket, Key=key, **more))

    def head(self, bucket: str, key: str) -> Outcome:
        return outcome(lambda: self.s3.head_object(Bucket=bucket, Key=key))

    def put(self, bucket: str, key: str, **more: Any) -> Outcome:
        return outcome(lambda: self.s3.put_object(Bucket=bucket, Key=key, Body=b"x", **more))

    def list(self, bucket: str, **more: Any) -> Outcome:
        return outcome(lambda: self.s3.list_objects_v2(Bucket=bucket, **more))

    def assume(self, arn: str, name: str = "one", **more: Any) -> Caller:
        answer = self.sts.assume_role(RoleArn=arn, RoleSessionName=name, **more)
        given = answer["Credentials"]
        keys = {
            "aws_access_key_id": given["AccessKeyId"],
            "aws_secret_access_key": given["SecretAccessKey"],
            "aws_session_token": given["SessionToken"],
        }
        return Caller(keys, self.url, self.ca, answer["AssumedRoleUser"]["Arn"])

    def signed(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> dict[str, str]:
        """Headers that sign a request."""
        assert self.keys
        keys = Credentials(*self.keys.values())
        request = AWSRequest(method, f"{self.url}{path}", headers=dict(headers or {}), data=body)
        S3SigV4Auth(keys, "s3", REGION).add_auth(request)
        return dict(request.headers.items())

    def send(
        self, method: str, target: str, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Outcome:
        """A request as it is given, unsigned unless the headers sign it."""
        url = target if target.startswith("http") else f"{self.url}{target}"
        request = urllib.request.Request(url, body, dict(headers or {}), method=method)
        context = ssl.create_default_context(cafile=self.ca) if url.startswith("https") else None
        try:
            with urllib.request.urlopen(request, context=context) as answer:
                answer.read()
                return OK
        except urllib.error.HTTPError as error:
            text = error.read().decode()
            return error.code, text.partition("<Code>")[2].partition("<")[0]

    def sign_and_send(
        self, method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> Outcome:
        return self.send(method, path, self.signed(method, path, headers, body), body or None)


@dataclass
class Cast:
    """Everybody in the sandbox, by name; groups of rows are set up once."""

    sandbox: Sandbox
    known: dict[str, Caller] = field(default_factory=dict)
    done: set[str] = field(default_factory=set)

    def __getitem__(self, name: str) -> Caller:
        return self.known[name]

    def once(self, name: str, set_up: Callable[[Cast], None]) -> None:
        if name not in self.done:
            self.done.add(name)
            set_up(self)

    def caller(self, keys: Mapping[str, str] | None, arn: str = "", *, plain: bool = False, account: str = "",
               server: str = "aws") -> Caller:  # fmt: skip
        running = servers.find(self.sandbox.folder, server)
        assert running
        return Caller(keys, running.plain_url if plain else running.url, str(self.sandbox.folder.ca), arn, account)

    def profile(self, name: str) -> dict[str, str]:
        parser = configparser.ConfigParser(interpolation=None)
        parser.read(self.sandbox.folder.aws_credentials)
        return dict(parser[name])

    def admin(self, account: str = "", server: str = "aws") -> Caller:
        return self.caller(self.profile(PROFILE_OF[server]), account=account, server=server)

    @property
    def nobody(self) -> Caller:
        return self.caller(None)

    def user(
        self, name: str, *statements: Mapping[str, Any], account: str = OWNER, boundary: str = "", path: str = "/"
    ) -> Caller:
        iam = self.admin(account).iam
        limits = {"PermissionsBoundary": boundary} if boundary else {}
        arn = iam.create_user(UserName=name, Path=path, **limits)["User"]["Arn"]
        if statements:
            iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=policy(*statements))
        key = iam.create_access_key(UserName=name)["AccessKey"]
        keys = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
        self.known[name] = self.caller(keys, arn)
        return self.known[name]

    def role(self, name: str, trusted: str, *statements: Mapping[str, Any], account: str = OWNER, **more: Any) -> str:
        iam = self.admin(account).iam
        arn = str(iam.create_role(RoleName=name, AssumeRolePolicyDocument=trusted, **more)["Role"]["Arn"])
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=policy(*statements))
        return arn

    def managed(self, name: str, *statements: Mapping[str, Any]) -> str:
        answer = self.admin().iam.create_policy(PolicyName=name, PolicyDocument=policy(*statements))
        return str(answer["Policy"]["Arn"])

    def bucket(
        self, name: str, *statements: Mapping[str, Any], account: str = "", objects: tuple[str, ...] = ("a",)
    ) -> str:
        s3 = self.admin(account).s3
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
        for key in objects:
            s3.put_object(Bucket=name, Key=key, Body=b"x")
        if statements:
            s3.put_bucket_policy(Bucket=name, Policy=policy(*statements))
        return f"arn:aws:s3:::{name}"
