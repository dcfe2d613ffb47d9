"""The sandbox's commands: up, down, and any command run inside it."""

from __future__ import annotations

import json
import subprocess
import sys

import psutil
import typer

from drawbridge import private
from sandbox import raise_stack, servers
from sandbox.folder import Folder
from sandbox.hand_in import Owner

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=__doc__)
FOLDER = Folder()


def _say(text: str) -> None:
    typer.echo(text, err=True)


def _ready() -> dict[str, str]:
    try:
        return raise_stack.ready(FOLDER)
    except servers.NotStarted as error:
        _say(str(error))
        raise typer.Exit(1) from None


@app.command()
def up(stack: str = raise_stack.STACK) -> None:
    """Start the servers and raise grants/<stack> with the real `pulumi up`, then say what was raised."""
    if reason := raise_stack.unknown(FOLDER, stack):
        _say(reason)
        raise typer.Exit(1)
    instances, before = _ready(), raise_stack.before(FOLDER, stack)
    # Where no `up` was successful, one that broke off, or one by hand, may have run against other servers.
    stale = raise_stack.exists(FOLDER, stack) and before != instances
    raise_stack.select(FOLDER, stack)
    if stale and before:
        _say("The sandbox's servers were started anew since this stack was raised: what they lost is raised again.")
    owner = Owner(FOLDER, stack)
    if done := owner.make():
        _say(done)
    words = ["up", "--yes", "--skip-preview", "--stack", stack, *(["--refresh"] if stale else [])]
    code = raise_stack.run(FOLDER, ["pulumi", *words])
    if code == 0:
        private.write(FOLDER.raised(stack), json.dumps(instances))
        if done := owner.end():
            _say(done)
        code = raise_stack.run(FOLDER, ["drawbridge", "summary", "--stack", stack])
        look = f"pulumi preview --refresh --diff --stack {stack}"
        _say(f'\nNext: make run CMD="drawbridge verify --stack {stack}" tries what was granted;')
        _say(f'make run CMD="{look}" looks for changes made by hand; make down ends it.')
    raise typer.Exit(code)


@app.command()
def down() -> None:
    """Stop the servers; what they held is gone, and the next `up` makes it again."""
    stopped = servers.stop(FOLDER)
    _say(f"Stopped: {', '.join(stopped)}." if stopped else "Nothing was running.")


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def run(command: list[str]) -> None:
    """Run a command in the sandbox, e.g. `run pulumi preview --refresh` or `run drawbridge settings`."""
    instances = _ready()
    if not raise_stack.any_exists(FOLDER):
        raise_stack.select(FOLDER, raise_stack.STACK)
    elif unused := raise_stack.unused(FOLDER, instances):
        _say(f"Nothing was raised on the sandbox's servers {' and '.join(unused)} since they started; make up does it.")
    raise typer.Exit(raise_stack.run(FOLDER, command))


if __name__ == "__main__":
    try:
        app()
    except (OSError, subprocess.SubprocessError, psutil.Error) as error:
        _say(f"The sandbox cannot do this: {error}")
        sys.exit(1)
