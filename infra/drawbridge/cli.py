"""The command line: checks and explains what a stack's files amount to; asks Pulumi only for the state."""

import io
import json
import os
import re
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from drawbridge import handed_in, schemas, state, tokens
from drawbridge import settings as settings_files
from drawbridge.config import Config, from_file
from drawbridge.deployer import policy as deployer
from drawbridge.paths import GRANTS, ROOT, shown
from drawbridge.plan import Plan, make_plan
from drawbridge.problems import Invalid, Problem, visible
from drawbridge.proof import judge, show
from drawbridge.proof.prove import prove as proofs_of
from drawbridge.terminal import progress

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Lets a data platform into your storage and no further.",
)
for stream in (sys.stdout, sys.stderr):
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="replace")  # a terminal that takes only ASCII is no reason to fail
# Without emoji: rich would turn the `:100:` of a place into one.
out, talk = (Console(stderr=stderr, soft_wrap=True, emoji=False) for stderr in (False, True))

Folders = Annotated[list[Path] | None, typer.Argument(metavar="DIR", help="Folders of stacks; all under grants/.")]
StackName = Annotated[str | None, typer.Option("--stack", help="The name of a stack, in the place of folders.")]
Raised = Annotated[str | None, typer.Option("--stack", help="A stack that was raised; the selected one unless named.")]
AsJson = Annotated[bool, typer.Option("--json", help="For scripts.")]


@app.command()
def check(folders: Folders = None, stack: StackName = None, as_json: AsJson = False) -> None:
    """Find every mistake in the files, without Pulumi and without a network.

    Example: drawbridge check grants/prod
    """
    problems: list[Problem] = []
    found = _stacks(folders, stack)
    for one in found:
        try:
            problems += make_plan(_config(one)).warnings
        except Invalid as invalid:
            problems += invalid.problems
    errors = [problem for problem in problems if problem.severity == "error"]
    if as_json:
        _json([vars(problem) for problem in problems])
    for problem in [] if as_json else problems:
        out.print(str(problem), markup=False, highlight=False, style="red" if problem.severity == "error" else "yellow")
    warnings = f", {_count(len(problems) - len(errors), 'warning')}" if len(problems) > len(errors) else ""
    checked = f"{_count(len(found), 'stack')} checked, no mistakes{warnings}."
    talk.print(f"{_count(len(errors), 'mistake')}{warnings}" if errors else checked)
    raise typer.Exit(1 if errors else 0)


@app.command()
def summary(folders: Folders = None, stack: StackName = None, as_json: AsJson = False) -> None:
    """Say per grant who may do what under which prefix, and where its settings lie.

    Example: drawbridge summary --stack prod --json
    """
    plans, problems = _plans(folders, stack)
    if as_json:
        _json([plan.as_data() for plan in plans])
    for plan in [] if as_json else plans:
        _show(plan)
    if problems:
        _fail("\n".join(problems))


@app.command(name="handed-in")
def keys_handed_in(folders: Folders = None, stack: StackName = None) -> None:
    """Say for each key that you have to make yourself which policy its user gets, and how to hand the key in.

    Example: drawbridge handed-in grants/prod
    """
    plans, problems = _plans(folders, stack)
    found = [one for plan in plans for one in plan.identities.values() if one.handed_in]
    for one in found:
        out.print(handed_in.text(one), markup=False, highlight=False)
    if problems:
        _fail("\n".join(problems))
    talk.print(f"{_count(len(found), 'user')} to make." if found else "No key has to be handed in.", highlight=False)


@app.command()
def prove(folders: Folders = None, stack: StackName = None, as_json: AsJson = False) -> None:
    """Decide what each grant's documents allow, and compare it with what it asks for; no cloud is asked.

    Every verb is tried in each folder, beside it, elsewhere and in another bucket: as the platform, as strangers,
    without a signature and without TLS. Exit code 1: something is wider or narrower than asked for.

    Example: drawbridge prove grants/prod
    """
    plans, problems = _plans(folders, stack)
    try:
        with judge.Judge(_judge()) as running, progress(talk, "Deciding requests") as told:
            found = [(plan, proofs_of(plan, running, told)) for plan in plans]
    except judge.JudgeFailed as error:
        _fail("\n".join([*problems, str(error)]))
    proofs = [proof for _, some in found for proof in some]
    if as_json:
        _json([{"stack": plan.stack, "grants": list(map(show.data, some))} for plan, some in found])
    for plan, some in [] if as_json else found:
        _title(plan)
        for proof in some:
            show.show(proof, out)
    if not as_json:
        show.legend(proofs, out)
    surprises = sum(len(list(show.surprises(proof))) for proof in proofs)
    said = _count(surprises, "surprise") if surprises else "no surprises"
    if plans:
        talk.print(f"{_count(sum(len(plan.grants) for plan in plans), 'grant')} proved, {said}.", highlight=False)
    if problems:
        _fail("\n".join(problems))
    raise typer.Exit(1 if surprises else 0)


@app.command()
def verify(
    grants: Annotated[list[str] | None, typer.Argument(metavar="GRANT", help="Grants; all unless named.")] = None,
    stack: Raised = None,
    as_json: AsJson = False,
    junit_file: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Also as JUnit XML.")] = None,
) -> None:
    """Try for real what each grant lets its platform do, and what it must not; a row of lights per grant.

    Comes as the platform where it can, and as nobody, and compares the live policy with the plan. Probe objects are
    put under `drawbridge-probe/` with the credentials of `pulumi up`, and removed again. Exit code 1: a light is red,
    or something could not be verified or removed.

    Example: drawbridge verify scans-v7 --stack prod
    """
    from drawbridge.verify import junit
    from drawbridge.verify import show as lights
    from drawbridge.verify.stack import CannotVerify, verify_stack

    _write(junit_file, junit.report(stack or "", [], ["the run did not come to its end"]))
    try:
        with progress(talk, "Verifying") as told:
            found = verify_stack(stack, grants or [], told)
    except KeyboardInterrupt:
        talk.print("Interrupted; if something was just being written, the next run looks for it.", highlight=False)
        raise typer.Exit(130) from None
    except CannotVerify as error:
        _write(junit_file, junit.report(stack or "", [], [str(error)]))
        _fail(str(error))
    _write(junit_file, junit.report(found.stack, found.verified, found.problems))
    if as_json:
        _json(lights.report(found))
    else:
        out.print(visible(f"Stack {found.stack}"), style="bold", highlight=False, markup=False)
        lights.show(found.verified, out)
        lights.legend(found.verified, out)
    for note in found.notes:
        talk.print(visible(note), markup=False, highlight=False)
    talk.print(f"{_count(len(found.grants), 'grant')} verified, {lights.counted(found.verified)}.", highlight=False)
    if found.problems:
        _fail("\n".join(map(visible, found.problems)))
    raise typer.Exit(1 if any(one.red for one in found.verified) else 0)


@app.command()
def deployer_policy(
    folder: Annotated[Path | None, typer.Argument(metavar="DIR", help="A stack's folder.")] = None,
    stack: StackName = None,
    account: Annotated[str | None, typer.Option(metavar="ID", help="The AWS account's 12 digits.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the policy that the identity needs which runs `pulumi up` on AWS; no cloud is asked.

    It names this plan's own buckets, roles, users and keys. One that a change of the files removes or renames is not in
    the new policy: take the old one away after the `pulumi up` that does it. Where IAM's size of a managed policy is
    too small for all, several documents are printed, and all of them are needed; --json gives them as a list.

    Example: drawbridge deployer-policy grants/prod --account 111122223333
    """
    found = _stacks([folder] if folder else None, stack)
    if len(found) > 1:
        raise typer.BadParameter("there are several stacks; name the folder of one, or --stack")
    if account and not re.fullmatch("[0-9]{12}", account):
        raise typer.BadParameter("an AWS account is 12 digits", param_hint="--account")
    try:
        plan = make_plan(_config(found[0]))
    except Invalid as invalid:
        _fail(str(invalid))
    made = deployer.documents(deployer.deployed(plan))
    if account:
        made = tokens.resolve(made, {tokens.AWS_ACCOUNT.name: account})
    if as_json:
        _json({"stack": plan.stack, "policies": made})
    for document in [] if as_json else made:
        sys.stdout.write(f"{json.dumps(document, indent=2)}\n")
    for note in deployer.notes(plan, made):
        talk.print(visible(note), markup=False, highlight=False)


@app.command()
def schema(part: Annotated[schemas.Part, typer.Argument(help="A grant's file, or storage.yaml.")]) -> None:
    """Print the JSON Schema of a grant's file or of storage.yaml, for editors.

    Example: drawbridge schema grant > schemas/grant.schema.json
    """
    sys.stdout.write(schemas.text(part))


@app.command()
def settings(
    grants: Annotated[list[str] | None, typer.Argument(metavar="GRANT", help="Grants; all unless named.")] = None,
    stack: Raised = None,
) -> None:
    """Write the settings of the last `pulumi up` again, from the state, into out/<stack>/<grant>/.

    Example: drawbridge settings radiology-v7 --stack prod
    """
    try:
        name, found = state.settings(stack)
        wanted = state.chosen(name, grants or [], found)
    except state.NoState as error:
        _fail(str(error))
    for grant in wanted:
        try:
            written = settings_files.write(name, grant, found[grant])
        except OSError as error:
            _fail(f"the settings of {grant} cannot be written: {error}")
        out.print(shown(written), markup=False, highlight=False)


def _stacks(folders: list[Path] | None, stack: str | None) -> Sequence[Path | str]:
    """The stacks that a command is about, by folder or by name; wrong usage is exit code 2."""
    if folders and stack:
        raise typer.BadParameter("give folders or --stack, not both")
    if stack or folders:
        return [stack] if stack else [_folder(path) for path in folders or []]
    found = sorted(path for path in GRANTS.iterdir() if path.is_dir()) if GRANTS.is_dir() else []
    if not found:
        _fail(f"{shown(GRANTS)}: there is no stack; make grants/<stack>/storage.yaml")
    return found


def _folder(path: Path) -> Path:
    """A folder as it was given; from the repository's root where it lies there alone, as messages show it."""
    return ROOT / path if not os.path.lexists(path) and os.path.lexists(ROOT / path) else path


def _plans(folders: list[Path] | None, stack: str | None) -> tuple[list[Plan], list[str]]:
    """The plans of those stacks whose files are right, and what is wrong with the others."""
    plans, problems = [], []
    for one in _stacks(folders, stack):
        try:
            plans.append(make_plan(_config(one)))
        except Invalid as invalid:
            problems.append(str(invalid))
    return plans, problems


def _judge() -> list[str]:
    """What starts the judge; where it is not installed and somebody is there to answer, it is offered."""
    try:
        return judge.find()
    except judge.NotInstalled:
        if not (_somebody_is_there() and typer.confirm(judge.OFFER, err=True)):
            raise
    judge.install()
    return judge.find()


def _somebody_is_there() -> bool:
    return sys.stdin.isatty() and talk.is_terminal


def _config(stack: Path | str) -> Config:
    """A folder under grants/ is that stack, with its configuration; any other folder stands for itself."""
    if isinstance(stack, str):
        return from_file(stack)
    folder = stack.resolve()
    if folder.parent == GRANTS and (config := from_file(folder.name)).grants == folder:
        return config
    return Config(folder.name, stack)


def _fail(message: str) -> NoReturn:
    talk.print(message, style="red", markup=False, highlight=False)
    raise typer.Exit(1)


def _json(data: object) -> None:
    """Every character outside of ASCII is escaped: nothing that others wrote acts on a terminal."""
    out.print_json(json.dumps(data), ensure_ascii=True)


def _write(path: Path | None, text: str) -> None:
    try:
        if path:
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        _fail(f"the report cannot be written: {error}")


def _count(number: int, thing: str) -> str:
    return f"{number} {thing}{'' if number == 1 else 's'}"


def _show(plan: Plan) -> None:
    """A block per grant: who may do what, and where the settings lie and go."""
    _title(plan)
    for name, grant in plan.grants.items():
        out.print(f"\n  [bold]{name}[/]  {grant.platform}", highlight=False)
        for access in grant.accesses:
            place = plan.storages[access.storage].storage
            _line(f"{access.sentence()} ({place.kind}, bucket {place.bucket})")
        where = shown(settings_files.folder(plan.stack, name))
        _line(f"settings: {where}/, for {grant.settings.hint}")
    for name, planned in plan.storages.items():
        shared = len({access.grant for access in planned.accesses}) > 1
        if shared or planned.documents.key_grants:
            out.print(f"\n  [bold]{name}[/]  {planned.storage.kind}, bucket {planned.storage.bucket}", highlight=False)
            for sentence in planned.sentences():
                _line(sentence)


def _title(plan: Plan) -> None:
    title = visible(f"Stack {plan.stack}: {_count(len(plan.grants), 'grant')}")
    out.print(title, style="bold", highlight=False, markup=False)


def _line(text: str) -> None:
    """Indented; on a terminal broken to its width, elsewhere one line for whoever reads it."""
    width = out.width if out.is_terminal else len(text) + 4
    wrapped = textwrap.fill(text, width, initial_indent="    ", subsequent_indent="      ", break_on_hyphens=False)
    out.print(wrapped, highlight=False, markup=False)


if __name__ == "__main__":
    app()
