"""A live bucket that speaks S3, for verifying: probes with the owner's credentials, tries as the platform."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import boto3
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from drawbridge import tokens
from drawbridge.access import Principal
from drawbridge.iam import Iam
from drawbridge.once import Once
from drawbridge.resources import user
from drawbridge.resources.base import Failed
from drawbridge.resources.store import NoBucket, Store
from drawbridge.storage.interface import Documents
from drawbridge.tokens import Token
from drawbridge.verify import iam, s3_advice, simulator
from drawbridge.verify.aws_session import WAITING, session
from drawbridge.verify.endpoints import Endpoints
from drawbridge.verify.identity import Identity, Nobody
from drawbridge.verify.live import AT_ONCE, Came, CannotAsk, Difference, Live, NoProbe, Result, Spot, Ways
from drawbridge.verify.tries import MADE_BEFORE, NAMES, PROBE, Light, Try

if TYPE_CHECKING:
    from drawbridge.auth.interface import PlannedIdentity

CONTENT = b"A probe of `drawbridge verify`. It can be deleted.\n"
MARK = {"drawbridge": "probe"}
HASH = hashlib.md5(CONTENT, usedforsecurity=False).hexdigest()
OLD, MOST = timedelta(days=1), 1000  # how many are removed at once
_KEY = re.compile(rf"(?:^|/|-){PROBE}/[0-9a-f]{{8}}/(?:{'|'.join(NAMES)})$")
# A denial, and nothing else that comes with 403: proxies say so too, and S3 itself of what is archived.
DENIED = {"AccessDenied", "AllAccessDisabled"}
# What the store says where it does not know, or not believe, whoever came.
# https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html and those of STS and IAM.
STRANGER = {
    "ExpiredToken",
    "InvalidAccessKeyId",
    "InvalidClientTokenId",
    "InvalidSecurity",
    "InvalidToken",
    "NotSignedUp",
    "RequestTimeTooSkewed",
    "SignatureDoesNotMatch",
    "TokenRefreshRequired",
    "UnrecognizedClientException",
}
# What STS says of a session that is longer than the role's sessions may be.
# https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
TOO_LONG = "ValidationError"
_FEW = 20  # buckets that are looked at
SIMULATING = WAITING.merge(Config(retries={"mode": "adaptive", "max_attempts": 10}))  # IAM has few requests to give


class S3Live(Live):
    """One bucket, reached through its owner's store."""

    def __init__(self, store: Store, bucket: str) -> None:
        self.store, self.bucket = store, bucket
        self._once = Once(keep_failures=True)  # what does not change within a run

    def spot(self, probes: str) -> Spot:
        """The connection holds no key."""
        connection = json.dumps(self.store.connection, sort_keys=True)
        return Spot(kind=self.store.kind, connection=connection, bucket=self.bucket, probes=probes)

    def put(self, probes: str) -> None:
        """Also clears what runs on other machines left more than a day ago."""
        with _asking(f"no probe can be put into {self.bucket}"):
            if keeps := self._once("keeps", self._keeps):
                raise NoProbe(f"{self.bucket} keeps what is put into it ({keeps}), so no probe is")
            self._clear(probes.rsplit("/", 2)[0] + "/", older_than=OLD)
            for name in MADE_BEFORE:
                self.store.call("put_object", self.bucket, Key=probes + name, Body=CONTENT, Metadata=MARK)

    def clear(self, probes: str) -> set[str]:
        """All versions and delete markers; a bucket that is gone holds none."""
        with _asking(f"the probes in {self.bucket} cannot be removed"):
            try:
                return self._clear(probes)
            except NoBucket:
                return set()

    def reaches(self, other: Live) -> bool:
        """AWS sends a request on to the right region; other stores know their own buckets alone."""
        if not isinstance(other, S3Live):
            return False
        here, there = self.store.connection, other.store.connection
        return here == there or here["kind"] == there["kind"] == "aws"

    def foreign(self, known: Collection[str]) -> tuple[str, str]:
        """The first that lies in the same region, one with something in it before others."""
        here = self.store.connection["region"]
        with _asking("the owner's buckets cannot be listed"):
            wanted = {"BucketRegion": here} if self.store.kind == "aws" else {}
            pages = self.store.client.get_paginator("list_buckets").paginate(**wanted)
            names = [one["Name"] for page in pages for one in page["Buckets"] if one["Name"] not in known]
        keys = {}
        for name in names[:_FEW]:
            with suppress(ClientError, BotoCoreError, NoBucket):  # one that is in trouble says nothing about others
                if self.store.region(name) == here:
                    keys[name] = self._some_key(name)
            if keys.get(name):
                break
        if not keys:
            raise CannotAsk(f"no other bucket of its owner was found in {here}")
        return max(keys.items(), key=lambda item: bool(item[1]))

    def attempt(self, identity: Identity, one: Try, ways: Ways) -> Result:
        """A client is made once for each identity and way."""
        try:
            to = self.store.connection
            key = identity, to["kind"], to.get("endpoint"), to["region"], one.tls
            client = ways.once(key, lambda: _client(identity, to, ways.endpoints, one.tls))
            if one.check == "come":
                return Result(Came.LET_IN)
            answer = _REQUESTS[one.check](client, one)
        except ClientError as error:
            return _answer(error, one)
        except Exception as error:  # whatever a library makes of an odd answer, it is no denial
            return Result(Came.FAILED, code=type(error).__name__, message=str(error))
        return Result(Came.LET_IN, answer["ResponseMetadata"]["HTTPStatusCode"])

    def simulate(self, vendor: str, one: Try, ways: Ways) -> Result:
        """AWS alone has a simulator."""
        if self.store.kind != "aws":
            raise CannotAsk(f"{self.store.kind} has no policy simulator; `drawbridge prove` decides from the documents")
        bucket = one.target.bucket
        with _asking("IAM's policy simulator cannot be asked"):
            client = ways.once(("iam", id(self.store)), lambda: self._iam(""))
            return simulator.simulate(client, vendor, self.store.account, self._policy(bucket), one)

    def advice(self, result: Result, one: Try, principal: Principal, documents: Documents) -> str:
        """Compares the live policy with the planned one."""
        try:
            with _asking("its policy cannot be read"):
                live = self._policy(one.target.bucket)
        except CannotAsk:
            live = None
        return s3_advice.advice(result, one, principal, documents, live)

    def differences(self, principal: Principal, documents: Documents) -> list[Difference]:
        """Of the bucket's policy, statement by statement."""
        with _asking(f"the policy of {self.bucket} cannot be read"):
            live = self._policy(self.bucket)
        # Only AWS names a user or a role of its own in a bucket policy by an account that is known here.
        account = {Token.of(self.store.kind, "account").name: self.store.account}
        known = replace(principal, arn=tokens.resolve(principal.arn, account))
        return list(s3_advice.differences(known, documents, live))

    def identity_differences(
        self, at: str, planned: PlannedIdentity, values: Mapping[str, str], settings: Iam
    ) -> list[tuple[Light, Difference]]:
        """Of its documents, keys, groups and boundary, of which only AWS's IAM has any."""
        with _asking(f"{planned.principal.words} cannot be asked for in IAM, so {iam.NOT_COMPARED}"):
            client = self._once("iam", lambda: self._iam(at))
            profile = self.store.connection.get("profile")
            options = (f" --profile {shlex.quote(profile)}" if profile else "") + (
                f" --endpoint-url {at}" if at else ""
            )
            return list(iam.differences(client, planned, values, Iam() if at else settings, options))

    def _iam(self, at: str) -> Any:
        """The owner's client for IAM; AWS's own finds its host itself."""
        if at:
            return user.client({"connection": {**self.store.connection, "iam": at}})
        return self.store.session.client("iam", config=SIMULATING)

    def _policy(self, bucket: str) -> dict[str, Any]:
        """A bucket's whole policy, empty where there is none."""
        answer = self._once(("policy", bucket), lambda: self.store.get("get_bucket_policy", bucket))
        return dict(json.loads(answer["Policy"])) if answer else {}

    def _keeps(self) -> str:
        """Why what is put into the bucket could not be removed again; "" where it can."""
        lock = self.store.get("get_object_lock_configuration", self.bucket) or {"ObjectLockConfiguration": {}}
        if lock["ObjectLockConfiguration"].get("Rule"):
            return "Object Lock"
        versioning = self.store.call("get_bucket_versioning", self.bucket)
        return "MFA Delete" if versioning.get("MFADelete") == "Enabled" else ""

    def _clear(self, folder: str, older_than: timedelta | None = None) -> set[str]:
        """Removes our probes, all of a folder or those that are old, and returns their names."""
        keys: dict[str, list[dict[str, Any]]] = {}
        for one in self._versions(folder):
            if _KEY.search(one["Key"]):
                keys.setdefault(one["Key"], []).append(one)
        before = datetime.now(UTC) - older_than if older_than else datetime.max.replace(tzinfo=UTC)
        old = {key: found for key, found in keys.items() if max(one["LastModified"] for one in found) < before}
        ours = {key: self._own(found) for key, found in old.items()}
        objects = [{"Key": key, "VersionId": one["VersionId"]} for key, found in ours.items() for one in found]
        for some in (objects[start : start + MOST] for start in range(0, len(objects), MOST)):
            answer = self.store.call("delete_objects", self.bucket, Delete={"Objects": some, "Quiet": True})
            for error in answer.get("Errors", []):
                raise CannotAsk(
                    f"{error['Key']} in {self.bucket} cannot be removed: {error['Code']} {error['Message']}"
                )
        return {key.rsplit("/", 1)[1] for key, found in ours.items() if found}

    def _own(self, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Our versions of one key; a delete marker bears no mark, and is ours where all that it hides is."""
        versions = [one for one in found if "Size" in one]
        ours = [one for one in versions if self._ours(one)]
        return found if versions and len(ours) == len(versions) else ours

    def _versions(self, folder: str) -> Iterator[dict[str, Any]]:
        owner = {"ExpectedBucketOwner": self.store.account} if self.store.account else {}
        pages = self.store.client.get_paginator("list_object_versions")
        try:
            for page in pages.paginate(Bucket=self.bucket, Prefix=folder, **owner):
                yield from page.get("Versions", [])
                yield from page.get("DeleteMarkers", [])
        except self.store.client.exceptions.NoSuchBucket:
            raise NoBucket(f"bucket {self.bucket} does not exist") from None

    def _ours(self, one: Mapping[str, Any]) -> bool:
        """By its content, or by its mark where the content's hash is not told, as with a KMS key."""
        if one["Size"] != len(CONTENT) or one["ETag"].strip('"') == HASH:
            return bool(one["Size"] == len(CONTENT))
        found = self.store.call("head_object", self.bucket, Key=one["Key"], VersionId=one["VersionId"])
        return dict(found["Metadata"]) == MARK

    def _some_key(self, bucket: str) -> str:
        found = self.store.call("list_objects_v2", bucket, MaxKeys=1).get("Contents", [])
        return str(found[0]["Key"]) if found else ""


def _list(client: Any, one: Try) -> Any:
    return client.list_objects_v2(Bucket=one.target.bucket, MaxKeys=1, **({"Prefix": one.at} if one.at else {}))


def _read(client: Any, one: Try) -> Any:
    if one.probes is None:  # nothing of ours, so no more than whether it could be read
        return client.head_object(Bucket=one.target.bucket, Key=one.at)
    answer = client.get_object(Bucket=one.target.bucket, Key=one.at)
    if answer["Body"].read() != CONTENT:
        raise ValueError("what came back is not what was put there")
    return answer


def _write(client: Any, one: Try) -> Any:
    return client.put_object(Bucket=one.target.bucket, Key=one.at, Body=CONTENT, Metadata=MARK)


def _delete(client: Any, one: Try) -> Any:
    return client.delete_object(Bucket=one.target.bucket, Key=one.at)


_REQUESTS: dict[str, Callable[[Any, Try], Any]] = {
    "list": _list,
    "read": _read,
    "write": _write,
    "overwrite": _write,
    "delete": _delete,
}


def _answer(error: ClientError, one: Try) -> Result:
    about, response = error.response["Error"], error.response.get("ResponseMetadata", {})
    status, code = response.get("HTTPStatusCode", 0), str(about.get("Code", ""))
    # An answer to HEAD has no body, so it has to be the store's by its header, and not that of a proxy.
    bare = code == "403" and error.operation_name == "HeadObject" and "x-amz-request-id" in response["HTTPHeaders"]
    assuming = error.operation_name == "AssumeRole" and one.check != "come"
    came = Came.TURNED_AWAY if code in STRANGER or (assuming and code == TOO_LONG) else Came.FAILED
    if status == 403 and (code in DENIED or bare):
        # Who cannot assume its role was not refused by the bucket.
        came = Came.TURNED_AWAY if assuming else Came.REFUSED
    return Result(came, status, code, str(about.get("Message", "")))


def _client(identity: Identity, connection: Mapping[str, Any], endpoints: Endpoints, tls: bool) -> Any:
    """A client as somebody; raises ClientError."""
    region = connection["region"]
    nobody = isinstance(identity, Nobody)
    comes = boto3.Session(region_name=region) if nobody else session(identity, region, endpoints)
    mapped = endpoints.stores.get(connection["kind"])
    real = connection.get("endpoint")
    endpoint = (mapped.endpoint if tls else mapped.plain) if mapped else real if tls else _plain(real, region)
    config = Config(
        signature_version=UNSIGNED if nobody else "s3v4",
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        max_pool_connections=AT_ONCE,
    )
    return comes.client("s3", endpoint_url=endpoint, verify=endpoints.ca or None, config=WAITING.merge(config))


def _plain(endpoint: str | None, region: str) -> str:
    """The real host without TLS."""
    host = endpoint or f"https://s3.{region}.amazonaws.com"
    return host.replace("https://", "http://", 1)


@contextmanager
def _asking(words: str) -> Iterator[None]:
    """Errors of the owner's own requests as CannotAsk, with what was wanted."""
    try:
        yield
    except (ClientError, BotoCoreError, NoBucket, Failed) as error:
        raise CannotAsk(f"{words}: {error}") from None
