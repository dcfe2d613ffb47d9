"""Roles and users: what they are called, who they are, which values stand for them, and how much they may hold."""

from __future__ import annotations

import json
from typing import Any

import pytest

from drawbridge import tokens
from drawbridge.auth import auths, identity_auth
from drawbridge.auth.interface import IdentityAuth, PlannedIdentity
from drawbridge.auth.users import users
from drawbridge.iam import LONGEST_NAME, Iam
from drawbridge.storage import kinds
from drawbridge.storage.interface import ConflictingAccesses
from drawbridge.verify.identity import Keys, Role, Vendor
from tests.auth.wanted import STORES, planned, wanted

NAMED = Iam("/platforms/data/", "acme-", "arn:aws:iam::111122223333:policy/boundary", {"team": "imaging"})
WAYS = [("aws", "assume-role"), *((kind, "access-keys") for kind in STORES)]
MADE = [way for way in WAYS if way[0] not in ("obs", "s3")]


def test_every_kind_of_storage_asks_for_users_that_there_are() -> None:
    assert {name: kind.users for name, kind in kinds().items()} == {
        "aws": "aws",
        "minio": "minio",
        "obs": "handed-in",
        "s3": "handed-in",
        "wasabi": "wasabi",
    }
    assert set(users()) == {"aws", "handed-in", "minio", "wasabi"}
    assert {name for name, one in auths().items() if isinstance(one, IdentityAuth)} == {"access-keys", "assume-role"}


PRINCIPALS = {
    ("aws", "assume-role"): "<<aws.account>>:role/platforms/data/acme-street-lightly-input",
    ("aws", "access-keys"): "<<aws.account>>:user/platforms/data/acme-street-lightly-input",
    # Other stores know no paths.
    ("wasabi", "access-keys"): "<<wasabi.account>>:user/acme-street-lightly-input",
    ("minio", "access-keys"): "<<minio.account>>:user/acme-street-lightly-input",
    # Nothing is made, so nothing of ours is in its name.
    ("obs", "access-keys"): "<<obs.account>>:user/street-lightly-input",
    ("s3", "access-keys"): "<<s3.account>>:user/street-lightly-input",
}


@pytest.mark.parametrize(("kind", "auth"), WAYS)
def test_who_it_is(kind: str, auth: str) -> None:
    found = identity_auth(auth).principal(wanted(kind, auth), NAMED)
    assert found.arn == f"arn:aws:iam::{PRINCIPALS[kind, auth]}"
    assert planned(wanted(kind, auth), iam=NAMED).principal == found
    plain = identity_auth(auth).principal(wanted(kind, auth), Iam())
    assert plain.arn.endswith("/street-lightly-input")
    assert plain.arn.count("/") == 1


@pytest.mark.parametrize(("kind", "auth"), WAYS)
def test_on_minio_a_key_may_not_make_more_keys(kind: str, auth: str) -> None:
    """MinIO lets every user do so who is not denied it, in a statement of its own: it refuses one beside S3's."""
    denials = [one for one in planned(wanted(kind, auth)).policy["Statement"] if one["Effect"] == "Deny"]
    expected = {"Sid": "NoKeysOfItsOwn", "Effect": "Deny", "Action": ["admin:*"], "Resource": "arn:aws:s3:::*"}
    assert denials == ([expected] if kind == "minio" else [])


def said(kind: str, auth: str, *generations: int, name: str = "street", iam: Iam | None = None) -> list[str]:
    """What it cannot be."""
    found = identity_auth(auth).check(wanted(kind, auth, *generations, name=name), iam or Iam())
    return [f"{'.'.join(map(str, one.path))}: {one.message}" for one in found]


@pytest.mark.parametrize(("kind", "auth"), MADE)
def test_a_name_has_64_characters_with_what_is_put_before_it(kind: str, auth: str) -> None:
    longest = "x" * LONGEST_NAME
    assert said(kind, auth, name=longest) == []
    assert said(kind, auth, name=f"{longest}x") == [
        f"name: makes the name {longest}x, and IAM takes at most 64 characters; shorten it"
    ]
    assert said(kind, auth, name=longest[5:], iam=NAMED) == []
    assert said(kind, auth, name=longest[4:], iam=NAMED) == [
        f"name: makes the name acme-{longest[4:]}, and IAM takes at most 64 characters; shorten it, or "
        "drawbridge:iam_name_prefix"
    ]


@pytest.mark.parametrize("kind", ["obs", "s3"])
def test_a_user_that_is_not_made_may_have_any_name(kind: str) -> None:
    assert said(kind, "access-keys", name="x" * (LONGEST_NAME + 7), iam=NAMED) == []


@pytest.mark.parametrize(("kind", "most"), [("aws", 2), ("wasabi", 2), ("minio", 9), ("obs", 9), ("s3", 9)])
def test_how_many_keys_a_user_has(kind: str, most: int) -> None:
    assert said(kind, "access-keys", *range(1, most + 1)) == []
    more = said(kind, "access-keys", *range(1, most + 2))
    limited = f"input.generations: has {most + 1} generations, and a user has at most {most} keys; end an old one first"
    assert more == ([limited] if most == 2 else [])


@pytest.mark.parametrize(("kind", "auth"), WAYS)
def test_the_values_that_stand_for_what_is_not_known_yet(kind: str, auth: str) -> None:
    found = planned(wanted(kind, auth, 2, 3))
    words = ("access_key", "secret_key") if auth == "access-keys" else ("external_id",)
    names = tuple(f"street-lightly-input.{word}.{number}" for number in (2, 3) for word in words)
    assert found.handed_in == (names if kind in ("obs", "s3") else ())
    assert found.may_be == (names if auth == "assume-role" else ())
    assert tokens.used(found.trust) == set(found.may_be)
    assert tokens.used(found.policy) == set(), "what it may is known before anything is made"


def test_the_last_generation_is_handed_over_whatever_its_number() -> None:
    values = {
        **{f"street-lightly-input.{word}.{number}": f"{word}{number}" for word in ("access_key", "secret_key", "external_id") for number in (2, 9)},
        "street-lightly-input.role_arn": "arn:aws:iam::111122223333:role/street-lightly-input",
    }  # fmt: skip
    keys, role = wanted("wasabi", "access-keys", 2, 9), wanted("aws", "assume-role", 2, 9)
    assert identity_auth("access-keys").comes(planned(keys), values) == Keys("access_key9", "secret_key9")
    comes = identity_auth("assume-role").comes(planned(role), values)
    assert isinstance(comes, Role)
    assert (comes.arn, comes.external_id) == (values["street-lightly-input.role_arn"], "external_id9")
    assert comes.by == Vendor("arn:aws:iam::916419735646:user/lightly")
    assert "external_id9" not in repr(comes)
    assert "key9" not in repr(identity_auth("access-keys").comes(planned(keys), values))


def test_who_may_become_a_role() -> None:
    statement = {
        "Sid": "Platform",
        "Effect": "Allow",
        "Principal": {"AWS": "arn:aws:iam::916419735646:root"},
        "Action": "sts:AssumeRole",
    }
    one, two = (f"<<street-lightly-input.external_id.{number}>>" for number in (1, 2))
    for generations, ids in (((1,), one), ((1, 2), [one, two]), ((2,), two)):
        condition: dict[str, Any] = {"StringEquals": {"sts:ExternalId": ids}}
        assert planned(wanted("aws", "assume-role", *generations)).trust == {
            "Version": "2012-10-17",
            "Statement": [{**statement, "Condition": condition}],
        }


def test_nobody_becomes_a_user() -> None:
    for kind in STORES:
        assert planned(wanted(kind, "access-keys")).trust == {}


def size(found: PlannedIdentity) -> int:
    """Characters without white space, as IAM counts them."""
    return len(json.dumps(found.policy, separators=(",", ":"), ensure_ascii=False))


@pytest.mark.parametrize(
    ("kind", "auth", "largest"),
    [("aws", "assume-role", 10240), ("aws", "access-keys", 2048), ("wasabi", "access-keys", 2048), ("minio", "access-keys", 20480)],
)  # fmt: skip
def test_a_policy_may_be_as_large_as_the_store_takes_it(kind: str, auth: str, largest: int) -> None:
    who = wanted(kind, auth)
    room = largest - size(planned(who, "ü/"))
    # A prefix may have 1,024 bytes, so several of them fill the room.
    prefixes = [f"{'x' * 500}{number:04}/" for number in range(room // 700)]
    rest = largest - size(planned(who, "ü/", *prefixes))
    fits = planned(who, f"{'ü' * (rest + 1)}/", *prefixes)
    assert size(fits) == largest
    with pytest.raises(ConflictingAccesses) as conflict:
        planned(who, f"{'ü' * (rest + 2)}/", *prefixes)
    assert str(conflict.value) == (
        f"the policy of street-lightly-input would have {largest + 1:,} characters, and {largest:,} are allowed; use "
        "shorter or fewer prefixes, or fewer networks"
    )


@pytest.mark.parametrize("kind", ["obs", "s3"])
def test_a_policy_that_somebody_else_attaches_may_have_any_size(kind: str) -> None:
    assert size(planned(wanted(kind, "access-keys"), *(f"{'x' * 500}{one:04}/" for one in range(60)))) > 20480


def test_external_ids_may_be_as_many_as_fit_at_their_longest() -> None:
    assert planned(wanted("aws", "assume-role", *range(1, 15))).trust
    with pytest.raises(ConflictingAccesses) as conflict:
        planned(wanted("aws", "assume-role", *range(1, 16)))
    assert str(conflict.value) == (
        "the trust policy of street-lightly-input would have 2,168 characters, and 2,048 are allowed; end the older "
        "ones of its generations"
    )
