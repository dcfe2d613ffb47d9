"""What to do for an identity whose keys are handed in: the policy to attach, and how the stack gets the key."""

from __future__ import annotations

import json

from drawbridge import templates
from drawbridge.auth.interface import PlannedIdentity


def name(planned: PlannedIdentity) -> str:
    """What the file is called."""
    return f"{planned.wanted.name}-key.md"


def text(planned: PlannedIdentity) -> str:
    """The instructions, as Markdown."""
    wanted = planned.wanted
    return templates.text(
        "handed-in-key.md.j2",
        identity=wanted.name,
        store=wanted.kind.title,
        buckets=[storage.bucket for storage in wanted.storages.values()],
        policy=json.dumps(planned.policy, indent=2),
        remark=wanted.kind.on_policies,
        names=planned.handed_in if len(wanted.generations) == 1 else planned.handed_in[-2:],
        ending=wanted.generations[:-1],
        newest=wanted.newest,
        next=wanted.newest + 1,
    )
