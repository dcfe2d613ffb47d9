"""Shows what was verified: a row of lights per grant, and a line for whatever is not green; or all as data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from drawbridge.problems import visible
from drawbridge.terminal import indented
from drawbridge.verify.lights import Colour, Lit
from drawbridge.verify.live import Came
from drawbridge.verify.tries import LIGHTS, Light
from drawbridge.verify.verify import Report, Verified, titles

STYLES = {Colour.GREEN: "green", Colour.AMBER: "yellow", Colour.GREY: "bright_black", Colour.RED: "bold red"}
# Told apart without colour too.
LAMPS = {Colour.GREEN: "●", Colour.AMBER: "◐", Colour.GREY: "○", Colour.RED: "✖"}
PLAIN = {Colour.GREEN: "o", Colour.AMBER: "~", Colour.GREY: "?", Colour.RED: "X"}
MEND = "To mend "
LEGEND = {
    Colour.GREEN: "as it should be",
    Colour.AMBER: "wider than asked for, and accepted",
    Colour.GREY: "says nothing, or cannot be tried from here; yes and no beside it are the simulator's",
    Colour.RED: "not as it should be",
}
_ORDER = list(Colour).index
_WORDS = {True: "yes", False: "no", None: "?"}
_KNOWN = (Came.LET_IN, Came.REFUSED)


def show(found: Sequence[Verified], out: Console) -> None:
    """The lights of all grants of a stack in a table, then what is to be said."""
    lamps = _lamps(out)
    used = [name for name in LIGHTS if any(one.one.light == name for verified in found for one in verified.lit)]
    cells = [{name: _cell(colour, word, lamps) for name, (colour, word) in lit(one).items()} for one in found]
    names = list(map(visible, titles(found)))
    grants = list(zip(names, cells, strict=True))
    table = _table(["", *used], [[name, *(cell.get(one, "") for one in used)] for name, cell in grants])
    if out.is_terminal and out.measure(table).maximum + 2 > out.width:
        table = _table(["", *names], [[light, *(cell.get(light, "") for cell in cells)] for light in used])
    if found:
        indented(table, out, 2)
    grants_of = [one.grant.name for one in found]
    for verified, title in zip(found, names, strict=True):
        head = title if grants_of.count(verified.grant.name) > 1 else verified.grant.name
        if shown := _names(verified):
            words = ", ".join(f"{name} {_WORDS[value]}" for name, value in shown.items())
            out.print(f"\n  [bold]{head}[/]  {verified.grant.platform} shows: {words}", highlight=False)
        lines = list(sentences(verified))
        if lines:
            out.print(f"\n  [bold]{head}[/]", highlight=False)
        for colour, line in lines:
            mark = " " if line.startswith(MEND) else lamps[colour]
            out.print(f"    {mark} {line}", style=STYLES[colour], markup=False, highlight=False)


def _table(heads: Sequence[str], rows: Iterable[Sequence[Text | str]]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*row)
    return table


def _lamps(out: Console) -> Mapping[Colour, str]:
    """The marks, in ASCII where the output takes nothing else."""
    try:
        "".join(LAMPS.values()).encode(out.encoding)
    except (UnicodeEncodeError, LookupError):
        return PLAIN
    return LAMPS


def legend(found: Iterable[Verified], out: Console) -> None:
    """What the lights mean, as far as they occur."""
    used = {one.colour for verified in found for one in verified.lit}
    lamps = _lamps(out)
    lines = [f"  [{STYLES[one]}]{lamps[one]}[/] {words}" for one, words in LEGEND.items() if one in used]
    if lines:
        out.print("\n" + "\n".join(lines), highlight=False)


def counted(found: Iterable[Verified]) -> str:
    """`nothing red`, or how many tries are; and how many say nothing."""
    colours = [one.colour for verified in found for one in verified.lit]
    red, grey = colours.count(Colour.RED), colours.count(Colour.GREY)
    return f"{f'{red} red' if red else 'nothing red'}{f', {grey} grey' if grey else ''}"


def report(found: Report) -> dict[str, Any]:
    """Everything, for scripts."""
    return {
        "stack": found.stack,
        "grants": list(map(data, found.verified)),
        "problems": list(map(visible, found.problems)),
    }


def lit(verified: Verified) -> dict[Light, tuple[Colour, str]]:
    """For each light the worst colour of its tries, and what was let in: `yes`, `no`, `some`, or "" if unknown."""
    groups: dict[Light, list[Lit]] = {}
    for one in verified.lit:
        groups.setdefault(one.one.light, []).append(one)
    return {light: _altogether(found) for light, found in groups.items()}


def _altogether(found: Sequence[Lit]) -> tuple[Colour, str]:
    colour = max((one.colour for one in found), key=_ORDER)
    worst = [one for one in found if one.colour is colour]
    shown = found if colour in (Colour.GREEN, Colour.AMBER) else worst
    heard = [one for one in shown if one.one.check != "compare" and (one.result.simulated or one.result.came in _KNOWN)]
    let_in = {one.result.let_in for one in heard}
    return colour, "some" if len(let_in) > 1 else _WORDS[let_in.pop()] if let_in else ""


def sentences(verified: Verified) -> Iterator[tuple[Colour, str]]:
    """What is to be said about whatever is not green; what is alike is counted, and each advice is given once."""
    groups: dict[tuple[Colour, str], list[Lit]] = {}
    for one in verified.lit:
        if one.colour is not Colour.GREEN:
            groups.setdefault((one.colour, one.cause), []).append(one)
    by_advice: dict[tuple[Colour, str], list[str]] = {}
    for (colour, cause), alike in groups.items():
        more = f" (and {len(alike) - 1} more like it)" if len(alike) > 1 and colour is not Colour.AMBER else ""
        by_advice.setdefault((colour, verified.advice.get(cause, "")), []).append(f"{alike[0].reason}{more}")
    for (colour, advice), lines in sorted(by_advice.items(), key=lambda item: -_ORDER(item[0][0])):
        yield from ((colour, visible(line)) for line in lines)
        if advice:
            yield colour, visible(f"{MEND}{'them' if len(lines) > 1 else 'it'}: {advice}")


def data(verified: Verified) -> dict[str, Any]:
    """What was verified, for scripts: the lights, also by the platform's own names for them, and every try."""
    return {
        "grant": verified.grant.name,
        "storage": verified.planned.name,
        "principal": verified.principal.arn,
        "lights": {name: colour.value for name, (colour, _) in lit(verified).items()},
        "names": _names(verified),
        "tries": [_try(one, verified.advice) for one in verified.lit],
    }


def _names(verified: Verified) -> dict[str, bool | None]:
    """What the platform's own page would show of what it asks for, by its names; None where that is not known.

    It looks from its own cloud, so that nothing is said of what is let in from the customer's networks alone.
    """
    own = [one for one in verified.planned.accesses if one.grant == verified.grant.name]
    asked = {verb for one in own if one.principal == verified.principal and not one.networks for verb in one.verbs}
    lamps = lit(verified)
    shown = {
        name: lamps.get(light, (Colour.GREY, ""))
        for light, name in verified.grant.lights.items()
        if ("write" if light == "overwrite" else light) in asked
    }
    # Some are let in and some are not where a light is green: as the grant asks.
    known = {"yes": True, "no": False}
    as_asked = {**known, "some": True}
    says = {Colour.GREEN: as_asked, Colour.AMBER: as_asked, Colour.RED: known, Colour.GREY: {}}
    return {name: says[colour].get(word) for name, (colour, word) in shown.items()}


def _try(one: Lit, advice: Mapping[str, str]) -> dict[str, Any]:
    tried = one.one
    return {
        "light": tried.light,
        "check": tried.check,
        "who": tried.who or "the platform",
        "bucket": tried.target.bucket,
        "at": tried.at if tried.probes or tried.check == "list" else None,
        "expected": "let in" if tried.expected else "refused",
        "came_back": one.result.came.value,
        "status": one.result.status,
        "code": one.result.code,
        "simulated": one.result.simulated.came.value if one.result.simulated else None,
        "colour": one.colour.value,
        "reason": visible(one.reason),
        "advice": visible(advice.get(one.cause, "")),
    }


def _cell(colour: Colour, word: str, lamps: Mapping[Colour, str]) -> Text:
    return Text(f"{lamps[colour]} {word}".strip(), STYLES[colour])
