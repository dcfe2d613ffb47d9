"""S3: what a request asks for, whether all that it needs is allowed, and what else S3 refuses."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import quote, unquote, urlencode

from moto.s3.models import S3Backend, s3_backends
from werkzeug.wrappers import Response

from drawbridge.proof.judge import Policy
from sandbox.guard import batch, context, operations, policies, public, store, values
from sandbox.guard.answers import Refused, denied, element, unknown
from sandbox.guard.asked import Asked, read
from sandbox.guard.court import Court, Wish
from sandbox.guard.principals import document
from sandbox.guard.request import one_each
from sandbox.guard.signature import own_pairs
from sandbox.guard.store import Order, Place
from sandbox.guard.visit import Visit

CONTROL = "/v20180820/configuration/publicAccessBlock"
# Access control lists that let nobody in who makes requests here: the owner's own, and AWS's log delivery.
PRIVATE_ACLS = {"private", "bucket-owner-read", "bucket-owner-full-control", "log-delivery-write"}
# Headers of a write that its permission has condition keys for.
WRITE_KEYS = {
    "if-match": "s3:if-match",
    "if-none-match": "s3:if-none-match",
    **{
        f"x-amz-{name}": f"s3:{name}"
        for name in ("object-lock-mode", "object-lock-retain-until-date", "object-lock-legal-hold")
    },
    **{
        f"x-amz-{name}": f"s3:x-amz-{name}"
        for name in ("acl", "copy-source", "metadata-directive", "server-side-encryption", "storage-class",
                     "server-side-encryption-aws-kms-key-id", "website-redirect-location")
    },
}  # fmt: skip
LIST_KEYS = {name: f"s3:{name}" for name in ("prefix", "delimiter", "max-keys")}
LISTS = {"s3:ListBucket", "s3:ListBucketVersions"}
VERSION_KEY = {
    "s3:GetObjectVersion", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging", "s3:GetObjectVersionAttributes",
    "s3:PutObjectVersionTagging", "s3:DeleteObjectVersion", "s3:DeleteObjectVersionTagging",
}  # fmt: skip
_OWNER = re.compile(rb"(?<=<ID>)[^<]*")  # in a list of buckets nothing else has an id
_LOCATION = re.compile(rb"<LocationConstraint[^>]*>([^<]*)<")


def handle(app: Any, court: Court, visit: Visit) -> Response:
    """The answer to a request to S3, or Refused."""
    request = visit.request
    if request.method == "OPTIONS":
        return _preflight(app, visit)
    operations.check_headers(request.headers)
    if request.path.startswith("/v20180820/"):
        return _control(app, court, visit)
    asked = read(visit)
    bucket = _bucket(asked.place.bucket)
    if asked.place.bucket and not bucket and not asked.creates:
        raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
    owner = visit.who.account if asked.creates or not bucket else str(bucket.account_id)
    _expected(asked, "x-amz-expected-bucket-owner", owner)
    if asked.sub_resource == "delete":
        return _delete(app, court, asked, bucket)
    _open_acls(asked)
    court.demand(*_wishes(asked, None if asked.creates else bucket, owner))
    if asked.sub_resource == "policy" and request.method == "PUT":
        _put_policy(court, asked, bucket)
    _known(asked, bucket)
    if asked.sub_resource == "requestPayment":
        return _payer()
    if asked.operation is operations.TABLE[operations.OBJECT, "GET", ""]:
        _missing(court, asked, bucket)
    answer = store.answer(app, store.environ(request, _order(asked, owner)), xml=asked.has_xml)
    if not asked.place.bucket:
        answer.data = _OWNER.sub(canonical(owner).encode(), answer.data)
    return answer


def canonical(account: str) -> str:
    """The id by which S3 calls an account, which is one and the same for all to moto."""
    return hashlib.sha256(account.encode()).hexdigest()


def _payer() -> Response:
    """Who pays for requests: the owner, since moto knows nothing else."""
    return Response(element("RequestPaymentConfiguration", {"Payer": "BucketOwner"}), content_type="application/xml")


def _preflight(app: Any, visit: Visit) -> Response:
    """What a browser asks before it asks: it needs no permission, and nothing is done."""
    where = store.place(visit.request.path)
    bucket = _bucket(where.bucket)
    if not bucket:
        raise denied("CORSResponse: Bucket not found")
    order = Order("s3", visit.region, str(bucket.account_id), visit.key_id, where.path, {}, b"", {})
    return store.answer(app, store.environ(visit.request, order))


def _bucket(name: str) -> Any:
    """The bucket, whoever owns it; None where there is none."""
    found = s3_backends.bucket_accounts.get(name)
    return s3_backends[found[1]][found[0]].buckets.get(name) if found else None


def _backend(bucket: Any) -> S3Backend:
    return s3_backends[bucket.account_id]["aws"]


def _policy(bucket: Any) -> Policy | None:
    return document(bucket.policy.decode()) if bucket and bucket.policy else None


def _expected(asked: Asked, header: str, owner: str) -> None:
    if asked.headers.get(header, owner) != owner:
        raise denied()


def _wish(asked: Asked, action: str, resource: str, bucket: Any, owner: str, **keys: str | list[str]) -> Wish:
    """One permission, with the keys that all of S3 knows and the action's own."""
    policy = _policy(bucket)
    if bucket and policy and asked.who.account != owner and public.block(bucket, "restrict_public_buckets"):
        # A policy that is public then counts only within the owner's account.
        policy = None if public.is_public(policy) else policy
    own = context.common(asked.visit) | context.of_s3(asked.visit, owner)
    if action.endswith("BucketObjectLockConfiguration"):
        own.pop("s3:x-amz-content-sha256", None)
    return Wish(asked.who, action, resource, owner, {**own, **keys}, policy, quoted=True)


def _wishes(asked: Asked, bucket: Any, owner: str) -> Iterator[Wish]:
    """Everything that a request needs."""
    arn = f"arn:aws:s3:::{asked.place.bucket}" + (f"/{asked.place.key}" if asked.place.key else "")
    version = asked.parameters.get("versionId") if asked.operation.version else None
    action = asked.operation.version if version is not None else asked.operation.permission
    keys: dict[str, str | list[str]] = {}
    if version is not None and action in VERSION_KEY:
        keys["s3:versionid"] = version
    if action in LISTS:
        keys |= {key: asked.parameters[name] for name, key in LIST_KEYS.items() if name in asked.parameters}
    if action == "s3:PutObject" and asked.sub_resource in ("", "uploads"):
        keys |= {key: asked.headers[name] for name, key in WRITE_KEYS.items() if name in asked.headers}
        keys |= _tags(asked)
    if asked.puts_tags:
        keys |= _tags(asked)
    if action == "s3:DeleteObject" and "if-match" in asked.headers:
        keys["s3:if-match"] = asked.headers["if-match"]
    if asked.creates:
        keys |= _creation(asked)
    resource = arn if asked.place.bucket else "*"
    yield _wish(asked, action, resource, bucket, owner, **keys)
    for more in _besides(asked):
        tags = _tags(asked) if more == "s3:PutObjectTagging" else {}
        yield _wish(asked, more, resource, bucket, owner, **tags)
    if "x-amz-copy-source" in asked.headers:
        yield from _source(asked, arn, bucket, owner)


def _besides(asked: Asked) -> Iterator[str]:
    """Permissions that headers and attributes need besides the operation's own."""
    headers = asked.headers
    if asked.creates:
        if headers.get("x-amz-bucket-object-lock-enabled", "").lower() == "true":
            yield from ("s3:PutBucketObjectLockConfiguration", "s3:PutBucketVersioning")
        if "x-amz-object-ownership" in headers:
            yield "s3:PutBucketOwnershipControls"
        return
    if asked.sub_resource == "attributes":
        yield "s3:GetObjectVersion" if "versionId" in asked.parameters else "s3:GetObject"
    if asked.operation.permission == "s3:PutObject" and asked.sub_resource in ("", "uploads"):
        if "x-amz-tagging" in headers:
            yield "s3:PutObjectTagging"
        if "x-amz-acl" in headers:
            yield "s3:PutObjectAcl"
        if "x-amz-object-lock-mode" in headers or "x-amz-object-lock-retain-until-date" in headers:
            yield "s3:PutObjectRetention"
        if "x-amz-object-lock-legal-hold" in headers:
            yield "s3:PutObjectLegalHold"
    if headers.get("x-amz-bypass-governance-retention", "").lower() == "true":
        yield "s3:BypassGovernanceRetention"


def _tags(asked: Asked) -> dict[str, str | list[str]]:
    found: dict[str, str | list[str]] = {f"s3:RequestObjectTag/{name}": value for name, value in asked.tags}
    return found | ({"s3:RequestObjectTagKeys": [name for name, _ in asked.tags]} if asked.tags else {})


def _creation(asked: Asked) -> dict[str, str]:
    found = {}
    if location := _LOCATION.search(asked.visit.body):
        found["s3:locationconstraint"] = location[1].decode()
    for name in ("x-amz-acl", "x-amz-object-ownership"):
        if name in asked.headers:
            found[f"s3:{name}"] = asked.headers[name]
    return found


def _copied(asked: Asked) -> tuple[Place, str | None]:
    """The source of a copy and its version."""
    path, mark, query = asked.headers["x-amz-copy-source"].partition("?versionId=")
    if "?" in path or "&" in query or path.startswith("arn:"):
        raise unknown(f"the source of a copy {asked.headers['x-amz-copy-source']}")
    where = store.place(f"/{path.removeprefix('/')}")
    if not where.key or "//" in f"/{where.bucket}":
        raise values.invalid("Copy Source must mention the source bucket and key")
    if mark and not query:
        raise values.invalid("versionId cannot be the empty string")
    return where, unquote(query) if mark else None


def _source(asked: Asked, arn: str, target: Any, owner: str) -> Iterator[Wish]:
    """What the source of a copy needs."""
    where, version = _copied(asked)
    bucket = _bucket(where.bucket)
    if not bucket:
        raise Refused(404, "NoSuchBucket", "The specified bucket does not exist")
    account = str(bucket.account_id)
    _expected(asked, "x-amz-source-expected-bucket-owner", account)
    source = f"arn:aws:s3:::{where.bucket}/{where.key}"
    named = {"s3:versionid": version} if version is not None else {}
    of_version = "Version" if version is not None else ""
    yield _wish(asked, f"s3:GetObject{of_version}", source, bucket, account, **named)
    key = _backend(bucket).get_object(where.bucket, where.key, version_id=version)
    if key is None:
        yield _wish(asked, "s3:ListBucket", f"arn:aws:s3:::{where.bucket}", bucket, account)
    # Tags go along unless they are replaced. https://docs.aws.amazon.com/AmazonS3/latest/API/API_CopyObject.html
    elif _backend(bucket).tagger.get_tag_dict_for_resource(key.arn) and _copies_tags(asked):
        yield _wish(asked, f"s3:GetObject{of_version}Tagging", source, bucket, account, **named)
        yield _wish(asked, "s3:PutObjectTagging", arn, target, owner)


def _copies_tags(asked: Asked) -> bool:
    return not asked.sub_resource and asked.headers.get("x-amz-tagging-directive") != "REPLACE"


def _open_acls(asked: Asked) -> None:
    """Access control lists that let anybody in, or that would have to be read, are not known; policies alone count."""
    acl = asked.headers.get("x-amz-acl")
    if acl is not None and acl not in PRIVATE_ACLS:
        raise unknown(f"the access control list {acl}")
    if asked.sub_resource == "acl" and asked.method == "PUT" and (acl is None or asked.visit.body):
        raise unknown("an access control list that is written out")


def _missing(court: Court, asked: Asked, bucket: Any) -> None:
    """Only who may list learns that an object is not there.

    https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
    """
    version = asked.parameters.get("versionId")
    if _backend(bucket).get_object(asked.place.bucket, asked.place.key, version_id=version) is None:
        arn = f"arn:aws:s3:::{asked.place.bucket}"
        court.demand(_wish(asked, "s3:ListBucket", arn, bucket, str(bucket.account_id)))


def _known(asked: Asked, bucket: Any) -> None:
    """Refuses an upload of another object, which moto would go on with, and a page that there is not."""
    if asked.sub_resource == "uploadId":
        upload = bucket.multiparts.get(asked.parameters["uploadId"])
        if not upload or upload.key_name != asked.place.key:
            message = "The specified upload does not exist. The upload ID may be invalid, or the upload may have been "
            raise Refused(404, "NoSuchUpload", message + "aborted or completed.")
    token = asked.parameters.get("continuation-token")
    if asked.sub_resource == "list-type" and token is not None and token not in _backend(bucket)._pagination_tokens:
        raise values.invalid("The continuation token provided is incorrect")


def _put_policy(court: Court, asked: Asked, bucket: Any) -> None:
    policy = policies.bucket_policy(asked.visit.body, asked.place.bucket, str(bucket.account_id), court)
    if public.block(bucket, "block_public_policy") and public.is_public(policy):
        about = f"User: {asked.who} is not authorized to perform: s3:PutBucketPolicy on resource: "
        about += f'"arn:aws:s3:::{asked.place.bucket}" because public policies are prevented by the BlockPublicPolicy '
        raise denied(about + "setting in S3 Block Public Access.")


def _delete(app: Any, court: Court, asked: Asked, bucket: Any) -> Response:
    """Several objects at once: each is decided, and the rest of them goes on."""
    owner = str(bucket.account_id)
    wanted = batch.read(asked.visit.body)
    bypass = asked.headers.get("x-amz-bypass-governance-retention", "").lower() == "true"
    needed: list[list[Wish]] = []
    for one in wanted:
        arn = f"arn:aws:s3:::{asked.place.bucket}/{one.key}"
        named = {"s3:versionid": one.version} if one.version is not None else {}
        action = asked.operation.permission if one.version is None else asked.operation.version
        wishes = [_wish(asked, action, arn, bucket, owner, **named)]
        if bypass:
            wishes.append(_wish(asked, "s3:BypassGovernanceRetention", arn, bucket, owner))
        needed.append(wishes)
    answers = iter(court.allows(*(wish for wishes in needed for wish in wishes)))
    denials = [[wish for wish in wishes if not next(answers)] for wishes in needed]
    refusals = [court.refusal(some[0]) if some else None for some in denials]
    rest = [one for one, refused in zip(wanted, refusals, strict=True) if refused is None]
    done = None
    if rest:
        order = replace(_order(asked, owner), body=batch.write(rest))
        done = store.answer(app, store.environ(asked.visit.request, order))
    return batch.answer(done, [(one, refused) for one, refused in zip(wanted, refusals, strict=True) if refused])


def _order(asked: Asked, owner: str) -> Order:
    """What moto is told to do; it finds a bucket in the account of its owner."""
    headers = dict(asked.visit.checksums)
    if "x-amz-copy-source" in asked.headers:
        where, version = _copied(asked)
        headers["x-amz-copy-source"] = where.path + (f"?versionId={quote(version, safe='')}" if version else "")
    if "x-amz-tagging" in asked.headers:
        headers["x-amz-tagging"] = urlencode(asked.tags)
    visit = asked.visit
    return Order("s3", visit.region, owner, visit.key_id, asked.place.path, asked.parameters, visit.body, headers)


def _control(app: Any, court: Court, visit: Visit) -> Response:
    """S3 Control: an account's own public access block."""
    request, who = visit.request, visit.who
    if request.path != CONTROL or one_each(own_pairs(request.parameters)).keys() - operations.HARMLESS:
        raise unknown(f"{request.method} {request.path} of S3 Control")
    permissions = {"GET": "s3:GetAccountPublicAccessBlock", "PUT": "s3:PutAccountPublicAccessBlock"}
    permission = permissions.get(request.method.replace("DELETE", "PUT"))
    if not permission:
        raise unknown(f"{request.method} {request.path} of S3 Control")
    if not visit.claim or request.headers.get("x-amz-account-id") != who.account:
        raise denied()
    own = context.common(visit) | context.of_s3(visit, who.account)
    court.demand(Wish(who, permission, "*", who.account, own, quoted=True))
    order = Order("s3", visit.region, who.account, visit.key_id, CONTROL, {}, visit.body, {})
    return store.answer(app, store.environ(request, order))
