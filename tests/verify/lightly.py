"""Lightly's identities, made by hand in the sandbox as the program would, and changed by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from drawbridge import tokens
from drawbridge.auth.interface import PlannedIdentity
from drawbridge.plan import Plan
from drawbridge.verify.verify import Report, Verified
from tests.files import plan
from tests.verify.conftest import REGIONS, World

POLICY = "drawbridge"
ENDPOINT = "https://s3.example.com"  # never asked: the profile and the endpoint map lead to the sandbox
Document = dict[str, Any]


@dataclass
class Lightly:
    """A grant to Lightly that is raised; `values` are what the state would have."""

    world: World
    kind: str
    plan: Plan
    values: dict[str, str] = field(default_factory=dict)

    @property
    def iam(self) -> Any:
        """IAM of the store's administrator."""
        return self.world.sandbox.client("iam", self.kind)

    def name(self, use: str) -> str:
        """An identity's."""
        return f"{self.world.name}-{use}"

    def verify(self) -> Report:
        """With what the state has of its identities."""
        return self.world.verify(self.plan, values=self.values)

    def make(self, planned: PlannedIdentity) -> None:
        """An identity with its policy and all its generations."""
        if planned.trust:
            self._make_role(planned)
        else:
            self._make_user(planned)
        self.allow(planned.wanted.name, lambda _: None)

    def _make_role(self, planned: PlannedIdentity) -> None:
        wanted = planned.wanted
        self.values |= {name: f"sandbox/{name}" for name in planned.may_be}
        trust = json.dumps(tokens.resolve(planned.trust, self.values))
        seconds = wanted.longest_session
        answer = self.iam.create_role(RoleName=wanted.name, AssumeRolePolicyDocument=trust, MaxSessionDuration=seconds)
        self.values[wanted.token("role_arn").name] = answer["Role"]["Arn"]

    def _make_user(self, planned: PlannedIdentity) -> None:
        wanted = planned.wanted
        self.iam.create_user(UserName=wanted.name)
        for number in wanted.generations:
            key = self.iam.create_access_key(UserName=wanted.name)["AccessKey"]
            self.values[wanted.token("access_key", number).name] = key["AccessKeyId"]
            self.values[wanted.token("secret_key", number).name] = key["SecretAccessKey"]

    def allow(self, name: str, change: Callable[[list[Document]], object]) -> None:
        """Puts the planned policy of an identity, changed by hand."""
        planned = self.plan.identities[name]
        document = json.loads(json.dumps(planned.policy))
        change(document["Statement"])
        put = self.iam.put_role_policy if planned.trust else self.iam.put_user_policy
        who = {"RoleName" if planned.trust else "UserName": name}
        put(**who, PolicyName=POLICY, PolicyDocument=json.dumps(document))

    def trust(self, name: str, change: Callable[[Document], object]) -> None:
        """Puts the planned trust policy of a role, its one statement changed by hand."""
        document = json.loads(json.dumps(tokens.resolve(self.plan.identities[name].trust, self.values)))
        change(document["Statement"][0])
        self.iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(document))

    def key(self, name: str, status: str) -> None:
        """Switches the keys of a user."""
        for key in self.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            self.iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status=status)


def raised(world: World, grant: str, kind: str = "aws") -> Lightly:
    """A grant's lines after name and platform, applied with buckets raw and work."""
    more = {"aws": "", "wasabi": ", profile: wasabi"}.get(kind, f", profile: {kind}, endpoint: '{ENDPOINT}'")
    places = "\n".join(
        f"{name}: {{kind: {kind}, bucket: {world.name}-{name}, region: {REGIONS[kind]}{more}}}"
        for name in ("raw", "work")
    )
    text = f"name: {world.name}\nplatform: lightly\n{grant}"
    found = Lightly(world, kind, world.apply(plan(world.at / kind, places, grant=text)))
    for planned in found.plan.identities.values():
        found.make(planned)
    return found


def by_place(report: Report) -> dict[str, Verified]:
    """What was verified, by storage; with who comes, where there are several in one."""
    names = [one.planned.name for one in report.verified]
    return {
        name if names.count(name) == 1 else f"{name} {one.principal.arn.rpartition('-')[2]}": one
        for name, one in zip(names, report.verified, strict=True)
    }
