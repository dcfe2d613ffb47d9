"""What the resource types of S3 share: errors that mean "gone", and settings that belong to a bucket."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from sandbox.providers.standin import Gone, Properties, ResourceType

_GONE = {
    "404",
    "NoSuchBucket",
    "NoSuchLifecycleConfiguration",
    "NoSuchPublicAccessBlockConfiguration",
    "OwnershipControlsNotFoundError",
    "ServerSideEncryptionConfigurationNotFoundError",
}


@contextmanager
def gone_when_missing() -> Iterator[None]:
    """Turns S3's errors for what is not there into Gone."""
    try:
        yield
    except ClientError as error:
        if error.response["Error"]["Code"] in _GONE:
            raise Gone(str(error)) from None
        raise


class BucketSetting(ResourceType):
    """A setting of one bucket, whose id is the bucket's name; creating it again sets it again, as on AWS."""

    computed = frozenset({"region"})
    replace = frozenset({"bucket", "region"})

    @abstractmethod
    def put(self, s3: Any, bucket: str, inputs: Properties) -> None:
        """Sets it."""

    @abstractmethod
    def get(self, s3: Any, bucket: str) -> Properties:
        """The setting in the provider's spelling; raises Gone or S3's error for what is not set."""

    @abstractmethod
    def unset(self, s3: Any, bucket: str) -> None:
        """Takes it away."""

    def create(self, cloud: Any, inputs: Properties) -> str:
        """Sets it."""
        self.put(cloud.s3(inputs.get("region")), inputs["bucket"], inputs)
        return str(inputs["bucket"])

    def read(self, cloud: Any, identity: str, region: str | None) -> Properties:
        """What is set."""
        with gone_when_missing():
            return {"bucket": identity, "region": region or cloud.region, **self.get(cloud.s3(region), identity)}

    def update(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Sets it again."""
        self.put(cloud.s3(inputs.get("region")), identity, inputs)

    def delete(self, cloud: Any, identity: str, inputs: Properties) -> None:
        """Takes it away."""
        self.unset(cloud.s3(inputs.get("region")), identity)
