"""What is tried: every verb that was granted where it was, beside what must be refused."""

from __future__ import annotations

from pathlib import Path

from drawbridge.access import Access, Principal
from drawbridge.plan import Plan
from drawbridge.verify.tries import Target, Try, in_a_foreign_one, in_another, tries
from tests.files import plan
from tests.platforms import v7_forms
from tests.verify.lit import RUN

PLACE = Target("scans", "your-s3-bucket-name")
NOWHERE = [
    "-list without a prefix",
    "-read drawbridge-probe/0a1b2c3d/there",
    "-write drawbridge-probe/0a1b2c3d/new",
    "-delete drawbridge-probe/0a1b2c3d/doomed",
]
BOTH = {
    "one": ("access: read-write", "prefixes: [a/, b/]", "write_prefix: darwin/", "mirax: true"),
    "two": ("access: read-only", "prefixes: [a-x/, z/]"),
}


def two(at: Path) -> Plan:
    texts = {
        name: "\n".join([f"name: {name}", "platform: v7", "storage: scans", *lines]) for name, lines in BOTH.items()
    }
    return plan(at, v7_forms.STORAGES["aws"], **texts)


def asked(found: list[Try]) -> dict[str, list[str]]:
    """By light what is tried; a + before what has to be let in."""
    shown: dict[str, list[str]] = {}
    for one in found:
        shown.setdefault(one.light, []).append(f"{'+' if one.expected else '-'}{one.words}")
    return shown


def of(made: Plan, name: str) -> list[Try]:
    accesses = made.storages["scans"].accesses
    own, others = ([one for one in accesses if (one.grant == name) == same] for same in (True, False))
    return tries(PLACE, own, others, RUN, elsewhere=in_another(Target("more", "more"), RUN), needs_tls=True)


def test_a_grant_beside_another(tmp_path: Path) -> None:
    assert asked(of(two(tmp_path), "one")) == {
        "list": ["+list with the prefix 'a/'", "+list with the prefix 'b/'", "-list with the prefix 'darwin/'"],
        "read": [f"+read {folder}/drawbridge-probe/0a1b2c3d/there" for folder in ("a", "b", "darwin")],
        "write": ["-write a/drawbridge-probe/0a1b2c3d/new", "-write b/drawbridge-probe/0a1b2c3d/new", "+write darwin/drawbridge-probe/0a1b2c3d/new"],
        "overwrite": ["-overwrite a/drawbridge-probe/0a1b2c3d/there", "-overwrite b/drawbridge-probe/0a1b2c3d/there", "+overwrite darwin/drawbridge-probe/0a1b2c3d/there"],
        "delete": [f"-delete {folder}/drawbridge-probe/0a1b2c3d/doomed" for folder in ("a", "b", "darwin")],
        "bare name": [f"-list with the prefix '{folder}'" for folder in ("a", "b", "darwin")],
        "beside": [
            line
            for folder in ("a", "b", "darwin")
            for line in (f"-list with the prefix '{folder}-'", f"-read {folder}-drawbridge-probe/0a1b2c3d/there", f"-write {folder}-drawbridge-probe/0a1b2c3d/new", f"-delete {folder}-drawbridge-probe/0a1b2c3d/doomed")
        ],
        "outside": NOWHERE,
        "other bucket": NOWHERE,
        "nobody": [
            line
            for folder in ("a", "b", "darwin")
            for line in (f"-list with the prefix '{folder}/'", f"-read {folder}/drawbridge-probe/0a1b2c3d/there", f"-write {folder}/drawbridge-probe/0a1b2c3d/new", f"-delete {folder}/drawbridge-probe/0a1b2c3d/doomed")
        ],
        "no TLS": ["-read a/drawbridge-probe/0a1b2c3d/there"],
    }  # fmt: skip


def test_what_another_grant_of_the_same_principal_asks_for_is_expected_too() -> None:
    principal = Principal.of("arn:aws:iam::258327614892:role/external_s3")

    def access(grant: str, prefix: str, accepted: str = "") -> Access:
        return Access(grant, "scans", "bucket-policy", principal, "", grant, ("read",), (prefix,), accepted)

    found = tries(PLACE, [access("one", "a/")], [access("two", "a-")], RUN)
    beside = {one.check: one for one in found if one.light == "beside"}
    assert [one.grant for one in beside["read"].asked] == ["two"]
    assert not beside["write"].expected


def test_the_whole_bucket_has_no_outside(tmp_path: Path) -> None:
    found = asked(of(v7_forms.made(tmp_path, "aws", "read-write-location-alone"), "one"))
    assert found["read"] == ["+read drawbridge-probe/0a1b2c3d/there", "+read darwin/drawbridge-probe/0a1b2c3d/there"]
    assert found["write"] == ["-write drawbridge-probe/0a1b2c3d/new", "+write darwin/drawbridge-probe/0a1b2c3d/new"]
    assert found["list"] == ["-list without a prefix", "-list with the prefix 'darwin/'"]
    assert "outside" not in found
    assert found["bare name"] == ["-list with the prefix 'darwin'"]


def test_every_verb_of_every_form_is_tried_and_refused_somewhere(tmp_path: Path) -> None:
    for number, (kind, form) in enumerate(v7_forms.CASES):
        made = v7_forms.made(tmp_path / str(number), kind, form)
        for name, grant in made.grants.items():
            found = of(made, name)
            let_in = {one.check for one in found if any(access.grant == name for access in one.asked)} - {"overwrite"}
            assert let_in == {verb for access in grant.accesses for verb in access.verbs}, (kind, form)
            assert {one.light for one in found if not one.expected} >= {"nobody", "other bucket"}
            assert len(found) == len(set(found)), "nothing is tried twice"


def test_nothing_is_put_into_a_bucket_that_the_stack_does_not_know() -> None:
    place = Target("", "others")
    assert [one.check for one in in_a_foreign_one(place, "some/key")] == ["list", "read"]
    assert [one.check for one in in_a_foreign_one(place, "")] == ["list"]
    assert not any(one.probes is not None for one in in_a_foreign_one(place, "some/key"))


def test_wrong_ways_to_come() -> None:
    principal = Principal.of("arn:aws:iam::111122223333:role/lightly")
    access = Access("one", "scans", "assume-role", principal, "", "", ("read",), ("a/",))
    found = tries(PLACE, [access], [], RUN, wrong=["a wrong external id", "no external id"])
    assert asked(found)["external id"] == ["-come with a wrong external id", "-come with no external id"]
    assert "no TLS" not in asked(found)


def test_the_folders_of_the_grants_other_identity_are_outside() -> None:
    def access(name: str, *prefixes: str) -> Access:
        who = Principal.of(f"arn:aws:iam::111122223333:role/{name}")
        return Access("one", "scans", "assume-role", who, "", "", ("read",), prefixes)

    own = access("input", "a/")
    found = asked(tries(PLACE, [own], [], RUN, apart=[access("lightly", "b/", "a/inside/")]))
    there = [line for line in found["outside"] if line not in NOWHERE]
    assert there == [
        "-list with the prefix 'b/'",
        "-read b/drawbridge-probe/0a1b2c3d/there",
        "-write b/drawbridge-probe/0a1b2c3d/new",
        "-delete b/drawbridge-probe/0a1b2c3d/doomed",
    ]
    around = asked(tries(PLACE, [access("lightly", "a/inside/")], [], RUN, apart=[own]))
    assert "-read a/drawbridge-probe/0a1b2c3d/there" in around["outside"]
