"""The condition keys of a request, and which of AWS's keys the sandbox can answer for.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from drawbridge.proof.judge import Policy
from sandbox.guard.principals import NOBODY, SESSION, USER
from sandbox.guard.signature import ALGORITHM
from sandbox.guard.visit import Visit

Context = dict[str, str | list[str]]
GIVEN = {
    "aws:SecureTransport", "aws:SourceIp", "aws:UserAgent", "aws:Referer", "aws:CurrentTime", "aws:EpochTime",
    "aws:PrincipalType", "aws:userid", "aws:PrincipalArn", "aws:PrincipalAccount", "aws:username",
    "aws:ResourceAccount", "aws:RequestedRegion", "aws:ViaAWSService", "aws:PrincipalIsAWSService",
    "aws:MultiFactorAuthPresent",
    "s3:ResourceAccount", "s3:authType", "s3:signatureversion", "s3:signatureAge", "s3:TlsVersion",
    "s3:x-amz-content-sha256", "s3:prefix", "s3:delimiter", "s3:max-keys", "s3:versionid", "s3:locationconstraint",
    "s3:x-amz-object-ownership", "s3:x-amz-acl", "s3:x-amz-copy-source", "s3:x-amz-metadata-directive",
    "s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id", "s3:x-amz-storage-class",
    "s3:x-amz-website-redirect-location", "s3:if-match", "s3:if-none-match", "s3:object-lock-mode",
    "s3:object-lock-retain-until-date", "s3:object-lock-legal-hold", "s3:RequestObjectTagKeys",
    "sts:ExternalId", "sts:RoleSessionName", "iam:PolicyARN", "iam:PermissionsBoundary",
}  # fmt: skip
# Nothing in the sandbox comes through a VPC, from an organization, from a service or with MFA, so these are never set.
NEVER = {
    "aws:SourceVpc", "aws:SourceVpce", "aws:VpcSourceIp", "aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID",
    "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:ResourceOrgID", "aws:ResourceOrgPaths", "aws:CalledVia",
    "aws:CalledViaFirst", "aws:CalledViaLast", "aws:PrincipalServiceName", "aws:PrincipalServiceNamesList",
    "aws:FederatedProvider", "aws:MultiFactorAuthAge", "aws:SourceIdentity", "aws:SourceOwner",
    "aws:Ec2InstanceSourceVpc", "aws:Ec2InstanceSourcePrivateIPv4", "ec2:SourceInstanceArn",
    "s3:x-amz-grant-read", "s3:x-amz-grant-write", "s3:x-amz-grant-read-acp", "s3:x-amz-grant-write-acp",
    "s3:x-amz-grant-full-control", "s3:x-amz-server-side-encryption-customer-algorithm", "s3:DataAccessPointArn",
    "s3:DataAccessPointAccount", "s3:AccessPointNetworkOrigin", "sts:SourceIdentity", "sts:TransitiveTagKeys",
}  # fmt: skip
_KNOWN = {key.lower() for key in GIVEN | NEVER}
_TAGS = "s3:requestobjecttag/"
_VARIABLE = re.compile(r"\$\{([^}*?$,]+)[^}]*\}")


def common(visit: Visit) -> Context:
    """The global keys that every action knows."""
    request, who, now = visit.request, visit.who, visit.now
    found: Context = {
        "aws:SecureTransport": str(request.secure).lower(),
        "aws:SourceIp": request.address,
        "aws:CurrentTime": now.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "aws:EpochTime": str(int(now.timestamp())),
        "aws:PrincipalType": who.kind,
        "aws:userid": who.user_id,
        "aws:ViaAWSService": "false",
        "aws:PrincipalIsAWSService": "false",
    }
    for header, key in (("user-agent", "aws:UserAgent"), ("referer", "aws:Referer")):
        if header in request.headers:
            found[key] = request.headers[header]
    if visit.claim:
        found["aws:RequestedRegion"] = visit.region
    if who.kind != NOBODY and who.issuer:
        found |= {"aws:PrincipalArn": who.issuer, "aws:PrincipalAccount": who.account}
    if who.kind == USER:
        found["aws:username"] = who.name
    if who.kind == SESSION:
        found["aws:MultiFactorAuthPresent"] = "false"
    return found


def of_s3(visit: Visit, owner: str) -> Context:
    """The keys that every action of S3 knows."""
    found: Context = {"aws:ResourceAccount": owner, "s3:ResourceAccount": owner}
    if visit.request.secure:
        found["s3:TlsVersion"] = visit.request.tls_version
    if visit.claim:
        age = max(0, int((visit.now - visit.claim.at).total_seconds() * 1000))
        found |= {"s3:authType": visit.claim.auth_type, "s3:signatureversion": ALGORITHM, "s3:signatureAge": str(age)}
        found["s3:x-amz-content-sha256"] = visit.payload
    return found


def unknown_keys(policy: Policy) -> list[str]:
    """The condition keys and variables of a document that the sandbox can say nothing of."""
    used = {*_condition_keys(policy), *_VARIABLE.findall(str(policy))}
    return sorted(key for key in used if key.lower() not in _KNOWN and not key.lower().startswith(_TAGS))


def _condition_keys(policy: Policy) -> Iterator[str]:
    statements: Any = policy.get("Statement", [])
    for statement in [statements] if isinstance(statements, Mapping) else statements:
        conditions = statement.get("Condition", {}) if isinstance(statement, Mapping) else {}
        for keys in conditions.values() if isinstance(conditions, Mapping) else ():
            yield from keys if isinstance(keys, Mapping) else ()
