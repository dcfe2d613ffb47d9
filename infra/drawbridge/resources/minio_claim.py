"""Whether a name is free on a MinIO server, which gives a user of that name another secret instead of refusing."""

from __future__ import annotations

import json
import os
from urllib.parse import urlencode

from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, UpdateResult

from drawbridge.resources.base import DynamicResource, Failed, Operations, Properties, explained

NEEDED = ("MINIO_ENDPOINT", "MINIO_USER", "MINIO_PASSWORD")
# What is asked, and MinIO's code for what is not there: github.com/minio/minio, cmd/admin-router.go, cmd/api-errors.go
_ASKED = {
    "user": ("user-info", "accessKey", "XMinioAdminNoSuchUser"),
    "policy": ("info-canned-policy", "name", "XMinioAdminNoSuchPolicy"),
}


class MinioClaimOperations(Operations):
    """Properties: `user`, which its policy is called as well; server and keys come from pulumi-minio's environment."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """At preview already: somebody else's user or policy of that name; what is in the state is not asked again."""
        if _olds.get("user") == news["user"]:
            return CheckResult(news, [])
        try:
            found = taken(news["user"])
        except Failed as failed:
            return CheckResult(news, [CheckFailure("", str(failed))])
        return CheckResult(news, [CheckFailure("", found)] if found else [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another name is another claim."""
        return DiffResult(_olds.get("user") != _news["user"])

    def create(self, props: Properties) -> CreateResult:
        """Asks once more, just before the user is made."""
        if found := taken(props["user"]):
            raise Failed(found)
        return CreateResult(props["user"], props)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Another name was asked for in the check."""
        return UpdateResult(_news)


class MinioClaim(DynamicResource, name="MinioClaim", operations=MinioClaimOperations, secret_outputs=()):
    """Goes before a user that pulumi-minio makes, which would take over one that is there already."""


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

    environment = {key: os.environ.get(key, "") for key in (*NEEDED, "MINIO_ENABLE_HTTPS", "MINIO_CACERT_FILE")}
    if missing := [key for key in NEEDED if not environment[key]]:
        raise Failed(
            f"pulumi-minio takes the server and its keys from the environment, which lacks {', '.join(missing)}"
        )
    scheme = "https" if environment["MINIO_ENABLE_HTTPS"].lower() in ("1", "t", "true") else "http"
    path, parameter, absent = _ASKED[what]
    url = f"{scheme}://{environment['MINIO_ENDPOINT']}/minio/admin/v3/{path}?{urlencode({parameter: name})}"
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
