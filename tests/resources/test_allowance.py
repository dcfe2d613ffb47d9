"""From one run to the next: more is refused where a storage is in trouble, and generations leave room and no gap."""

from __future__ import annotations

from typing import Any

import pytest

from drawbridge.resources.allowance import AllowanceOperations

OPERATIONS = AllowanceOperations()
READ = '{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}'
AT = "grants/prod/a.yaml:3:5 input.generations:"


def props(*generations: int, **more: Any) -> dict[str, Any]:
    return {"policy": READ, "generations": [float(one) for one in generations], **more}


def checked(olds: dict[str, Any], *generations: int, most: float | None = None) -> list[str]:
    """What is refused; what is only for the check is not kept."""
    found = OPERATIONS.check(olds, props(*generations, most=most, at=AT))
    assert found.inputs == props(*generations)
    return [one.reason for one in found.failures]


@pytest.mark.parametrize(
    ("were", "are", "first"),
    [((1, 2), (2, 3), [2]), ((1, 2), (3,), [2]), ((1, 2), (1, 3), [1]), ((1,), (2, 3), [1]), ((1, 2), (3, 4), [2])],
)
def test_a_new_one_needs_room_before_an_old_one_ends(
    were: tuple[int, ...], are: tuple[int, ...], first: list[int], capfd: pytest.CaptureFixture[str]
) -> None:
    refused = f"{AT} was {list(were)} and is {list(are)}, but at most 2 can be alive at once; go to {first} first"
    assert checked(props(*were), *are, most=2.0) == [refused]
    assert checked(props(*were), *are) == [], "where there is no limit"
    assert checked({}, *are, most=2.0) == [], "where nothing is alive yet"


@pytest.mark.parametrize(("were", "are"), [((1,), (1, 2)), ((1, 2), (2,)), ((1,), (1,)), ((2,), (2, 3))])
def test_each_step_that_keeps_one_is_quiet(
    were: tuple[int, ...], are: tuple[int, ...], capfd: pytest.CaptureFixture[str]
) -> None:
    assert checked(props(*were), *are, most=2.0) == []
    assert capfd.readouterr().out == ""


def test_a_step_that_keeps_none_is_told(capfd: pytest.CaptureFixture[str]) -> None:
    assert checked(props(1), 2, most=2.0) == []
    assert capfd.readouterr().out == (
        f"{AT} was [1] and is [2]: the old one ends with this run, and the platform has none that works until it is "
        "handed the new one; go through [1, 2] to leave no gap\n"
    )


def test_other_generations_are_a_change() -> None:
    assert not OPERATIONS.diff("a", props(1), props(1)).changes
    assert OPERATIONS.diff("a", props(1), props(1, 2)).changes
    assert OPERATIONS.diff("a", {"policy": READ}, props(1)).changes
