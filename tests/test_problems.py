"""Problems: sorted, once each, in one form; and guesses at what was meant."""

from __future__ import annotations

import pytest

from drawbridge.problems import Invalid, Problem, choices, field_name, hidden, visible


def test_form_and_order() -> None:
    second, first = Problem("b", 1, 1, "", "whole"), Problem("a", 100, 2, "x[0].y", "bad", "warning")
    assert str(Invalid([second, first, second])) == "a:100:2 warning: x[0].y: bad\nb:1:1 whole"


def test_field_names() -> None:
    assert field_name(()) == ""
    assert field_name(("prefixes", 0)) == "prefixes[0]"
    assert field_name(("input", "storage")) == "input.storage"


def test_choices() -> None:
    assert choices("", ["v7"]) == "v7"
    assert choices("strage", ["storage", "access"]) == "one of storage, access; did you mean storage?"


@pytest.mark.parametrize(
    "code",
    [0x00, 0x7F, 0x85, 0xA0, 0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x1680, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x2000, 0x2010),
     *range(0x2028, 0x2030), 0x205F, *range(0x2060, 0x2070), 0x2800, 0x3000, 0x3164, 0xD800, 0xFE00, 0xFE0F, 0xFEFF, 0xFFA0, 0xFFF0,
     0xFFF8, 0xFFFB, 0x1BCA0, 0x1D173, 0xE0000, 0xE0001, 0xE007F, 0xE0100, 0xE0FFF],
)  # fmt: skip
def test_what_is_not_seen_or_only_looks_like_a_space_is_hidden(code: int) -> None:
    assert hidden(chr(code))
    assert visible(f"a{chr(code)}b") == f"a\\u{code:04x}b"


@pytest.mark.parametrize(
    "text", [" ", "azAZ09-_/.~", "äß日本한글", "🙂", "e\u0301", "\u2801", "\u3131", "\ufe10", "\uffa1"]
)
def test_what_is_seen_is_not_hidden(text: str) -> None:
    assert not any(map(hidden, text))
