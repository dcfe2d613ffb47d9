"""What happens to a resource of each type in its life, as the deployer; others are the administrator's doing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from drawbridge.deployer.deployed import Deployed
from drawbridge.plan import PlannedStorage
from drawbridge.resources.base import Failed, Operations
from drawbridge.resources.claim import ClaimOperations
from drawbridge.resources.cors import CorsOperations
from drawbridge.resources.identity_claim import IdentityClaim, Kind
from drawbridge.resources.lifecycle import LifecycleOperations
from drawbridge.resources.placeholder import PlaceholderOperations
from drawbridge.resources.statements import StatementOperations
from drawbridge.resources.store import OURS, store
from drawbridge.resources.user_keys import UserKeysOperations
from drawbridge.storage import existing
from drawbridge.storage.aws import AwsBucket
from sandbox.providers.aws.access_key import AccessKey
from sandbox.providers.aws.bucket import Bucket
from sandbox.providers.aws.encryption import Encryption
from sandbox.providers.aws.ownership_controls import OwnershipControls
from sandbox.providers.aws.public_access_block import PublicAccessBlock
from sandbox.providers.aws.role import Role
from sandbox.providers.aws.role_policy import RolePolicy
from sandbox.providers.aws.user import User
from sandbox.providers.aws.user_policy import UserPolicy
from sandbox.providers.aws.versioning import Versioning
from sandbox.providers.standin import ResourceType
from tests.deployer.conftest import ACCOUNT, PROFILE, REGION, Deployer
from tests.files import plan

BOUNDARY = f"arn:aws:iam::{ACCOUNT}:policy/deployer-boundary"
MAKER = "drawbridge/test"
MOVED = "/elsewhere/"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "916419735646"}, "Action": "sts:AssumeRole"}],
}
POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}
)
PUBLIC = {"Sid": "Everybody", "Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}


@dataclass
class Life:
    """One resource from its making to its end."""

    deployer: Deployer
    tmp_path: Path
    name: str = field(default_factory=lambda: f"life-{uuid.uuid4().hex[:12]}")

    def __post_init__(self) -> None:
        self.cloud = self.deployer.cloud
        self.connection = {"kind": "aws", "region": REGION, "profile": PROFILE, "account": ACCOUNT, "assume_roles": []}

    def deployed(self, kind: str) -> list[Deployed]:
        """What the policy is written for; a bucket that is written to is asked what every existing one is, too.

        Who moves a user needs what the files name now and what they named before.
        """
        found = [self._deployed(one) for one in dict.fromkeys((kind.partition(", ")[0], kind))]
        return [*found, self._deployed(kind, MOVED)] if kind == User.name else found

    def _deployed(self, kind: str, path: str = "/") -> Deployed:
        arns = {"bucket": f"arn:aws:s3:::{self.name}", "object": f"arn:aws:s3:::{self.name}/folder/"}
        who = "role" if "role" in kind.lower() else "user"
        about = {**arns, "identity": f"arn:aws:iam::{ACCOUNT}:{who}{path}{self.name}"}
        return Deployed(kind, about, {"iam:PermissionsBoundary": BOUNDARY}, kept=kind == "aws:s3/bucket:Bucket")

    def lived(self, kind: ResourceType, inputs: dict[str, Any], *changes: dict[str, Any], kept: bool = False) -> None:
        """Made, read, changed and read, deleted."""
        made = kind.create(self.cloud, inputs)
        identity = made if isinstance(made, str) else made[0]
        kind.known(self.cloud, identity, inputs)
        for change in changes:
            kind.update(self.cloud, identity, {**inputs, **change})
            kind.known(self.cloud, identity, {**inputs, **change})
        if not kept:
            kind.delete(self.cloud, identity, inputs)

    def setting(self, kind: ResourceType, first: dict[str, Any], second: dict[str, Any]) -> None:
        """A bucket's setting, on a bucket that is there."""
        self.bucket()
        self.lived(kind, {"bucket": self.name, "region": REGION, **first}, second)

    def parts(self, operations: Operations, *parts: dict[str, Any]) -> None:
        """Our part of a bucket's document: put, read, taken out by a change, put again and removed."""
        self.bucket()
        props = {"connection": self.connection, "bucket": self.name, "parts": list(parts)}
        checked(operations, {}, props)
        outs = operations.create(props).outs or {}
        operations.read(self.name, outs)
        outs = operations.update(self.name, outs, {**props, "parts": []}).outs or {}
        outs = operations.update(self.name, outs, props).outs or {}
        operations.delete(self.name, outs)

    def bucket(self) -> Any:
        """A bucket that somebody made."""
        s3 = self.deployer.buckets
        s3.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION})
        return s3

    def role(self) -> None:
        """A role within the boundary."""
        trust = json.dumps(TRUST)
        self.deployer.iam.create_role(RoleName=self.name, AssumeRolePolicyDocument=trust, PermissionsBoundary=BOUNDARY)

    def user(self) -> None:
        """A user within the boundary."""
        self.deployer.iam.create_user(UserName=self.name, PermissionsBoundary=BOUNDARY)


def checked(operations: Operations, olds: dict[str, Any], news: dict[str, Any]) -> None:
    for failure in operations.check(olds, dict(news)).failures:
        raise Failed(failure.reason)


def bucket(life: Life) -> None:
    life.lived(Bucket(), {"bucket": life.name, "region": REGION, "tags": {"drawbridge": MAKER}}, kept=True)


def public_access_block(life: Life) -> None:
    off = dict.fromkeys(("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets"), False)
    life.setting(PublicAccessBlock(), off, {"blockPublicAcls": True})


def ownership_controls(life: Life) -> None:
    enforced, writer = ({"rule": {"objectOwnership": who}} for who in ("BucketOwnerEnforced", "ObjectWriter"))
    life.setting(OwnershipControls(), enforced, writer)


def encryption(life: Life) -> None:
    rules = {"rules": [{"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}]}
    life.setting(Encryption(), rules, rules)


def versioning(life: Life) -> None:
    on, off = ({"versioningConfiguration": {"status": status}} for status in ("Enabled", "Suspended"))
    life.setting(Versioning(), on, off)


def role(life: Life) -> None:
    """Also one that has lost its boundary, and was given policies by hand."""
    iam, kind = life.deployer.iam, Role()
    trust = json.dumps(TRUST, separators=(",", ":"))
    inputs = {"name": life.name, "path": "/", "assumeRolePolicy": trust, "maxSessionDuration": 3600, "tags": {"a": "b"}}
    inputs |= {"permissionsBoundary": BOUNDARY, "forceDetachPolicies": True}
    identity = kind.create(life.cloud, inputs)
    iam.put_role_policy(RoleName=life.name, PolicyName="one", PolicyDocument=POLICY)
    iam.attach_role_policy(RoleName=life.name, PolicyArn=BOUNDARY)
    iam.delete_role_permissions_boundary(RoleName=life.name)
    other = trust.replace("916419735646", "258327614892")
    kind.update(life.cloud, identity, {**inputs, "tags": {}, "assumeRolePolicy": other, "maxSessionDuration": 43200})
    kind.delete(life.cloud, identity, inputs)


def role_policy(life: Life) -> None:
    life.role()
    life.lived(RolePolicy(), {"role": life.name, "name": "drawbridge", "policy": POLICY}, {})


def user(life: Life) -> None:
    """Also one that moves, has lost its boundary, and is given by hand whatever a user can come with."""
    kind, iam = User(), life.deployer.iam
    inputs = {"name": life.name, "path": "/", "tags": {"a": "b"}, "permissionsBoundary": BOUNDARY, "forceDestroy": True}
    identity = kind.create(life.cloud, inputs)
    kind.update(life.cloud, identity, {**inputs, "path": MOVED})
    kind.update(life.cloud, identity, inputs)
    iam.delete_user_permissions_boundary(UserName=life.name)
    kind.update(life.cloud, identity, {**inputs, "tags": {}})
    iam.create_access_key(UserName=life.name)
    iam.put_user_policy(UserName=life.name, PolicyName="theirs", PolicyDocument=POLICY)
    iam.attach_user_policy(UserName=life.name, PolicyArn=BOUNDARY)
    iam.upload_ssh_public_key(UserName=life.name, SSHPublicKeyBody="ssh-rsa AAAA")
    iam.upload_signing_certificate(UserName=life.name, CertificateBody=_certificate())
    iam.enable_mfa_device(
        UserName=life.name, SerialNumber=life.name, AuthenticationCode1="111111", AuthenticationCode2="222222"
    )
    iam.create_service_specific_credential(UserName=life.name, ServiceName="codecommit.amazonaws.com")
    kind.delete(life.cloud, identity, inputs)


def _certificate() -> str:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "theirs")])
    begin = datetime.now(UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), 1, begin, begin + timedelta(days=1))
    return made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM).decode()


def user_policy(life: Life) -> None:
    life.user()
    life.lived(UserPolicy(), {"user": life.name, "name": "drawbridge", "policy": POLICY}, {})


def access_key(life: Life) -> None:
    life.user()
    life.lived(AccessKey(), {"user": life.name, "status": "Active"}, {"status": "Inactive"})


def user_keys(life: Life) -> None:
    life.user()
    props = {"connection": life.connection, "user": life.name, "keys": []}
    operations = UserKeysOperations()
    checked(operations, {}, props)
    operations.read("keys", operations.create(props).outs or {})


def role_name(life: Life) -> None:
    """Which nobody has yet."""
    assert not _claim(life, "role").is_left()


def user_name(life: Life) -> None:
    assert not _claim(life, "user").is_left()
    checked(UserKeysOperations(), {}, {"connection": life.connection, "user": life.name, "keys": []})


def claimed_role(life: Life) -> None:
    """Left by a run that died before it was kept in the state."""
    life.role()
    life.deployer.iam.tag_role(RoleName=life.name, Tags=[{"Key": OURS, "Value": MAKER}])
    life.deployer.iam.put_role_policy(RoleName=life.name, PolicyName="drawbridge", PolicyDocument=POLICY)
    _settle(life, "role")


def claimed_user(life: Life) -> None:
    life.user()
    life.deployer.iam.tag_user(UserName=life.name, Tags=[{"Key": OURS, "Value": MAKER}])
    life.deployer.iam.put_user_policy(UserName=life.name, PolicyName="drawbridge", PolicyDocument=POLICY)
    life.deployer.iam.create_access_key(UserName=life.name)
    _settle(life, "user")


def _settle(life: Life, kind: Kind) -> None:
    claimed = _claim(life, kind)
    assert claimed.is_left()
    claimed.end()


def _claim(life: Life, kind: Kind) -> IdentityClaim:
    return IdentityClaim(kind, life.name, MAKER, lambda: life.cloud.client("iam"), str)


def claim(life: Life) -> None:
    """Of an empty bucket that a run left which died before it tagged it."""
    life.bucket()
    props = {"connection": life.connection, "bucket": life.name, "maker": MAKER, "adopt": True}
    ClaimOperations().create(props)


def statements(life: Life) -> None:
    arn = f"arn:aws:s3:::{life.name}/*"
    theirs = {"AWS": "arn:aws:iam::258327614892:root"}
    statement = {"Sid": "One", "Effect": "Allow", "Principal": theirs, "Action": "s3:GetObject", "Resource": arn}
    life.parts(StatementOperations(), statement)


def cors(life: Life) -> None:
    life.parts(CorsOperations(), {"ID": "one", "AllowedMethods": ["GET"], "AllowedOrigins": ["https://example.org"]})


def lifecycle(life: Life) -> None:
    old = {"NoncurrentVersionExpiration": {"NoncurrentDays": 9}}
    life.parts(LifecycleOperations(), {"ID": "one", "Status": "Enabled", "Filter": {"Prefix": ""}, **old})


def placeholder(life: Life) -> None:
    life.bucket()
    props = {"connection": life.connection, "bucket": life.name, "folder": "folder/"}
    operations = PlaceholderOperations()
    operations.read("one", operations.create(props).outs or {})


def existing_bucket(life: Life) -> None:
    """One that lets everybody in, as the worst of those that are there already."""
    s3 = life.bucket()
    everybody = {**PUBLIC, "Resource": f"arn:aws:s3:::{life.name}/*"}
    s3.put_bucket_policy(Bucket=life.name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [everybody]}))
    planned = _planned(life, "read-only")
    _told(life, planned, existing.lacking_on_aws)


def written_to(life: Life) -> None:
    life.bucket()
    _told(life, _planned(life, "read-write"), None)


def _planned(life: Life, access: str) -> PlannedStorage:
    storage = f"s: {{kind: aws, bucket: {life.name}, region: {REGION}, existing: true}}"
    grant = f"name: g\nplatform: v7\nstorage: s\naccess: {access}\nprefixes: [a/]"
    return plan(life.tmp_path / life.name, storage, g=grant).storages["s"]


def _told(life: Life, planned: PlannedStorage, more: Callable[..., Iterator[Any]] | None) -> None:
    """As `inspect` asks, which only a Pulumi program can be asked for."""
    storage, at = planned.storage, store(life.connection)
    assert isinstance(storage, AwsBucket)
    for finding in existing.elsewhere(storage, at) if more else ():
        raise Failed(finding.message)
    list(existing.lacking(storage, at, planned.accesses))
    list(more(storage, at, planned.accesses)) if more else None


LIVES: dict[str, Callable[[Life], None]] = {
    "aws:s3/bucket:Bucket": bucket,
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock": public_access_block,
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls": ownership_controls,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration": encryption,
    "aws:s3/bucketVersioning:BucketVersioning": versioning,
    "aws:iam/role:Role": role,
    "aws:iam/rolePolicy:RolePolicy": role_policy,
    "aws:iam/user:User": user,
    "aws:iam/userPolicy:UserPolicy": user_policy,
    "aws:iam/accessKey:AccessKey": access_key,
    "drawbridge:UserKeys": user_keys,
    "role name": role_name,
    "user name": user_name,
    "claimed role": claimed_role,
    "claimed user": claimed_user,
    "drawbridge:BucketClaim": claim,
    "drawbridge:BucketStatements": statements,
    "drawbridge:BucketCors": cors,
    "drawbridge:BucketLifecycle": lifecycle,
    "drawbridge:Placeholder": placeholder,
    "existing bucket": existing_bucket,
    "existing bucket, written to": written_to,
}
