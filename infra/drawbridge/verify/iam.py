"""A live role or user of ours against the plan: who may become it, what it may, its keys, groups and boundary."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from drawbridge import tokens
from drawbridge.auth.aws_iam import POLICY
from drawbridge.auth.interface import PlannedIdentity
from drawbridge.documents import same
from drawbridge.iam import Iam
from drawbridge.once import Once
from drawbridge.verify import statements
from drawbridge.verify.live import Difference
from drawbridge.verify.statements import REFRESH, Statement
from drawbridge.verify.tries import Light

NOT_COMPARED = "the policy itself is not compared"
_GONE = "NoSuchEntity"


def differences(
    client: Any, planned: PlannedIdentity, values: Mapping[str, str], settings: Iam, options: str
) -> Iterator[tuple[Light, Difference]]:
    """Where it is not as planned, by light, and what cannot be told.

    `client` is that of an IAM of AWS's protocol, `values` are those of the plan's tokens, and `options` those of the
    `aws` command that takes away what is not ours.
    """
    live = _Live(client, planned, values, settings, options)
    parts = _OF_ROLES if live.kind == "role" else _OF_USERS
    for part, light, compare in parts:
        try:
            yield from ((light, one) for one in compare(live))
        except tokens.UnknownToken:
            reason = f"{part} of {live.words}: the state lacks what it is compared with; run `pulumi up`"
            yield light, Difference(reason, sure=False)
        except (ClientError, BotoCoreError) as error:
            if _code(error) == _GONE:
                words = f"{live.words} is gone: `pulumi up --refresh` makes it anew"
                yield from ((each, _red(words)) for each in dict.fromkeys(light for _, light, _ in parts))
                return
            reason = f"{part} of {live.words} cannot be read, so {NOT_COMPARED}: {error}"
            yield light, Difference(reason, sure=False)


class _Live:
    """The identity as IAM has it; what is needed twice is asked once."""

    def __init__(
        self, client: Any, planned: PlannedIdentity, values: Mapping[str, str], settings: Iam, options: str
    ) -> None:
        resource = planned.principal.arn.split(":", 5)[5]
        self.kind, self.name = resource.split("/")[0], resource.rpartition("/")[2]
        self.words, self.planned, self.values, self.settings = planned.principal.words, planned, values, settings
        self._client, self._options, self._once = client, options, Once(keep_failures=True)
        self._who = {f"{self.kind.title()}Name": self.name}

    @property
    def itself(self) -> dict[str, Any]:
        """What IAM says of it."""
        answer = self._once("itself", lambda: getattr(self._client, f"get_{self.kind}")(**self._who))
        return dict(answer[self.kind.title()])

    def pages(self, operation: str, part: str) -> list[Any]:
        """A list of what it has."""
        pages = self._client.get_paginator(operation.format(self.kind)).paginate(**self._who)
        return [one for page in pages for one in page[part]]

    def inline(self, name: str) -> dict[str, Any]:
        """One of its own policies."""
        get = getattr(self._client, f"get_{self.kind}_policy")
        return dict(get(**self._who, PolicyName=name)["PolicyDocument"])

    def command(self, operation: str, **options: str) -> str:
        """What takes something away."""
        given = "".join(f" --{name.replace('_', '-')} {shlex.quote(value)}" for name, value in options.items())
        return f"`aws{self._options} iam {operation.format(self.kind)} --{self.kind}-name {self.name}{given}`"


def _trust(live: _Live) -> Iterator[Difference]:
    """Who may become a role. What stands in a condition is never shown: an external id may be in it."""
    wanted = tokens.resolve(live.planned.trust, live.values)
    found = live.itself["AssumeRolePolicyDocument"]
    yield from _document(f"the trust policy of {live.words}", wanted, found, _who_else, _admits)


def _who_else(statement: Statement) -> str:
    without = "" if _external_ids(statement) else ", without an external id"
    who = statements.principals(statement)
    return f"it lets {who} assume it{without}" if statement.get("Effect") == "Allow" else f"it keeps {who} out"


def _admits(ours: Statement, theirs: Statement) -> list[str]:
    told = [*_ids_changed(ours, theirs), *statements.changes(ours, theirs, secret=("Condition",))]
    return told or ["its conditions are others"]


def _external_ids(statement: Mapping[str, Any]) -> set[str]:
    """Those that it asks for; none where another operator asks, such as StringEqualsIfExists or StringLike."""
    asked = statement.get("Condition", {}).get("StringEquals", {})
    return {
        one for key, value in asked.items() if key.lower() == "sts:externalid" for one in statements.listed_of(value)
    }


def _ids_changed(ours: Mapping[str, Any], theirs: Mapping[str, Any]) -> Iterator[str]:
    wanted, found = _external_ids(ours), _external_ids(theirs)
    if not found and wanted:
        yield "it does not ask for the external id"
        return
    if more := len(found - wanted):
        yield f"it takes {_number(more, 'external id')} of no generation that is alive"
    if less := len(wanted - found):
        yield f"it does not take {_number(less, 'external id')} of the generations that are alive"


def _session(live: _Live) -> Iterator[Difference]:
    found, wanted = live.itself.get("MaxSessionDuration", 3600), live.planned.wanted.longest_session
    if found != wanted:
        yield _red(f"sessions of {live.words} may last {found} seconds, and not {wanted}: {REFRESH}")


def _boundary(live: _Live) -> Iterator[Difference]:
    found = live.itself.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn", "")
    wanted = live.settings.permissions_boundary
    if found != wanted:
        yield _red(f"{live.words} has {_named(found)}, and the stack's is {wanted or 'none'}: {REFRESH}")


def _named(boundary: str) -> str:
    return f"the permissions boundary {boundary}" if boundary else "no permissions boundary"


def _inline(live: _Live) -> Iterator[Difference]:
    names = live.pages("list_{}_policies", "PolicyNames")
    for name in sorted(set(names) - {POLICY}):
        take_away = live.command("delete-{}-policy", policy_name=name)
        yield _red(f"{live.words} has the inline policy {name}, which is not ours: {take_away} takes it away")
    if POLICY not in names:
        yield _red(f"{live.words} has lost its inline policy {POLICY}: {REFRESH}")
        return
    wanted = tokens.resolve(live.planned.policy, live.values)
    where = f"the inline policy {POLICY} of {live.words}"
    yield from _document(where, wanted, live.inline(POLICY), _what_else, lambda *both: list(statements.changes(*both)))


def _what_else(statement: Statement) -> str:
    effect = "lets it do" if statement.get("Effect") == "Allow" else "denies it"
    return f"it {effect} {statements.actions(statement)} on {statements.resources(statement)}"


def _document(
    where: str,
    wanted: Mapping[str, Any],
    found: Mapping[str, Any],
    more: Callable[[Statement], str],
    changed: Callable[[Statement, Statement], list[str]],
) -> Iterator[Difference]:
    """A live document against the planned one; `more` says what a statement of others does, `changed` what is new."""
    pairs = list(statements.compare(wanted, found))
    for one in pairs:
        if one.ours is None:
            told = f"has {one.name}, which is not ours: {more(one.theirs or {})}"
        elif one.theirs is None:
            told = f"has lost {one.name}"
        else:
            told = f"has {one.name} changed: {', and '.join(changed(one.ours, one.theirs))}"
        yield _red(f"{where} {told}; {REFRESH}")
    if not pairs and not same(wanted, found):
        yield _red(f"{where} has another Version or Id; {REFRESH}")


def _attached(live: _Live) -> Iterator[Difference]:
    for one in live.pages("list_attached_{}_policies", "AttachedPolicies"):
        take_away = live.command("detach-{}-policy", policy_arn=one["PolicyArn"])
        yield _red(
            f"the managed policy {one['PolicyArn']} is attached to {live.words}, not by us: {take_away} ends that"
        )


def _groups(live: _Live) -> Iterator[Difference]:
    for one in live.pages("list_groups_for_user", "Groups"):
        take_away = live.command("remove-user-from-group", group_name=one["GroupName"])
        yield _red(f"{live.words} is in the group {one['GroupName']}, and may what it may: {take_away} ends that")


def _keys(live: _Live) -> Iterator[Difference]:
    """By their ids, which are not shown."""
    wanted = live.planned.wanted
    ours = {tokens.resolve(str(wanted.token("access_key", one)), live.values): one for one in wanted.generations}
    found = {one["AccessKeyId"]: one for one in live.pages("list_access_keys", "AccessKeyMetadata")}
    for key, one in found.items():
        if key not in ours:
            made = f"{one['CreateDate']:%Y-%m-%d %H:%M}"
            yield _red(f"{live.words} has an access key of no generation that is alive, made {made} UTC: delete it")
    for key, number in ours.items():
        if key not in found or found[key]["Status"] != "Active":
            state = "not active" if key in found else "gone"
            yield _red(f"the access key {number} of {live.words} is {state}: `pulumi up --refresh` makes it anew")


# What is compared, under which light, and by what.
_Part = tuple[str, Light, Callable[[_Live], Iterator[Difference]]]
_OF_BOTH: Sequence[_Part] = (
    ("the permissions boundary", "policy", _boundary),
    ("the inline policies", "policy", _inline),
    ("what is attached", "policy", _attached),
)
_OF_ROLES: Sequence[_Part] = (
    ("the trust policy", "external id", _trust),
    ("the longest session", "policy", _session),
    *_OF_BOTH,
)
_OF_USERS: Sequence[_Part] = (*_OF_BOTH, ("the groups", "policy", _groups), ("the access keys", "policy", _keys))


def _red(words: str) -> Difference:
    return Difference(words, sure=True)


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'' if count == 1 else 's'}"


def _code(error: ClientError | BotoCoreError) -> str:
    return str(error.response["Error"]["Code"]) if isinstance(error, ClientError) else ""
