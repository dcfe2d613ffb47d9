"""Reaches a bucket through boto3: the endpoint, the keys of a profile, and on AWS the proof of which account it is."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeVar

from drawbridge.once import Once
from drawbridge.resources.base import Failed, say

if TYPE_CHECKING:
    import boto3
    import botocore.session

OURS = "drawbridge"  # the tag that says which stack made a bucket
_NOT_THERE = {"NoSuchBucket", "404", "NotFound"}
NOT_OURS = {"403", "AccessDenied", "301", "PermanentRedirect", "400"}  # a bucket of another account
_NOTHING_SET = {
    "NoSuchBucketPolicy",
    "NoSuchCORSConfiguration",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "NoSuchTagSet",
    "NoSuchWebsiteConfiguration",
    "ObjectLockConfigurationNotFoundError",
    "OwnershipControlsNotFoundError",
    "ReplicationConfigurationNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
}


Made = TypeVar("Made")


class NoBucket(Exception):
    """The bucket does not exist."""


class Store:
    """One S3 endpoint reached as one principal.

    A connection has `kind` and `region`, and may have `endpoint`, `profile`, `assume_roles` (a list of
    {roleArn, sessionName, …} as in the aws provider's configuration) and `account` (12 digits). It holds no key.
    """

    def __init__(self, connection: dict[str, Any]) -> None:
        from botocore.config import Config

        self.connection = connection
        self.kind: str = connection["kind"]
        self.account: str = connection.get("account") or ""
        self.session = session = _session(connection)
        # A profile's own endpoint goes before the vendor's; given outright, so that no AWS_ENDPOINT_URL of a shell can
        # lead elsewhere, where the bucket would seem to be gone. botocore >= 1.36 would send CRC32 where it need not,
        # which S3-compatible stores refuse: https://github.com/boto/botocore/issues/3415
        self.own_endpoint = own_endpoint = _profile(connection).get_scoped_config().get("endpoint_url")
        self.client = session.client(
            "s3",
            endpoint_url=own_endpoint or connection.get("endpoint"),
            config=Config(
                signature_version="s3v4",
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                retries={"mode": "standard", "max_attempts": 6},
            ),
        )
        if self.kind != "aws":
            self.client.meta.events.register("before-sign.s3", _content_md5)
        if self.account:
            self._prove_account(session)

    def _prove_account(self, session: boto3.Session) -> None:
        """The provider and boto3 must act in one account, or one would undo the other's work."""
        found = session.client("sts").get_caller_identity()["Account"]
        if found != self.account:
            raise Failed(
                f"the aws provider acts in account {self.account}, but boto3 with the same profile acts in {found}; "
                "nothing was written. Give the credentials in a profile (aws:profile), which both read."
            )

    def call(self, operation: str, bucket: str, **parameters: Any) -> Any:
        """One S3 operation on a bucket, on AWS only if the account owns it; raises NoBucket, ClientError."""
        from botocore.exceptions import ClientError

        if self.account and operation != "create_bucket":
            parameters["ExpectedBucketOwner"] = self.account
        try:
            return getattr(self.client, operation)(Bucket=bucket, **parameters)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                raise NoBucket(f"bucket {bucket} does not exist") from None
            raise

    def get(self, operation: str, bucket: str) -> Any | None:
        """Like `call`, for what may not be set on the bucket; None when it is not."""
        from botocore.exceptions import ClientError

        try:
            return self.call(operation, bucket)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOTHING_SET:
                return None
            raise

    def whose(self, bucket: str) -> Literal["nobody", "caller", "other"]:
        """Who has a bucket of that name: on AWS by the expected owner, elsewhere by the caller's own list."""
        from botocore.exceptions import ClientError

        if self.kind != "aws":
            pages = self.client.get_paginator("list_buckets").paginate()
            if any(entry["Name"] == bucket for page in pages for entry in page.get("Buckets", [])):
                return "caller"
        try:
            self.call("head_bucket", bucket)
        except NoBucket:
            return "nobody"
        except ClientError as error:
            if error.response["Error"]["Code"] not in NOT_OURS:
                raise
            return "other"
        return "caller" if self.kind == "aws" else "other"

    def owner(self) -> str:
        """Whose buckets the caller sees: the store's own id of the account; "" where a store gives none, and on AWS,
        where the account itself is compared."""
        if self.kind == "aws":
            return ""
        return str(self.client.list_buckets().get("Owner", {}).get("ID", ""))

    def prove_reachable(self) -> None:
        """That there are credentials, and that the store takes them; raises Failed."""
        from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

        try:
            self.owner()
        except NoCredentialsError:
            raise Failed("there are no credentials for it; name an AWS profile that has them, or set them") from None
        except (BotoCoreError, ClientError) as error:
            raise Failed(str(error)) from None

    def prove_same_owner(self, owner: str) -> None:
        """Where a bucket seems to be gone: that it is looked for where it was; raises Failed."""
        if owner and self.kind != "aws" and self.owner() != owner:
            raise Failed(
                f"the keys for {self.kind} belong to another account than the one that made this, at "
                f"{self.client.meta.endpoint_url}; nothing was changed"
            )

    def blocks_public(self, bucket: str) -> dict[str, bool]:
        """AWS's Block Public Access as it is in force: the bucket's and the account's together."""
        from botocore.exceptions import ClientError

        own = self.get("get_public_access_block", bucket) or {"PublicAccessBlockConfiguration": {}}
        found: dict[str, bool] = dict(own["PublicAccessBlockConfiguration"])
        try:
            client = self.session.client("s3control")
            if self.own_endpoint:
                # AWS has a host for each account, and boto3 asks for it at an endpoint of the profile's own too.
                client.meta.events.register("before-call.s3-control", partial(_without_account, self.account))
            answer = client.get_public_access_block(AccountId=self.account)
        except ClientError as error:
            # Nothing is set, or the account's settings are not the caller's to read.
            code = error.response["Error"]["Code"]
            if code not in {*_NOTHING_SET, "AccessDenied"}:
                raise
            if code == "AccessDenied":
                say(f"{bucket}: whether its account blocks public access is not known: {error}")
            return found
        whole = answer["PublicAccessBlockConfiguration"]
        return {name: found.get(name, False) or whole.get(name, False) for name in {*found, *whole}}

    def region(self, bucket: str) -> str:
        """Where the bucket lies."""
        found = self.call("get_bucket_location", bucket).get("LocationConstraint")
        # Two names from S3's beginnings: https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetBucketLocation.html
        return {None: "us-east-1", "": "us-east-1", "EU": "eu-west-1"}.get(found, str(found))

    def tags(self, bucket: str) -> dict[str, str]:
        """The bucket's tags."""
        answer = self.get("get_bucket_tagging", bucket) or {}
        return {tag["Key"]: tag["Value"] for tag in answer.get("TagSet", [])}


def once(make: Callable[[str], Made]) -> Callable[[str], Made]:
    """Made once per process and argument; who asks after a failure tries again."""
    made = Once()

    @functools.wraps(make)
    def ask(argument: str) -> Made:
        answer: Made = made(argument, partial(make, argument))
        return answer

    return ask


def caller_account(connection: dict[str, Any]) -> str:
    """The AWS account that a connection without `account` acts in; asked once per process. Raises Failed."""
    return _caller_account(json.dumps(connection, sort_keys=True))


@once
def _caller_account(connection: str) -> str:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        return str(_session(json.loads(connection)).client("sts").get_caller_identity()["Account"])
    except (BotoCoreError, ClientError) as error:
        raise Failed(f"cannot ask AWS who the caller is: {error}") from None


def store(connection: dict[str, Any]) -> Store:
    """The store for a connection, made once per process."""
    return _store(json.dumps(connection, sort_keys=True))


@once
def _store(connection: str) -> Store:
    return Store(json.loads(connection))


def _profile(connection: dict[str, Any]) -> botocore.session.Session:
    from botocore.exceptions import ProfileNotFound
    from botocore.session import Session

    session = Session(profile=connection.get("profile") or None)
    try:
        session.get_scoped_config()
    except ProfileNotFound as missing:
        raise Failed(f"{missing}; `profile` in storage.yaml or aws:profile names it, ~/.aws/config holds it") from None
    return session


def _session(connection: dict[str, Any]) -> boto3.Session:
    import boto3

    region = connection["region"]
    session = boto3.Session(botocore_session=_profile(connection), region_name=region)
    for role in connection.get("assume_roles") or []:
        name = role.get("sessionName") or "drawbridge"
        answer = session.client("sts").assume_role(RoleArn=role["roleArn"], RoleSessionName=name)
        keys = answer["Credentials"]
        session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=region)
    return session


def _without_account(account: str, params: dict[str, Any], **_: Any) -> None:
    params["url"] = params["url"].replace(f"//{account}.", "//", 1)


def _content_md5(request: Any, **_: Any) -> None:
    """Sends Content-MD5 in the place of the CRC32 that some stores do not take for CORS, lifecycle and bulk delete."""
    headers = request.headers
    if "x-amz-checksum-crc32" not in headers:
        return
    del headers["x-amz-checksum-crc32"], headers["x-amz-sdk-checksum-algorithm"]
    body = request.body.encode() if isinstance(request.body, str) else request.body
    headers["Content-MD5"] = base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
