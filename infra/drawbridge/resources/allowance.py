"""What an identity may and which of its credentials are alive, kept in the state alone for the next run to compare."""

from __future__ import annotations

import json

import pulumi
from pulumi.dynamic import CheckFailure, CheckResult, CreateResult, DiffResult, UpdateResult

from drawbridge.documents import POLICY, grows, same
from drawbridge.resources.base import DynamicResource, Operations, Properties, say


class AllowanceOperations(Operations):
    """Properties: `policy` (JSON) and `generations`.

    Never kept in the state: `refuse`, why nothing more can be let in; `most`, how many generations can be alive at
    once, if limited; `at`, where the grant names them.
    """

    def check(self, _olds: Properties, news: Properties) -> CheckResult:
        """Who is in stays in, and what is to go can go: only what lets in more is refused, and what cannot be made."""
        refuse, most, at = (news.pop(key, None) for key in ("refuse", "most", "at"))
        more = bool(refuse) and grows(POLICY, _statements(news), _statements(_olds))
        wrong = [refuse] if more else []
        were, are = _generations(_olds), _generations(news)
        shared = [one for one in were if one in are]
        change = f"{at} was {were} and is {are}"
        # A new credential is made before an old one ends.
        if were and most and len({*were, *are}) > most:
            wrong.append(f"{change}, but at most {int(most)} can be alive at once; go to {shared or were[-1:]} first")
        elif were and not shared:
            say(
                f"{change}: the old one ends with this run, and the platform has none that works until it is handed "
                f"the new one; go through {were + are} to leave no gap"
            )
        return CheckResult(news, [CheckFailure("", one) for one in wrong])

    def diff(self, _id: str, _olds: Properties, _news: Properties) -> DiffResult:
        """Another policy, whatever its form, or other generations."""
        changed = not same(_statements(_olds), _statements(_news))
        return DiffResult(changed or _generations(_olds) != _generations(_news))

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


def _generations(props: Properties) -> list[int]:
    return [int(one) for one in props.get("generations", [])]  # Pulumi knows no whole numbers
