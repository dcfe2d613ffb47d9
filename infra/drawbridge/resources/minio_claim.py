"""Whether a name is free on the MinIO server that has the buckets: it gives a user of that name another secret."""

from __future__ import annotations

import json
import os
from urllib.parse import urlencode, urlsplit

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, ReadResult, UpdateResult

from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties, explained
from drawbridge.resources.store import store

NEEDED = ("MINIO_ENDPOINT", "MINIO_USER", "MINIO_PASSWORD")
# What is asked, and MinIO's code for what is not there: github.com/minio/minio, cmd/admin-router.go, cmd/api-errors.go
_ASKED = {
    "user": ("user-info", "accessKey", "XMinioAdminNoSuchUser"),
    "policy": ("info-canned-policy", "name", "XMinioAdminNoSuchPolicy"),
}


class MinioClaimOperations(Operations):
    """Properties: `user`, which its policy is called as well, and `connection` (see Store), that of its buckets.

    The server and the keys with which users are made come from pulumi-minio's environment.
    """

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: another server, or somebody else's user or policy of that name."""
        known = _olds.get("user") == news["user"]
        try:
            found = (_moved(_olds, news) if known else "") or another_server(news["connection"])
            found = found or ("" if known else taken(news["user"]))
        except Failed as failed:
            # What is in the state already can be ended, whatever trouble its store is in.
            found = "" if known else str(failed)
        return CheckResult(news, [CheckFailure("", found)] if found else [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another name is another claim."""
        return DiffResult(any(_olds.get(key) != _news[key] for key in ("user", "connection")))

    def create(self, props: Properties) -> CreateResult:
        """Asks once more, just before the user is made."""
        if found := another_server(props["connection"]) or taken(props["user"]):
            raise Failed(found)
        return CreateResult(props["user"], props)

    def read(self, id_: str, props: Properties) -> ReadResult:
        """That the user is looked for where it was made: on another server it would seem to be gone."""
        if found := another_server(props["connection"]):
            raise Failed(found)
        return ReadResult(id_, props)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Another name was asked for in the check."""
        return UpdateResult(_news)


class MinioClaim(DynamicResource, name="MinioClaim", operations=MinioClaimOperations, secret_outputs=()):
    """Goes before a user that pulumi-minio makes, which would take over one that is there already."""


def another_server(connection: Properties) -> str:
    """Why users would be made on another server than the one with their buckets; "" where it is one. Raises Failed."""
    buckets, users = store(connection).client.meta.endpoint_url, _server(_environment())
    if _place(buckets) == _place(users):
        return ""
    return (
        f"MINIO_ENDPOINT and MINIO_ENABLE_HTTPS lead to {users}, where users would be made, but the buckets are at "
        f"{buckets}, as the profile's endpoint_url or else `endpoint` in storage.yaml says; let both lead to one server"
    )


@explained
def taken(name: str) -> str:
    """What of that name is on the server already; "" where nothing is. Raises Failed."""
    for what in _ASKED:
        if _there(what, name):
            return (
                f"{what} {name} exists on the MinIO server already, and this stack did not make it; delete it, or set "
                "drawbridge:iam_name_prefix so that ours is called otherwise"
            )
    return ""


def _there(what: str, name: str) -> bool:
    """Asks MinIO's admin API, whose answers to these two questions are not encrypted."""
    from botocore.auth import S3SigV4Auth
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import Credentials
    from botocore.httpsession import URLLib3Session

    environment = _environment()
    path, parameter, absent = _ASKED[what]
    url = f"{_server(environment)}/minio/admin/v3/{path}?{urlencode({parameter: name})}"
    request = AWSRequest("GET", url)
    S3SigV4Auth(Credentials(environment["MINIO_USER"], environment["MINIO_PASSWORD"]), "s3", "us-east-1").add_auth(
        request
    )
    answer = URLLib3Session(verify=environment["MINIO_CACERT_FILE"] or True).send(request.prepare())
    code = _code(answer.text)
    if answer.status_code not in (200, 404) or (answer.status_code == 404 and code != absent):
        raise Failed(
            f"the MinIO server does not say whether there is a {what} {name}: {answer.status_code} {code}".rstrip()
        )
    return bool(answer.status_code == 200)


def _code(text: str) -> str:
    """The code of an error, as far as it is MinIO's."""
    try:
        found = json.loads(text)
    except ValueError:
        return ""
    return str(found.get("Code", "")) if isinstance(found, dict) else ""


def _environment() -> dict[str, str]:
    """What pulumi-minio is told; raises Failed."""
    found = {key: os.environ.get(key, "") for key in (*NEEDED, "MINIO_ENABLE_HTTPS", "MINIO_CACERT_FILE")}
    if missing := [key for key in NEEDED if not found[key]]:
        raise Failed(
            f"pulumi-minio takes the server and its keys from the environment, which lacks {', '.join(missing)}"
        )
    return found


def _server(environment: dict[str, str]) -> str:
    scheme = "https" if environment["MINIO_ENABLE_HTTPS"].lower() in ("1", "t", "true") else "http"
    return f"{scheme}://{environment['MINIO_ENDPOINT']}"


def _place(url: str) -> tuple[str, str, int]:
    """What two spellings of one address have in common."""
    found = urlsplit(url)
    return found.scheme, (found.hostname or "").removesuffix("."), found.port or {"http": 80}.get(found.scheme, 443)


def _moved(olds: Properties, news: Properties) -> str:
    """Why a user cannot go to another server, where nothing would end the one that there is; "" if it stays."""
    after = news["connection"]["endpoint"]
    before = (olds.get("connection") or news["connection"])["endpoint"]
    if before == after:
        return ""
    return (
        f"user {news['user']} was made at {before} and cannot move to {after}: remove its grant, run `up` with "
        f"MINIO_ENDPOINT at {before}, which ends its keys, then add the grant again"
    )
