"""What was verified as people, scripts and CI systems see it."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from rich.console import Console

from drawbridge.platforms.v7 import V7
from drawbridge.verify import junit
from drawbridge.verify import show as lights
from drawbridge.verify.live import Came, Result
from drawbridge.verify.tries import Try
from drawbridge.verify.verify import Verified
from tests.verify.lit import DENIED, GRANT, LET_IN, as_asked, made, verified

WHOLE = GRANT.replace("prefixes: [studies/]", "accept: [whole-bucket]")
EVIL = "\x1b[31m\u202e]]><x>&"


def shown(*found: Verified) -> str:
    out = Console(file=io.StringIO(), soft_wrap=True, emoji=False)
    with out.capture() as captured:
        lights.show(found, out)
        lights.legend(found, out)
    return captured.get()


def but(light: str, result: Result) -> Callable[[Try], Result]:
    """All is well but for one light."""
    return lambda one: result if one.light == light else as_asked(one)


def cases(found: Verified, *problems: str) -> dict[str, ElementTree.Element]:
    document = ElementTree.fromstring(junit.report("prod", [found], problems))  # noqa: S314  ours
    return {str(case.get("name")): case for case in document.iter("testcase")}


def test_a_row_of_lights_and_nothing_more_to_say_where_all_is_green(tmp_path: Path) -> None:
    assert (
        shown(verified(made(tmp_path)))
        == """\
                     list  read   write   overwrite  delete  bare name  beside  outside  other bucket  nobody  no TLS  policy
  scans-v7 in scans  ● no  ● yes  ● some  ● some     ● no    ● no       ● no    ● no     ● no          ● no    ● no    ●

  ● as it should be
"""
    )


def test_what_is_not_green_is_said_in_a_line(tmp_path: Path) -> None:
    said = shown(verified(made(tmp_path), but("beside", LET_IN)))
    assert "✖ yes" in said
    assert (
        "    ✖ role external_s3 of account 258327614892 can read darwin-drawbridge-probe/0a1b2c3d/there in acme-scans, and no "
        "grant asks for it: 200 (and 1 more like it)\n"
    ) in said
    advice = (
        "To mend them: no statement of the bucket's policy lets it in: look at its ACL, and at the policies of whoever"
    )
    assert said.count(advice) == 1, "what is to be done about all of them is said once"
    assert said.endswith("  ● as it should be\n  ✖ not as it should be\n")


def test_amber_and_grey_are_told_apart_without_colour(tmp_path: Path) -> None:
    said = shown(verified(made(tmp_path / "a", WHOLE)))
    assert "◐ yes" in said
    assert "    ◐ whole-bucket: wider than a folder, which scans-v7 accepts\n" in said
    untried = Result(Came.UNTRIED, message="only V7 can come as it; the simulator was not allowed")

    def nobody_can_come(one: Try) -> Result:
        return DENIED if one.who == "nobody" else untried

    found = verified(made(tmp_path / "b"), nobody_can_come)
    assert "  scans-v7 in scans  ○     ○     ○      ○ " in shown(found)
    line = "    ○ cannot be tried from here, since only V7 can come as it; the simulator was not allowed (and "
    assert shown(found).count(line) == 1
    assert {colour.value for colour, _ in lights.lit(found).values()} == {"grey", "green"}


def test_on_a_narrow_terminal_the_lights_are_the_rows(tmp_path: Path) -> None:
    out = Console(file=io.StringIO(), force_terminal=True, width=60, color_system=None)
    with out.capture() as captured:
        lights.show([verified(made(tmp_path))], out)
    rows = [line.split() for line in captured.get().splitlines() if line.strip()]
    assert rows[:3] == [["scans-v7", "in", "scans"], ["list", "●", "no"], ["read", "●", "yes"]]


def test_where_only_ascii_is_taken(tmp_path: Path) -> None:
    file = io.TextIOWrapper(io.BytesIO(), encoding="ascii", errors="strict")
    out = Console(file=file, soft_wrap=True, color_system=None)
    found = verified(made(tmp_path), but("beside", LET_IN))
    lights.show([found], out)
    lights.legend([found], out)
    file.flush()
    said = file.buffer.getvalue().decode("ascii")
    assert "o yes" in said
    assert "X yes" in said
    assert "  X not as it should be" in said


def test_for_scripts(tmp_path: Path) -> None:
    found = lights.data(verified(made(tmp_path), but("no TLS", LET_IN)))
    assert json.loads(json.dumps(found)) == found
    assert found["grant"] == "scans-v7"
    assert found["principal"] == "arn:aws:iam::258327614892:role/external_s3"
    assert found["lights"]["no TLS"] == "red"
    assert set(found["lights"].values()) == {"red", "green"}
    (tried,) = [one for one in found["tries"] if one["light"] == "no TLS"]
    assert tried == {
        "light": "no TLS",
        "check": "read",
        "who": "no TLS",
        "bucket": "acme-scans",
        "at": "darwin/drawbridge-probe/0a1b2c3d/there",
        "expected": "refused",
        "came_back": "let in",
        "status": 200,
        "code": "",
        "simulated": None,
        "colour": "red",
        "reason": "role external_s3 of account 258327614892 with no TLS can read darwin/drawbridge-probe/0a1b2c3d/there in "
        "acme-scans, and no grant asks for it: 200",
        "advice": "no statement of the bucket's policy lets it in: look at its ACL, and at the policies of whoever comes",
    }


def test_the_platforms_own_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert lights.data(verified(made(tmp_path / "a")))["names"] == {}
    names = {"list": "can_list", "read": "can_read", "write": "can_write", "overwrite": "can_overwrite"}
    monkeypatch.setattr(V7, "lights", names)
    found = lights.data(verified(made(tmp_path / "b"), but("overwrite", DENIED)))
    assert found["names"] == {"can_read": True, "can_write": True, "can_overwrite": False}, "no list is asked for"
    absent = Result(Came.TURNED_AWAY, 403, "InvalidAccessKeyId")
    found = lights.data(verified(made(tmp_path / "e"), but("read", absent)))
    assert found["names"]["can_read"] is None, "nothing was heard of what it may"
    untried = Result(Came.UNTRIED, message="…")
    found = lights.data(verified(made(tmp_path / "c"), but("overwrite", untried)))
    assert found["names"]["can_overwrite"] is None
    assert "  scans-v7  V7 Darwin shows: can_read yes, can_write yes, can_overwrite ?\n" in shown(
        verified(made(tmp_path / "d"), but("overwrite", untried))
    )


def test_junit(tmp_path: Path) -> None:
    def came_back(one: Try) -> Result:
        return {"outside": LET_IN, "bare name": Result(Came.UNTRIED, message="no way")}.get(one.light, as_asked(one))

    found = verified(made(tmp_path), came_back)
    by_name = cases(found, "street: cannot be reached")
    failed = by_name["outside: read drawbridge-probe/there in acme-scans"].find("failure")
    assert failed is not None
    assert failed.get("message", "").startswith(
        "role external_s3 of account 258327614892 can read drawbridge-probe/0a1b2c3d/there"
    )
    assert (
        failed.text
        == "no statement of the bucket's policy lets it in: look at its ACL, and at the policies of whoever comes"
    )
    assert by_name["bare name: list with the prefix 'darwin' in acme-scans"].find("skipped") is not None
    assert not list(by_name["read: read studies/drawbridge-probe/there in acme-scans"])
    assert by_name["street: cannot be reached"].find("error") is not None
    document = ElementTree.fromstring(junit.report("prod", [found], []))  # noqa: S314
    (suite,) = document
    assert (suite.get("name"), suite.get("failures"), suite.get("skipped")) == ("scans-v7 in scans", "4", "2")
    assert suite.get("tests") == str(len(found.lit))


def test_amber_passes_in_junit_and_says_so(tmp_path: Path) -> None:
    case = cases(verified(made(tmp_path, WHOLE)))["read: read drawbridge-probe/there in acme-scans"]
    assert [child.tag for child in case] == ["system-out"]


@pytest.mark.parametrize("how", ["text", "json", "junit"])
def test_what_a_store_says_plays_no_tricks(tmp_path: Path, how: str) -> None:
    found = verified(made(tmp_path), but("read", Result(Came.REFUSED, 403, "AccessDenied", EVIL)))
    texts: dict[str, Any] = {
        "text": lambda: shown(found),
        "json": lambda: json.dumps(lights.data(found), ensure_ascii=False),
        "junit": lambda: junit.report("prod", [found], [EVIL]),
    }
    text = texts[how]()
    assert "\\u001b" in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    if how == "junit":
        ElementTree.fromstring(text)  # noqa: S314
