"""Shows proofs: per grant a matrix of requested and effective access and every surprise in a line; or all as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drawbridge.access import listed
from drawbridge.problems import visible
from drawbridge.proof.named import Named
from drawbridge.proof.outcome import Outcome
from drawbridge.proof.prove import Answer, Proof
from drawbridge.proof.questions import COLUMNS, Column, Kind
from drawbridge.proof.trust import Admission
from drawbridge.terminal import indented

MOST = 4  # folders that are named in a row
STYLES = {
    Outcome.REFUSED: "dim",
    Outcome.ASKED: "green",
    Outcome.SHARED: "cyan",
    Outcome.ACCEPTED: "yellow",
    Outcome.MISSING: "bold red",
    Outcome.TOO_WIDE: "bold red",
}
LEGEND = {
    Outcome.SHARED: "another grant on the bucket asks for it, with the same principal",
    Outcome.ACCEPTED: "wider than a folder, and the grant accepts it",
    Outcome.MISSING: "asked for, and the documents do not allow it",
    Outcome.TOO_WIDE: "the documents allow it, and nobody asks for it",
}
FOLDER: tuple[Kind, ...] = ("inside", "bare", "beside")
WORDS: dict[Kind, str] = {
    "inside": "inside {}",
    "bare": "the same without the slash",
    "beside": "beside, where names begin the same",
    "shared": "inside {}, of other grants",
    "not its own": "inside {}, of the grant's other identity",
    "elsewhere": "elsewhere in the bucket",
    "bucket": "the bucket itself",
    "another bucket": "another bucket",
}
_ORDER = list(Outcome).index
Cells = Mapping[Column, Outcome]


def show(proof: Proof, out: Console) -> None:
    """The matrix of one grant on one storage, and what is not as it was asked for."""
    storage = proof.planned.storage
    place = f"{proof.planned.name} ({storage.kind}, bucket {storage.bucket})"
    out.print(f"\n  [bold]{proof.grant.name}[/]  {visible(proof.principal.words)} in {place}", highlight=False)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column("", overflow="fold")
    for column in COLUMNS:
        table.add_column(column, no_wrap=True, min_width=len(column))
    for words, cells in rows(proof):
        shown = (Text(cells[column].value, STYLES[cells[column]]) if column in cells else "" for column in COLUMNS)
        table.add_row(Text(visible(words)), *shown)
    indented(table, out, 4)
    if proof.admissions:
        indented(_admissions(proof), out, 4)
    for sentence in proof.key_sentences:
        line = f"{sentence}; this is a KMS grant and no policy, so it is not decided"
        out.print(f"    {line}", markup=False, highlight=False)
    for line in surprises(proof):
        out.print(f"    {line}", style="red", markup=False, highlight=False)


def _admissions(proof: Proof) -> Table:
    """Who may become a role of ours; callers that are alike share a row."""
    worst: dict[str, Outcome] = {}
    for one in proof.admissions:
        worst[one.caller.words] = max(worst.get(one.caller.words, Outcome.REFUSED), one.outcome, key=_ORDER)
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(Text(f"who may become {visible(proof.principal.words)}"), overflow="fold")
    table.add_column("")
    for words, outcome in worst.items():
        table.add_row(Text(visible(words)), Text(outcome.value, STYLES[outcome]))
    return table


def legend(proofs: Iterable[Proof], out: Console) -> None:
    """What the words of the matrices mean, as far as they occur."""
    found: set[Outcome] = set()
    for proof in proofs:
        found |= {one.outcome for one in (*proof.answers, *proof.admissions, *proof.surprises)}
    lines = [f"  [{STYLES[one]}]{one.value}[/]: {words}" for one, words in LEGEND.items() if one in found]
    if lines:
        out.print("\n" + "\n".join(lines), highlight=False)


def rows(proof: Proof) -> Iterator[tuple[str, Cells]]:
    """What each row is about, and its cells; folders with which all is the same share their rows."""
    right = proof.answers[0].question.who
    principal = [answer for answer in proof.answers if answer.question.who == right]
    cells: dict[tuple[Kind, str], dict[Column, Outcome]] = {}
    for answer in principal:
        place = answer.question.place
        _worst(cells.setdefault((place.kind, place.folder), {}), answer)
    for kinds in (FOLDER, ("shared",), ("not its own",)):
        groups: dict[str, list[str]] = {}
        for folder in [folder for kind, folder in cells if kind == kinds[0]]:
            groups.setdefault(str([cells[kind, folder] for kind in kinds]), []).append(folder)
        for folders in groups.values():
            for kind in kinds:
                yield WORDS[kind].format(_some(folders)), cells[kind, folders[0]]
    for kind in ("elsewhere", "bucket", "another bucket"):
        whole = kind == "elsewhere" and not any(folder for _, folder in cells)
        yield "anywhere in the bucket" if whole else WORDS[kind], cells[kind, ""]
    if proof.named is not None:
        yield "whatever else its policy names", {"other": Outcome.TOO_WIDE if proof.named else Outcome.REFUSED}
    others: dict[str, dict[Column, Outcome]] = {}
    for answer in proof.answers:
        if answer.question.who != right:
            _worst(others.setdefault(answer.question.who.words, {}), answer)
    yield from others.items()


def surprises(proof: Proof) -> Iterator[str]:
    """A line for each kind of place, verb and person, and each statement, where something is not as it should be."""
    groups: dict[object, list[Answer | Admission | Named]] = {}
    for one in proof.surprises:
        groups.setdefault(one.alike, []).append(one)
    for found in groups.values():
        more = f" (and {len(found) - 1} more like it)" if len(found) > 1 else ""
        yield visible(f"{proof.grant.name}: {found[0].sentence()}{more}")


def data(proof: Proof) -> dict[str, Any]:
    """A proof for scripts: every question, with the decision and what was asked for."""
    return {
        "grant": proof.grant.name,
        "storage": proof.planned.name,
        "principal": proof.principal.arn,
        "requested": [
            {"verbs": list(one.verbs), "prefixes": list(one.prefixes), "networks": list(one.networks)}
            for one in proof.accesses
        ],
        "surprises": list(surprises(proof)),
        "answers": [_answer(answer) for answer in proof.answers],
        "admissions": [_admission(one) for one in proof.admissions],
        "named": [_named(one) for one in proof.named or ()],
        "not_decided": {"key_grants": proof.key_grants},
    }


def _answer(answer: Answer) -> dict[str, Any]:
    question = answer.question
    return {
        "who": question.who.words,
        "principal": question.who.arn,
        "place": question.place.kind,
        "folder": question.place.folder,
        "verb": question.column,
        "action": question.action,
        "resource": question.resource,
        "context": question.context,
        "requested": bool(answer.own),
        "effective": answer.effective,
        "decision": answer.decision.value,
        "outcome": _word(answer.outcome),
        "asked_by": sorted({access.grant for access in (*answer.own, *answer.others)}),
    }


def _admission(one: Admission) -> dict[str, Any]:
    return {
        "who": one.caller.words,
        "principal": one.caller.arn,
        "action": one.caller.action,
        "requested": one.caller.expected,
        "effective": one.effective,
        "decision": one.decision.value,
        "outcome": _word(one.outcome),
    }


def _named(one: Named) -> dict[str, Any]:
    return {
        "statement": one.statement,
        "action": one.action,
        "places": list(one.places),
        "outcome": _word(one.outcome),
    }


def _word(outcome: Outcome) -> str:
    return outcome.name.lower().replace("_", "-")


def _worst(cells: dict[Column, Outcome], answer: Answer) -> None:
    column = answer.question.column
    cells[column] = max(cells.get(column, Outcome.REFUSED), answer.outcome, key=_ORDER)


def _some(folders: Sequence[str]) -> str:
    more = [f"{len(folders) - MOST} more"] if len(folders) > MOST else []
    return listed([*folders[: MOST if more else None], *more])
