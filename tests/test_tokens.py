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


ID, KEY, ROLE = "a.external_id.1", "a.secret_key.1", "a.role_arn"


@pytest.mark.parametrize(
    ("name", "value", "right"),
    [
        (ID, "0123456789", True),
        (ID, "Az_+=,.@:/-0", True),
        (ID, "x" * 128, True),
        (ID, "012345678", False),
        (ID, "x" * 129, False),
        (ID, "an id with spaces", False),
        (ID, "tilde~tilde~", False),
        (ID, "0123456789\n", False),
        (ID, "", False),
        (KEY, "a/b+c=d", True),
        (KEY, "!~", True),
        (KEY, "x" * 128, True),
        (KEY, "x" * 129, False),
        (KEY, "", False),
        (KEY, "a b", False),
        (KEY, "a\n", False),
        (KEY, "ü", False),
        (KEY, 'a"b', False),
        (KEY, "a\\b", False),
        ("a.access_key.1", "AKIDEXAMPLE", True),
        ("a.access_key.1", "AKID EXAMPLE", False),
        (ROLE, "arn:aws:iam::111122223333:role/drawbridge/street-lightly", True),
        (ROLE, "arn:aws:iam::111122223333:role/a'; echo", False),
        (ROLE, "arn:aws:iam::111122223333:user/a", False),
        ("aws.account", "111122223333", True),
        ("aws.account", "11112222333$", False),
    ],
)
def test_a_value_has_a_form_and_is_not_shown(name: str, value: str, right: bool) -> None:
    said = tokens.wrong(name, value)
    assert bool(said) != right
    words = ("10 to 128 letters", "1 to 128 visible characters", "a role's ARN", "12 digits")
    assert not said or said.removeprefix("must be ").startswith(words)
    assert not (value and len(value) > 2 and value in said)


def test_a_token_of_a_generation_has_its_number() -> None:
    assert str(tokens.Token.of("a-b", "secret_key", 2)) == "<<a-b.secret_key.2>>"
    assert str(tokens.Token.of("a-b", "role_arn")) == "<<a-b.role_arn>>"
    for what, most in tokens.LONGEST.items():
        assert len(tokens.longest(str(tokens.Token.of("a", what, 7)))) == most
        assert tokens.wrong(f"a.{what}.7", "a value of none")
    with pytest.raises(tokens.UnknownToken, match=r"<<a\.password\.1>> is no token"):
        tokens.longest("<<a.password.1>>")
