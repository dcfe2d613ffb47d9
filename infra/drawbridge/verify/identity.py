"""How somebody comes to a store: with keys, through a role, as who stands in for a vendor, or as nobody."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from drawbridge.verify.endpoints import Endpoints

if TYPE_CHECKING:
    import boto3

WRONG_EXTERNAL_ID = "drawbridge-wrong-external-id"


class CannotCome(Exception):
    """Nobody can come as this from here; the message says why. It is no fault of the grant."""


class Identity(ABC):
    """Whoever comes; two that are equal come in the same way."""

    @abstractmethod
    def session(self, region: str, endpoints: Endpoints) -> boto3.Session | None:
        """What signs its requests, None for nobody; raises CannotCome, and ClientError where it is turned away."""

    def wrong(self) -> Mapping[str, Identity]:
        """The same with something wrong, which has to be turned away before it reaches the store."""
        return {}


@dataclass(frozen=True)
class Nobody(Identity):
    """Who does not sign."""

    def session(self, region: str, endpoints: Endpoints) -> None:
        """None."""


@dataclass(frozen=True)
class Vendor(Identity):
    """A principal of a platform's own account: only who stands in for it, by the endpoint map, can come as it."""

    arn: str

    def session(self, region: str, endpoints: Endpoints) -> boto3.Session:
        """With the keys of the stand-in's profile."""
        if self.arn not in endpoints.principals:
            raise CannotCome(f"only the platform itself can come as {self.arn}")
        import boto3

        return boto3.Session(profile_name=endpoints.principals[self.arn], region_name=region)


@dataclass(frozen=True)
class Keys(Identity):
    """An access key that was handed to the platform."""

    access_key: str = field(repr=False)
    secret_key: str = field(repr=False)

    def session(self, region: str, _endpoints: Endpoints) -> boto3.Session:
        """With the key itself."""
        import boto3

        return boto3.Session(self.access_key, self.secret_key, region_name=region)


@dataclass(frozen=True)
class Role(Identity):
    """A role of ours that the platform assumes from its own account, with an external id or with none."""

    arn: str
    external_id: str = field(repr=False)
    by: Identity

    def session(self, region: str, endpoints: Endpoints) -> boto3.Session:
        """A session of the role; raises ClientError where it does not let in whoever comes."""
        import boto3

        caller = self.by.session(region, endpoints)
        assert caller is not None, "nobody can assume a role"  # noqa: S101
        place = endpoints.stores.get("aws")
        sts = caller.client("sts", endpoint_url=place and place.endpoint, verify=endpoints.ca or None)
        given = {"ExternalId": self.external_id} if self.external_id else {}
        answer = sts.assume_role(RoleArn=self.arn, RoleSessionName="drawbridge-verify", **given)
        keys = answer["Credentials"]
        return boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"], region_name=region)

    def wrong(self) -> Mapping[str, Identity]:
        """With another external id, and with none."""
        if not self.external_id:
            return {}
        return {
            "a wrong external id": Role(self.arn, WRONG_EXTERNAL_ID, self.by),
            "no external id": Role(self.arn, "", self.by),
        }
