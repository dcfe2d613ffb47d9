"""Dynamic resources say which outputs are secret, or they cannot be defined; errors are one line."""

from __future__ import annotations

import base64
from typing import Any

import pytest
from botocore.exceptions import ClientError, NoCredentialsError
from pulumi.dynamic.dynamic import serialize_provider

from drawbridge.resources.base import DynamicResource, Failed, Operations
from drawbridge.resources.bucket import Bucket
from drawbridge.resources.claim import BucketClaim
from drawbridge.resources.cors import BucketCors
from drawbridge.resources.lifecycle import BucketLifecycle
from drawbridge.resources.statements import BucketStatements


def test_a_class_that_does_not_name_its_secret_outputs_cannot_be_defined() -> None:
    with pytest.raises(TypeError, match="secret_outputs"):

        class Silent(DynamicResource, name="Silent", operations=Operations):  # type: ignore[call-arg]
            """Says nothing."""


@pytest.mark.parametrize("resource", [Bucket, BucketClaim, BucketStatements, BucketCors, BucketLifecycle])
def test_every_resource_names_them_and_keeps_only_its_name_in_the_state(resource: type[DynamicResource]) -> None:
    assert resource.secret_outputs == ()
    kept = base64.b64decode(serialize_provider(resource.operations()))
    assert resource.operations.__name__.encode() in kept
    assert len(kept) < 150, "the state would hold code"


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NoCredentialsError(), "Unable to locate credentials"),
        (
            ClientError({"Error": {"Code": "AccessDenied", "Message": "no"}}, "PutBucketPolicy"),
            r"An error occurred \(AccessDenied\) when calling the PutBucketPolicy operation: no",
        ),
    ],
)
def test_errors_of_aws_become_one_line(error: Exception, said: str) -> None:
    class Breaking(Operations):
        """Fails."""

        def create(self, props: dict[str, Any]) -> Any:  # noqa: ARG002
            raise error

    with pytest.raises(Failed, match=f"^{said}$") as failed:
        Breaking().create({})
    assert failed.value.__suppress_context__
