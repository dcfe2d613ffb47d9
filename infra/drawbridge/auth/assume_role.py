"""The platform assumes a role of ours from its own account, and has to give an external id."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from drawbridge import templates
from drawbridge.access import Access, Principal
from drawbridge.auth import aws_iam
from drawbridge.auth.interface import IdentityAuth, Made, PlannedIdentity, Wanted
from drawbridge.deployer.deployed import Deployed
from drawbridge.iam import Iam
from drawbridge.problems import Finding
from drawbridge.verify.identity import Identity, Role, Vendor

if TYPE_CHECKING:
    from drawbridge.program import Run


class AssumeRole(IdentityAuth):
    """`assume-role`: a generation is an external id; the newest is handed over, and all alive are let in."""

    name = "assume-role"

    def iam(self, wanted: Wanted) -> str:
        """AWS alone has roles."""
        del wanted
        return ""

    def principal(self, wanted: Wanted, iam: Iam) -> Principal:
        """The role."""
        return aws_iam.principal("role", wanted, iam)

    def check(self, wanted: Wanted, iam: Iam) -> Iterator[Finding]:
        """Its name."""
        yield from aws_iam.too_long(wanted, iam)

    def plan(self, wanted: Wanted, accesses: Sequence[Access], iam: Iam) -> PlannedIdentity:
        """What it may, and who may become it."""
        ids = [str(wanted.token("external_id", generation)) for generation in wanted.generations]
        trust = templates.document(
            "iam/trust-policy.json.j2",
            sid="Platform",
            trusted=f"arn:aws:iam::{wanted.trusted}:root",
            external_ids=ids[0] if len(ids) == 1 else ids,
        )
        words, advice = f"the trust policy of {wanted.name}", "end the older ones of its generations"
        aws_iam.fits(trust, aws_iam.LARGEST_TRUST, words, advice)
        policy = aws_iam.policy(aws_iam.LARGEST_OF_ROLE, wanted, accesses)
        given = tuple(wanted.token("external_id", generation).name for generation in wanted.generations)
        return PlannedIdentity(wanted, self.principal(wanted, iam), policy, trust, may_be=given)

    def provision(self, planned: PlannedIdentity, policy: Any, iam: Iam, run: Run) -> Made:
        """An external id per generation where none is given, the role, and its policy."""
        import pulumi_aws as aws

        from drawbridge.resources.external_id import ExternalId

        wanted = planned.wanted
        names = {generation: wanted.token("external_id", generation).name for generation in wanted.generations}
        ids = {
            name: ExternalId(f"{wanted.name}-{number}", {"given": run.handed_in.get(name)}).value
            for number, name in names.items()
        }
        role = aws.iam.Role(
            wanted.name,
            name=iam.name(wanted.name),
            assume_role_policy=aws_iam.resolved(planned.trust, ids),
            force_detach_policies=True,  # also those that somebody else gave it: ending access must not fail
            max_session_duration=wanted.longest_session,
            opts=aws_iam.claim("role", planned, iam, run).options(),
            **aws_iam.common(iam, run),
        )
        may = aws.iam.RolePolicy(wanted.name, name=aws_iam.POLICY, role=role.name, policy=policy)
        return Made([may], {**ids, wanted.token("role_arn").name: role.arn})

    def deployed(self, planned: PlannedIdentity, iam: Iam) -> Iterator[Deployed]:
        """The role and its policy."""
        return aws_iam.deployed("role", planned, iam, "aws:iam/role:Role", "aws:iam/rolePolicy:RolePolicy")

    def comes(self, planned: PlannedIdentity, values: Mapping[str, str]) -> Identity:
        """Through the role with the newest external id, from the platform's account."""
        wanted = planned.wanted
        platform = Vendor(f"arn:aws:iam::{wanted.trusted}:user/lightly")
        external_id = values[wanted.token("external_id", wanted.newest).name]
        return Role(values[wanted.token("role_arn").name], external_id, platform, wanted.longest_session)


AUTH = AssumeRole()
