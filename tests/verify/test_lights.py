"""Lights: a refusal counts only beside what was let in, what is accepted is amber, what cannot be tried is grey."""

from __future__ import annotations

from dataclasses import replace

from drawbridge.access import Access, Principal
from drawbridge.verify.lights import Colour, Lit, light
from drawbridge.verify.live import Came, Result
from drawbridge.verify.tries import Target, Try

WHO = Principal.of("arn:aws:iam::258327614892:role/external_s3")
PLACE = Target("scans", "acme-scans")
READ = Access("one", "scans", "bucket-policy", WHO, "", "DarwinAccess", ("read",), ("a/",))
INSIDE = Try("read", "read", PLACE, "a/drawbridge-probe/0a1b2c3d/there", "a/", asked=(READ,))
OUTSIDE = Try("outside", "read", PLACE, "drawbridge-probe/0a1b2c3d/there", "drawbridge-probe/0a1b2c3d/")
DELETE = Try("delete", "delete", PLACE, "a/drawbridge-probe/0a1b2c3d/doomed", "a/")
NOBODY = Try("nobody", "read", PLACE, "a/drawbridge-probe/0a1b2c3d/there", "a/", "nobody")
LET_IN, DENIED = Result(Came.LET_IN, 200), Result(Came.REFUSED, 403, "AccessDenied", "Access Denied")


def lit(results: dict[Try, Result]) -> dict[Try, Lit]:
    return {one.one: one for one in light("one", WHO, results)}


def test_all_is_as_it_should_be() -> None:
    found = lit({INSIDE: LET_IN, OUTSIDE: DENIED, DELETE: DENIED, NOBODY: DENIED})
    assert {one.colour for one in found.values()} == {Colour.GREEN}
    assert not any(one.reason for one in found.values())


def test_a_refusal_counts_only_beside_what_was_let_in_with_the_same_identity() -> None:
    found = lit({INSIDE: DENIED, OUTSIDE: DENIED, DELETE: DENIED, NOBODY: DENIED})
    assert found[INSIDE].colour is Colour.RED
    assert found[OUTSIDE].colour is found[DELETE].colour is Colour.GREY
    assert found[OUTSIDE].reason == (
        "a refusal to read drawbridge-probe/0a1b2c3d/there counts for nothing, since read a/drawbridge-probe/0a1b2c3d/there was not let in "
        "either"
    )
    assert found[NOBODY].colour is Colour.GREEN, "the owner put what nobody may read"


def test_its_twin_is_the_same_verb_where_that_is_granted() -> None:
    listing = replace(READ, verbs=("list",))
    inside = Try("list", "list", PLACE, "a/", asked=(listing,))
    bare = Try("bare name", "list", PLACE, "a")
    found = lit({INSIDE: LET_IN, inside: DENIED, bare: DENIED, OUTSIDE: DENIED})
    assert found[bare].colour is Colour.GREY
    assert found[OUTSIDE].colour is Colour.GREEN
    writes = replace(READ, verbs=("write",))
    write = Try("write", "write", PLACE, "a/drawbridge-probe/0a1b2c3d/new", "a/", asked=(writes,))
    overwrite = Try("outside", "overwrite", PLACE, "drawbridge-probe/0a1b2c3d/there", "drawbridge-probe/0a1b2c3d/")
    assert lit({write: LET_IN, overwrite: DENIED})[overwrite].colour is Colour.GREEN
    assert lit({INSIDE: LET_IN, write: DENIED, overwrite: DENIED})[overwrite].colour is Colour.GREY


def test_too_wide_and_too_narrow_say_what_was_tried_and_what_came_back() -> None:
    found = lit({INSIDE: LET_IN, OUTSIDE: LET_IN, NOBODY: LET_IN})
    assert found[OUTSIDE].colour is found[NOBODY].colour is Colour.RED
    assert found[OUTSIDE].reason == (
        "role external_s3 of account 258327614892 can read drawbridge-probe/0a1b2c3d/there in acme-scans, and no grant asks for "
        "it: 200"
    )
    assert found[NOBODY].reason.startswith(
        "whoever does not sign can read a/drawbridge-probe/0a1b2c3d/there in acme-scans"
    )
    assert lit({INSIDE: DENIED})[INSIDE].reason == (
        "role external_s3 of account 258327614892 cannot read a/drawbridge-probe/0a1b2c3d/there in acme-scans, and one asks for "
        "it: 403 AccessDenied: Access Denied"
    )


def test_what_is_no_denial_is_never_green() -> None:
    for status, code in ((404, "NoSuchKey"), (301, "PermanentRedirect"), (503, "SlowDown"), (0, "ConnectTimeoutError")):
        failed = Result(Came.FAILED, status, code)
        found = lit({INSIDE: LET_IN, OUTSIDE: failed})
        assert found[OUTSIDE].colour is Colour.RED
        assert "could not be seen to read drawbridge-probe/0a1b2c3d/there" in found[OUTSIDE].reason
        assert lit({INSIDE: failed})[INSIDE].colour is Colour.RED


def test_who_is_turned_away_is_red_once_and_its_refusals_are_grey() -> None:
    away = Result(Came.TURNED_AWAY, 403, "InvalidAccessKeyId", "The key does not exist.")
    found = lit({INSIDE: away, OUTSIDE: away})
    assert found[INSIDE].colour is Colour.RED
    assert found[OUTSIDE].colour is Colour.GREY
    assert lit({OUTSIDE: away})[OUTSIDE].colour is Colour.RED, "alone it would be seen nowhere"


def test_what_is_accepted_is_amber_unless_something_narrower_asks_too() -> None:
    whole = replace(READ, prefixes=("",), accepted="whole-bucket")
    wide = replace(OUTSIDE, asked=(whole,))
    found = lit({wide: LET_IN})
    assert (found[wide].colour, found[wide].reason) == (
        Colour.AMBER,
        "whole-bucket: wider than a folder, which one accepts",
    )
    assert lit(dict.fromkeys([replace(INSIDE, asked=(whole, READ))], LET_IN)).popitem()[1].colour is Colour.GREEN
    of_another = replace(OUTSIDE, asked=(replace(whole, grant="two"),))
    assert lit({of_another: LET_IN})[of_another].colour is Colour.GREEN, "amber is the other grant's light"


def test_a_wrong_external_id_has_to_be_turned_away_where_the_right_one_is_let_in() -> None:
    wrong = Try("external id", "come", PLACE, who="a wrong external id")
    assert lit({INSIDE: LET_IN, wrong: DENIED})[wrong].colour is Colour.GREEN
    assert lit({INSIDE: DENIED, wrong: DENIED})[wrong].colour is Colour.GREY
    found = lit({INSIDE: LET_IN, wrong: LET_IN})[wrong]
    assert found.colour is Colour.RED
    assert found.reason == (
        "role external_s3 of account 258327614892 with a wrong external id can come, and no grant asks for it: 200"
    )


def test_what_cannot_be_tried_is_grey_with_what_the_simulator_says() -> None:
    def untried(simulated: Result | None = None) -> Result:
        return Result(Came.UNTRIED, message="only the platform itself can come as it", simulated=simulated)

    found = lit({INSIDE: untried(), OUTSIDE: untried(), NOBODY: DENIED})
    assert found[INSIDE].colour is found[OUTSIDE].colour is Colour.GREY
    assert found[INSIDE].reason == "cannot be tried from here, since only the platform itself can come as it"
    assert found[NOBODY].colour is Colour.GREEN
    yes, no = (
        Result(Came.LET_IN, code="allowed", message="the simulator"),
        Result(Came.REFUSED, code="no", message="the simulator"),
    )
    found = lit({INSIDE: untried(yes), OUTSIDE: untried(no)})
    assert found[INSIDE].colour is found[OUTSIDE].colour is Colour.GREY
    assert found[INSIDE].reason.endswith("come as it; the simulator says what it should")
    assert (found[INSIDE].result.let_in, found[OUTSIDE].result.let_in) == (True, False)
    assert found[INSIDE].cause == found[OUTSIDE].cause, "it is said once"
    found = lit({INSIDE: untried(no), OUTSIDE: untried(yes)})
    assert found[INSIDE].colour is found[OUTSIDE].colour is Colour.RED
    assert found[INSIDE].reason.endswith("and one asks for it: the simulator says no")


def test_very_many_tries_are_no_matter() -> None:
    folders = [Try("read", "read", PLACE, f"{number}/", f"{number}/", asked=(READ,)) for number in range(5000)]
    beside = [Try("beside", "read", PLACE, f"{number}-", f"{number}-") for number in range(5000)]
    found = light("one", WHO, dict.fromkeys(folders + beside, DENIED))
    assert {one.colour for one in found} == {Colour.RED, Colour.GREY}
    assert len({one.cause for one in found}) == 2


def test_what_has_to_come_from_elsewhere_is_grey_and_never_red_for_that_alone() -> None:
    networks = ("203.0.113.0/24", "2001:db8::/48")
    from_there = replace(INSIDE, asked=(replace(READ, networks=networks),))
    listing = Try("list", "list", PLACE, "a/", asked=(replace(READ, verbs=("list",)),))
    found = lit({listing: LET_IN, from_there: DENIED, OUTSIDE: DENIED, DELETE: DENIED})
    assert (found[listing].colour, found[from_there].colour) == (Colour.GREEN, Colour.GREY)
    assert found[from_there].reason == (
        "read a/drawbridge-probe/0a1b2c3d/there is let in only from 203.0.113.0/24 and 2001:db8::/48, and this machine is "
        "not known to be there: run verify inside"
    )
    assert found[OUTSIDE].colour is Colour.GREY, "its twin was not let in either"
    assert lit({from_there: LET_IN})[from_there].colour is Colour.GREEN
    assert lit({from_there: Result(Came.FAILED, 404, "NoSuchKey")})[from_there].colour is Colour.RED
    vpc = replace(READ, networks=("vpc-0a1b2c3d",))
    both = replace(INSIDE, asked=(*from_there.asked, vpc))
    assert "from 203.0.113.0/24, 2001:db8::/48 and vpc-0a1b2c3d, and" in lit({both: DENIED})[both].reason
    assert lit({replace(INSIDE, asked=(vpc, READ)): DENIED}).popitem()[1].colour is Colour.RED, "open to everywhere too"
