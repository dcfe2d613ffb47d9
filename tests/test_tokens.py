"""Tokens: found, replaced, and never left over."""

from __future__ import annotations

import pytest

from drawbridge import tokens

DOCUMENT = {"Resource": ["arn:aws:iam::<<aws.account>>:role/x", "${aws:username}"], "n": 1}


def test_are_found_everywhere_and_iam_variables_are_not_tokens() -> None:
    assert tokens.used(DOCUMENT) == {"aws.account"}
    assert tokens.used({"<<a>>": [{"b": "<<c>>"}]}) == {"a", "c"}
    assert tokens.used("${aws:username}") == set()


def test_resolve_fills_them_in_and_leaves_the_rest() -> None:
    found = tokens.resolve(DOCUMENT, {"aws.account": "111122223333"})
    assert found == {"Resource": ["arn:aws:iam::111122223333:role/x", "${aws:username}"], "n": 1}
    assert tokens.used(found) == set()


def test_one_without_a_value_is_an_error() -> None:
    with pytest.raises(tokens.UnknownToken, match=r"<<aws.acount>> has no value; known here: aws.account"):
        tokens.resolve("<<aws.acount>>", {"aws.account": "1"})


def test_longest_takes_the_room_that_the_value_can_take() -> None:
    assert tokens.longest(str(tokens.AWS_ACCOUNT)) == "x" * 12
