"""Verifies what `pulumi up` made of a stack's files, with the configuration and the settings in its state."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from drawbridge import state
from drawbridge.config import PREFIX, from_values
from drawbridge.plan import make_plan
from drawbridge.problems import Invalid
from drawbridge.terminal import Told
from drawbridge.verify import journal
from drawbridge.verify.endpoints import WrongEndpoints, endpoints
from drawbridge.verify.verify import Report, verify


class CannotVerify(Exception):
    """Nothing was tried; the message says why and what to do."""


def verify_stack(stack: str | None, grants: Sequence[str], told: Told) -> Report:
    """Verifies the named grants, all unless some are named; raises CannotVerify."""
    try:
        with ThreadPoolExecutor() as pool:  # each starts Pulumi
            asked = pool.submit(state.configuration, stack)
            made = pool.submit(state.values, stack)
            name, handed_over = state.settings(stack)
            given, values = asked.result(), made.result()
        _as_the_program(given)
        ours = {key.removeprefix(PREFIX): value for key, value in given.items() if key.startswith(PREFIX)}
        plan = make_plan(from_values(name, ours, ()))
        wanted = sorted(set(state.chosen(name, grants, plan.grants)))
        applied = [grant for grant in wanted if grant in handed_over]
        with journal.opened(name) as open_journal:
            report = verify(plan, applied, open_journal, endpoints(), told, values)
    except Invalid as invalid:
        raise CannotVerify(f"the stack's files cannot be used:\n{invalid}") from None
    except (state.NoState, journal.NoJournal, WrongEndpoints, OSError) as error:
        raise CannotVerify(str(error)) from None
    for grant in sorted(set(wanted) - set(applied)):
        report.problems.append(f"{grant} was never applied, so there is nothing to verify; run `pulumi up`")
    for grant in sorted(set(handed_over) - set(plan.grants) if not grants else ()):
        report.problems.append(f"{grant} is in no file any more, but `pulumi up` has not ended its access yet")
    return report


def _as_the_program(given: Mapping[str, str]) -> None:
    """Lets storages act as under `pulumi up`: its engine hands the configuration over in the same way."""
    os.environ["PULUMI_CONFIG"] = json.dumps(given)
