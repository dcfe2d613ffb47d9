"""Asks Pulumi for what a stack's last `up` left in its state."""

import json
import subprocess
from collections.abc import Collection

SETTINGS = "settings"  # the output with every grant's files
VALUES = "values"  # the output with what identities hand over, by token


class NoState(Exception):
    """The state cannot be had; the message says why and what to do."""


def settings(stack: str | None) -> tuple[str, dict[str, dict[str, str]]]:
    """The stack's name and, by grant, the files of its settings; raises NoState."""
    which = ["--stack", stack] if stack else []
    # A full name has the organization and the project before the stack.
    name = (stack or _ask("stack", "--show-name").strip()).rsplit("/", 1)[-1]
    outputs = json.loads(_ask("stack", "output", "--json", "--show-secrets", *which))
    if SETTINGS not in outputs:
        raise NoState(f"stack {name} has no settings in its state; run `pulumi up` first (in the sandbox: make up)")
    return name, outputs[SETTINGS]


def values(stack: str | None) -> dict[str, str]:
    """What the stack's identities hand over, by the names of their tokens; raises NoState."""
    which = ["--stack", stack] if stack else []
    return dict(json.loads(_ask("stack", "output", "--json", "--show-secrets", *which)).get(VALUES, {}))


def chosen(stack: str, asked: Collection[str], there: Collection[str]) -> list[str]:
    """The grants that were asked for, all of a stack's unless some are named; raises NoState for one that is not."""
    if unknown := sorted(set(asked) - set(there)):
        raise NoState(
            f"{', '.join(unknown)}: no such grant in stack {stack}; it has: {', '.join(sorted(there)) or 'none'}"
        )
    return list(asked) or sorted(there)


def configuration(stack: str | None) -> dict[str, str]:
    """The stack's configuration as its program is given it, by `namespace:key`, without secrets; raises NoState."""
    which = ["--stack", stack] if stack else []
    found = json.loads(_ask("config", "--json", *which))
    return {key: str(entry["value"]) for key, entry in found.items() if not entry.get("secret")}


def _ask(*words: str) -> str:
    try:
        asked = subprocess.run(["pulumi", *words], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        raise NoState("there is no pulumi on PATH; activate .venv, or install Pulumi") from None
    if asked.returncode != 0:
        if "no stack named" in asked.stderr:
            raise NoState(f"there is no such stack: {asked.stderr.strip()}; `pulumi stack ls` lists them")
        hint = 'log in with `pulumi login`; for the sandbox use `make run CMD="drawbridge …"`'
        raise NoState(f"`pulumi {' '.join(words)}` failed: {asked.stderr.strip()}\n{hint}")
    return asked.stdout
