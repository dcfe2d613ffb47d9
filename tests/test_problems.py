"""Problems: sorted, once each, in one form; and guesses at what was meant."""

from __future__ import annotations

from drawbridge.problems import Invalid, Problem, choices, field_name


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
