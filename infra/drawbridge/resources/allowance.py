"""What an identity may, kept in the state alone: a storage in trouble refuses what would let in more than that."""

from __future__ import annotations

import json

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, UpdateResult

from drawbridge.documents import POLICY, grows, same
from drawbridge.resources.base import DynamicResource, Operations, Properties


class AllowanceOperations(Operations):
    """Properties: `policy` (JSON), and `refuse`, why nothing more can be let in; it is never kept in the state."""

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Who is in stays in, and what is to go can go: only what lets in more is refused."""
        refuse = news.pop("refuse", "")
        more = bool(refuse) and grows(POLICY, _statements(news), _statements(_olds))
        return CheckResult(news, [CheckFailure("", refuse)] if more else [])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another policy, whatever its form."""
        return DiffResult(not same(_statements(_olds), _statements(_news)))

    def create(self, props: Properties) -> CreateResult:
        """Nothing in any cloud."""
        return CreateResult("allowance", props)

    def update(self, _id: str, _olds: Properties, _news: Properties) -> UpdateResult:
        """Nothing in any cloud."""
        return UpdateResult(_news)


class Allowance(DynamicResource, name="Allowance", operations=AllowanceOperations, secret_outputs=()):
    """`policy` is what may be applied by now."""

    policy: pulumi.Output[str]


def _statements(props: Properties) -> list[Properties]:
    return list(json.loads(props["policy"])["Statement"]) if props.get("policy") else []
