"""Merging into documents with many owners: foreign parts stay, ours come and go, equal content is equal."""

from __future__ import annotations

import copy
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drawbridge.documents import (
    CORS,
    LIFECYCLE,
    POLICY,
    PartTaken,
    grows,
    lost,
    normal,
    parts_of,
    same,
    taken_over,
    with_parts,
    within,
    without_parts,
)


def statement(sid: str | None, action: Any = "s3:GetObject", **more: Any) -> dict[str, Any]:
    named = {"Sid": sid} if sid else {}
    return {**named, "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": action, "Resource": "r", **more}


OURS = [statement("Ours"), statement("Ours2", ["s3:PutObject"])]
THEIRS = {"Version": "2008-10-17", "Id": "theirs", "Statement": [statement("Theirs"), statement(None, "s3:*")]}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"Action": "a"}, {"Action": ["a"]}),
        ({"Action": ["a", "b"]}, {"Action": ["b", "a"]}),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        ({"days": 90}, {"days": 90.0}),
        (
            {"Condition": {"StringLike": {"s3:prefix": ["x", "x/*"]}}},
            {"Condition": {"StringLike": {"s3:prefix": ["x/*", "x"]}}},
        ),
    ],
)
def test_same(one: Any, other: Any) -> None:
    assert same(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"a": ["x", "y"]}, {"a": ["x"]}),
        ({"a": "x"}, {"a": "X"}),
        ({"a": 1}, {}),
        ({"a": 1}, {"a": "1"}),
        ({"a": 1}, {"a": True}),
    ],
)
def test_not_same(one: Any, other: Any) -> None:
    assert not same(one, other)


def test_a_new_document_holds_our_parts() -> None:
    assert with_parts(POLICY, None, OURS, []) == {"Version": "2012-10-17", "Statement": OURS}


def test_foreign_parts_id_and_version_stay() -> None:
    found = with_parts(POLICY, THEIRS, OURS, [])
    assert found == {**THEIRS, "Statement": [*THEIRS["Statement"], *OURS]}


def test_a_single_statement_outside_a_list_is_one() -> None:
    found = with_parts(POLICY, {**THEIRS, "Statement": statement("Theirs")}, OURS, []) or {}
    assert found["Statement"] == [statement("Theirs"), *OURS]


def test_equal_content_under_our_key_is_taken_over_and_keeps_its_form() -> None:
    live = {"Statement": [statement("Ours", ["s3:GetObject"])]}
    assert taken_over(POLICY, live, OURS, []) == ["Ours"]
    assert taken_over(POLICY, live, OURS, OURS) == []
    assert parts_of(POLICY, with_parts(POLICY, live, OURS, [])) == [statement("Ours", ["s3:GetObject"]), OURS[1]]


def test_other_content_under_our_key_is_an_error_that_shows_both() -> None:
    live = {"Statement": [statement("Ours", "s3:DeleteObject")]}
    with pytest.raises(PartTaken) as taken:
        with_parts(POLICY, live, OURS, [])
    assert "s3:DeleteObject" in str(taken.value)
    assert "s3:GetObject" in str(taken.value)


def test_what_is_ours_by_the_state_is_replaced_and_what_is_no_longer_wanted_goes() -> None:
    former = [statement("Ours", "s3:*"), statement("Former")]
    live = {"Statement": [statement("Theirs"), *former]}
    found = with_parts(POLICY, live, OURS, former)
    assert parts_of(POLICY, found) == [statement("Theirs"), *OURS]


@pytest.mark.parametrize("wanted", [OURS, []])
def test_what_was_ours_and_was_changed_by_hand_is_not_touched(wanted: list[dict[str, Any]]) -> None:
    for changed in (
        [statement("Ours", "s3:DeleteObject")],
        [OURS[0], statement("Ours", "s3:DeleteObject")],
    ):
        with pytest.raises(PartTaken):
            with_parts(POLICY, {"Statement": changed}, wanted, OURS)


def test_removing_takes_only_ours_and_leaves_no_empty_document() -> None:
    assert without_parts(POLICY, {**THEIRS, "Statement": [*OURS, *THEIRS["Statement"]]}, OURS) == THEIRS
    assert without_parts(POLICY, {"Version": "x", "Statement": OURS}, OURS) is None
    assert without_parts(POLICY, None, OURS) is None


def test_cors_rules_are_parts_by_their_id() -> None:
    theirs = {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]}
    ours = {"ID": "Ours", **theirs}
    assert with_parts(CORS, {"CORSRules": [theirs]}, [ours], []) == {"CORSRules": [theirs, ours]}


foreign_sids = st.sampled_from(["A", "B", "C", "Darwin", None])
actions = st.lists(st.sampled_from(["s3:GetObject", "s3:PutObject", "s3:*"]), min_size=1, max_size=3, unique=True)
foreign_statements = st.builds(statement, foreign_sids, st.one_of(actions, actions.map(lambda found: found[0])))
foreign_documents = st.one_of(
    st.none(),
    st.fixed_dictionaries(
        {
            "Version": st.sampled_from(["2008-10-17", "2012-10-17"]),
            "Statement": st.lists(foreign_statements, min_size=1, max_size=5),
        },
        optional={"Id": st.text(max_size=5)},
    ),
)
our_parts = st.lists(
    st.builds(statement, st.sampled_from(["Ours", "Ours2", "Ours3"]), actions),
    min_size=1,
    max_size=3,
    unique_by=lambda p: p["Sid"],
)


@settings(max_examples=500)
@given(foreign_documents, our_parts)
def test_add_then_remove_gives_the_foreign_document_back(
    document: dict[str, Any] | None, ours: list[dict[str, Any]]
) -> None:
    before = copy.deepcopy(document)
    added = with_parts(POLICY, document, ours, [])
    assert without_parts(POLICY, added, ours) == before
    assert document == before, "the document that was read is not changed"


@settings(max_examples=500)
@given(foreign_documents, our_parts, our_parts)
def test_adding_is_idempotent_and_replaces_what_was_ours(
    document: dict[str, Any] | None, first: list[dict[str, Any]], then: list[dict[str, Any]]
) -> None:
    once = with_parts(POLICY, with_parts(POLICY, document, first, []), then, first)
    assert with_parts(POLICY, once, then, then) == once
    assert same(once, with_parts(POLICY, document, then, []))
    ours = {part["Sid"] for part in then}
    assert [part for part in parts_of(POLICY, once) if part.get("Sid") not in ours] == parts_of(POLICY, document)


other_parts = our_parts.map(lambda parts: [{**part, "Sid": f"{part['Sid']}Green"} for part in parts])


@settings(max_examples=500)
@given(foreign_documents, our_parts, other_parts, st.randoms(use_true_random=False))
def test_two_owners_can_come_and_go_in_any_order(
    document: dict[str, Any] | None, blue: list[dict[str, Any]], green: list[dict[str, Any]], random: Random
) -> None:
    def applied(*steps: tuple[str, list[dict[str, Any]]]) -> dict[str, Any] | None:
        found = document
        for what, parts in steps:
            shuffled = random.sample(parts, len(parts))
            found = with_parts(POLICY, found, shuffled, []) if what == "add" else without_parts(POLICY, found, shuffled)
        return found

    both = applied(("add", blue), ("add", green))
    assert same(both, applied(("add", green), ("add", blue)))
    assert same(both, applied(("add", [*green, *blue])))
    for first, then in ((blue, green), (green, blue)):
        left = applied(("add", blue), ("add", green), ("remove", first))
        assert same(left, applied(("add", then)))
        assert same(applied(("add", blue), ("add", green), ("remove", first), ("remove", then)), document)


def test_what_others_lost_is_found_whatever_its_order() -> None:
    after = {"Statement": [statement(None, ["s3:*"]), OURS[0]]}
    assert lost(POLICY, {"Statement": [*OURS, *THEIRS["Statement"]]}, after, ["Ours", "Ours2"]) == [statement("Theirs")]
    assert lost(POLICY, None, after, []) == []


@pytest.mark.parametrize(
    ("shape", "document", "said"),
    [
        (POLICY, {"Statement": [{"Sid": "x" * (20 * 1024 - 28)}]}, ""),
        (POLICY, {"Statement": [{"Sid": "x" * (20 * 1024 - 25)}]}, "the bucket policy would have 20,481 bytes, and 20,480 are allowed"),
        (POLICY, {"Statement": [{"Sid": "ü" * 10_240}]}, "the bucket policy would have 20,506 bytes, and 20,480 are allowed"),
        (CORS, {"CORSRules": [{}] * 100}, ""),
        (CORS, {"CORSRules": [{}] * 101}, "the CORS document would have 101 rules, and 100 are allowed"),
        (LIFECYCLE, {"Rules": [{}] * 1001}, "the lifecycle configuration would have 1,001 rules, and 1,000 are allowed"),
        (POLICY, None, ""),
    ],
)  # fmt: skip
def test_too_large(shape: Any, document: dict[str, Any] | None, said: str) -> None:
    assert shape.too_large(document) == said


@given(
    st.recursive(
        st.one_of(st.integers(), st.text(max_size=3), st.booleans()),
        lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=2), inner, max_size=3)),
        max_leaves=12,
    )
)
def test_normal_is_stable(value: Any) -> None:
    assert normal(normal(value)) == normal(value)


WIDE = {**statement("S", ["s3:GetObject", "s3:PutObject"]), "Resource": ["arn:b/a/*", "arn:b/c/*"]}
LISTS = {**statement("L", "s3:ListBucket"), "Condition": {"StringLike": {"s3:prefix": ["a/", "a/*", "c/", "c/*"]}}}


@pytest.mark.parametrize(
    ("new", "old", "narrower"),
    [
        (WIDE, WIDE, True),
        ({**WIDE, "Action": "s3:GetObject"}, WIDE, True),
        ({**WIDE, "Resource": "arn:b/a/d/*"}, WIDE, True),
        ({**WIDE, "Resource": ["arn:b/c/*", "arn:b/a/*"]}, WIDE, True),
        ({**WIDE, "Resource": ["arn:b/a/*", "arn:b/e/*"]}, WIDE, False),
        ({**WIDE, "Resource": "arn:b/*"}, WIDE, False),
        ({**WIDE, "Action": ["s3:GetObject", "s3:DeleteObject"]}, WIDE, False),
        ({**WIDE, "Principal": {"AWS": "other"}}, {**WIDE, "Principal": {"AWS": "one"}}, False),
        ({**WIDE, "Effect": "Deny"}, WIDE, False),
        ({**LISTS, "Condition": {"StringLike": {"s3:prefix": ["c/", "c/*"]}}}, LISTS, True),
        ({**LISTS, "Condition": {"StringLike": {"s3:prefix": ["c/", "e/*"]}}}, LISTS, False),
        (statement("L", "s3:ListBucket"), LISTS, False),
        (LISTS, statement("L", "s3:ListBucket"), True),
    ],
)
def test_within(new: dict[str, Any], old: dict[str, Any], narrower: bool) -> None:
    assert within(new, old) is narrower
    assert grows(POLICY, [new], [statement("Other"), old]) is not narrower
    assert grows(POLICY, [new], [])
    assert not grows(POLICY, [], [old])
