"""Verifying for real: all green where all is as planned, and exactly the right lights red where it was changed."""

from __future__ import annotations

from typing import Any

import pytest

from drawbridge.plan import Plan
from drawbridge.verify.verify import Report
from tests.verify.conftest import STORES, Change, World, colours, of_colour

READS = "access: read-only\nprefixes: [studies/]"
WRITES = "access: read-write\nprefixes: [studies/, films/]\nwrite_prefix: darwin/\nmirax: true"
WHOLE = "access: read-only\naccept: [whole-bucket]"
ALL = {
    "read",
    "write",
    "overwrite",
    "delete",
    "list",
    "bare name",
    "beside",
    "outside",
    "other bucket",
    "nobody",
    "no TLS",
    "policy",
}
OTHERS = "the statement Lists of somebody else lets it do s3:ListBucket, which no grant here asks for"
Statements = list[dict[str, Any]]


def lines(report: Report) -> list[str]:
    """Every red light's reason and advice."""
    return [f"{lit.reason}. {one.advice.get(lit.cause, '')}" for one in report.verified for lit in one.red]


@pytest.mark.parametrize("kind", STORES)
def test_all_is_green_all_is_tried_and_nothing_is_left(world: World, kind: str) -> None:
    made = world.applied(kind, writes=WRITES)
    world.s3(kind).put_object(Bucket=f"{world.name}-scans", Key="studies/one.dcm", Body=b"1")
    world.s3(kind).put_object(Bucket=f"{world.name}-more", Key="drawbridge-probe/mine", Body=b"2")
    before = world.holds(made)
    report = world.verify(made)
    (found,) = report.verified
    assert colours(found) == dict.fromkeys(ALL, "green"), lines(report)
    assert {lit.one.light for lit in found.lit if not lit.one.expected} == ALL - {"read"}, "every denial is tried"
    assert (report.problems, report.notes) == ([], [])
    assert world.holds(made) == before
    assert [path.name for path in (world.at / "out" / "prod").iterdir()] == [".verify.lock"]


@pytest.mark.parametrize("kind", STORES)
def test_the_whole_bucket_is_amber(world: World, kind: str) -> None:
    report = world.verify(world.applied(kind, whole=WHOLE))
    assert of_colour(report, "amber") == {"whole": {"read"}}
    green = {"list", "write", "overwrite", "delete", "other bucket", "nobody", "no TLS", "policy"}
    assert of_colour(report, "green") == {"whole": green}


def bucket_of(found: Statements) -> str:
    """The ARN of the bucket that the first statement is about."""
    given = found[0]["Resource"]
    return str(given if isinstance(given, str) else given[0]).split("/", 1)[0]


def resources(*names: str) -> Change:
    """The first statement reads elsewhere."""
    return lambda found: found[0].update(Resource=[f"{bucket_of(found)}/{name}" for name in names])


def dropped(sid: str) -> Change:
    return lambda found: found.remove(next(one for one in found if one["Sid"] == sid))


def actions(*names: str) -> Change:
    return lambda found: found[0].update(Action=list(names))


def principal(given: Any) -> Change:
    return lambda found: found[0].update(Principal=given)


def listing(prefixes: list[str] | None) -> Change:
    """One more statement lets V7 list."""

    def change(found: Statements) -> None:
        more: dict[str, Any] = {
            "Sid": "Lists",
            "Effect": "Allow",
            "Principal": found[0]["Principal"],
            "Action": "s3:ListBucket",
            "Resource": bucket_of(found),
        }
        found.append({**more, "Condition": {"StringLike": {"s3:prefix": prefixes}}} if prefixes else more)

    return change


def also(*names: str) -> Change:
    """One more statement lets V7 do something else in its folder."""

    def change(found: Statements) -> None:
        objects, bucket = f"{bucket_of(found)}/studies/*", bucket_of(found)
        more = {
            "Effect": "Allow",
            "Principal": found[0]["Principal"],
            "Action": list(names),
            "Resource": [objects, bucket],
        }
        found.append({"Sid": "Also", **more})

    return change


# What is changed by hand in the policy of a grant that reads studies/, and the lights that turn red.
CHANGES: dict[str, tuple[Change, set[str], str]] = {
    "a prefix without its slash": (resources("studies*"), {"policy", "beside"}, "the statement DarwinAccess was changed"),
    "the whole bucket": (resources("*"), {"policy", "beside", "outside"}, "the statement DarwinAccess was changed"),
    "another folder": (resources("films/*"), {"policy", "read"}, "the statement DarwinAccess was changed"),
    "every action": (actions("s3:GetObject", "s3:PutObject", "s3:DeleteObject"), {"policy", "write", "overwrite", "delete"}, "the statement DarwinAccess was changed"),
    "also deletes": (actions("s3:GetObject", "s3:DeleteObject"), {"policy", "delete"}, "the statement DarwinAccess was changed"),
    "writes instead": (actions("s3:PutObject"), {"policy", "read", "write", "overwrite"}, "the statement DarwinAccess was changed"),
    "the statement is gone": (dropped("DarwinAccess"), {"policy", "read"}, "the statement DarwinAccess is gone"),
    "everybody": (principal("*"), {"policy", "nobody"}, "the statement DarwinAccess was changed"),
    "TLS is not asked for": (dropped("DrawbridgeTlsOnly"), {"policy", "no TLS"}, "the statement DrawbridgeTlsOnly is gone"),
    "also lists": (listing(None), {"policy", "list", "bare name", "beside", "outside"}, "others' Allow statements are in the policy of"),
    "lists by the bare name": (listing(["studies"]), {"bare name"}, "others' Allow statements are in the policy of"),
    "lists what begins the same": (listing(["studies*"]), {"list", "bare name", "beside"}, "others' Allow statements are in the policy of"),
    "a deny of somebody else's": (
        lambda found: found.append({"Sid": "Closed", "Effect": "Deny", "Principal": "*", "Action": "s3:GetObject", "Resource": found[0]["Resource"]}),
        {"read"},
        "others' Deny statements are in the policy of",
    ),
    # What nothing tried shows is seen by comparing.
    "another folder too": (resources("studies/*", "payroll/*"), {"policy"}, "the statement DarwinAccess was changed"),
    "what no light is about": (actions("s3:GetObject", "s3:PutObjectAcl"), {"policy"}, "the statement DarwinAccess was changed"),
    "another account too": (principal({"AWS": ["arn:aws:iam::555566667777:root", "arn:aws:iam::258327614892:root"]}), {"policy"}, "the statement DarwinAccess was changed"),
    "somebody else's statement": (also("s3:GetObjectVersion", "s3:PutBucketPolicy"), {"policy"}, "the statement Also of somebody else lets it do s3:GetObjectVersion and s3:PutBucketPolicy, which no grant here asks for"),
}  # fmt: skip


# Both stores are verified by the same code; what differs is who comes, and from where.
ON_WASABI = ("a prefix without its slash", "also deletes", "the statement is gone", "everybody", "TLS is not asked for")


@pytest.mark.parametrize(("kind", "names"), [("aws", tuple(CHANGES)), ("wasabi", ON_WASABI)])
def test_a_change_by_hand_turns_exactly_the_right_lights_red(world: World, kind: str, names: tuple[str, ...]) -> None:
    made = world.applied(kind, reads=READS)
    for name in names:
        change, red, said = CHANGES[name]
        world.change(made, change)
        report = world.verify(made)
        assert of_colour(report, "red").get("reads") == red, (name, lines(report))
        assert all(said in line or line.startswith(OTHERS) for line in lines(report)), (name, lines(report))
        assert report.problems == []
    world.change(made, list)
    assert of_colour(world.verify(made), "red") == {}
    assert world.holds(made) == []


def test_what_another_grant_asks_for_is_no_surprise_and_the_right_grant_is_red(world: World) -> None:
    made = world.applied(
        "aws",
        reads=READS,
        writes="access: read-write\nprefixes: [studies-old/]\nwrite_prefix: darwin/\nintegration: old",
    )
    assert of_colour(world.verify(made), "red") == {}

    def narrowed(found: Statements) -> None:
        found[0]["Resource"] = f"arn:aws:s3:::{world.name}-scans/studies/*"

    world.change(made, narrowed)
    report = world.verify(made)
    assert of_colour(report, "red") == {"writes": {"read", "policy"}, "reads": {"policy"}}
    assert sum("cannot read studies-old/drawbridge-probe/" in line for line in lines(report)) == 1


def test_a_policy_that_is_gone_altogether(world: World) -> None:
    made = world.applied("aws", reads=READS)
    world.s3("aws").delete_bucket_policy(Bucket=f"{world.name}-scans")
    report = world.verify(made)
    assert of_colour(report, "red") == {"reads": {"read", "policy"}}
    assert "the statement DarwinAccess is gone and the statement DrawbridgeTlsOnly is gone" in lines(report)[0]
    assert of_colour(report, "grey")["reads"] >= {"write", "delete", "outside"}, "no refusal counts"


def test_a_bucket_that_is_gone_is_one_problem_and_no_wall_of_lights(world: World) -> None:
    made: Plan = world.plan("aws", reads=READS)
    report = world.verify(made)
    assert report.notes == []
    missing = f"no probe can be put into {world.name}-scans: bucket {world.name}-scans does not exist"
    assert sorted(report.problems)[-1] == missing
    assert "read" in of_colour(report, "grey")["reads"]
    assert of_colour(report, "red")["reads"] <= {
        "list",
        "bare name",
        "beside",
        "outside",
        "other bucket",
        "nobody",
        "policy",
    }


def test_another_stacks_statement_on_the_same_bucket_is_told_and_not_red(world: World) -> None:
    made = world.applied("aws", reads=READS)

    def blue(found: Statements) -> None:
        found.append({**found[0], "Sid": "DarwinAccessBlue", "Resource": f"arn:aws:s3:::{world.name}-scans/blue/*"})

    world.change(made, blue)
    report = world.verify(made)
    assert of_colour(report, "red") == {}
    assert of_colour(report, "grey") == {"reads": {"policy"}}
    (told,) = [lit.reason for lit in report.verified[0].lit if lit.one.check == "compare"]
    assert told == (
        "the statement DarwinAccessBlue of another stack, as it seems, lets it do s3:GetObject, which no grant here asks for"
    )
