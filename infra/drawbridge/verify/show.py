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
from drawbridge.verify.tries import LIGHTS, Light
from drawbridge.verify.verify import Report, Verified

STYLES = {Colour.GREEN: "green", Colour.AMBER: "yellow", Colour.GREY: "bright_black", Colour.RED: "bold red"}
# Told apart without colour too.
LAMPS = {Colour.GREEN: "●", Colour.AMBER: "◐", Colour.GREY: "○", Colour.RED: "✖"}
LEGEND = {
    Colour.GREEN: "as it should be",
    Colour.AMBER: "wider than asked for, and accepted",
    Colour.GREY: "says nothing, or cannot be tried from here",
    Colour.RED: "not as it should be",
}
_ORDER = list(Colour).index
_WORDS = {True: "yes", False: "no", None: "?"}


def show(found: Sequence[Verified], out: Console) -> None:
    """The lights of all grants of a stack in a table, then what is to be said."""
    used = [name for name in LIGHTS if any(one.one.light == name for verified in found for one in verified.lit)]
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("", "", *used):
        table.add_column(name, overflow="fold")
    for verified in found:
        lamps = lights(verified)
        place = f"in {verified.planned.name}"
        table.add_row(
            visible(verified.grant.name),
            visible(place),
            *(_lamp(lamps[name]) if name in lamps else "" for name in used),
        )
    if found:
        indented(table, out, 2)
    for verified in found:
        if names := _names(verified):
            shown = ", ".join(f"{name} {_WORDS[value]}" for name, value in names.items())
            out.print(f"\n  [bold]{verified.grant.name}[/]  {verified.grant.platform} shows: {shown}", highlight=False)
        lines = list(sentences(verified))
        if lines:
            out.print(f"\n  [bold]{verified.grant.name}[/]", highlight=False)
        for colour, line in lines:
            out.print(f"    {LAMPS[colour]} {line}", style=STYLES[colour], markup=False, highlight=False)


def legend(found: Iterable[Verified], out: Console) -> None:
    """What the lights mean, as far as they occur."""
    used = {one.colour for verified in found for one in verified.lit}
    lines = [f"  [{STYLES[one]}]{LAMPS[one]}[/] {words}" for one, words in LEGEND.items() if one in used]
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


def lights(verified: Verified) -> dict[Light, Lit]:
    """For each light the worst of its tries; among equals one that has to be let in."""
    found: dict[Light, Lit] = {}
    for one in verified.lit:
        other = found.get(one.one.light)
        if other is None or _weight(one) > _weight(other):
            found[one.one.light] = one
    return found


def sentences(verified: Verified) -> Iterator[tuple[Colour, str]]:
    """What is to be said about whatever is not green; what is alike is counted."""
    groups: dict[tuple[Colour, str], list[Lit]] = {}
    for one in verified.lit:
        if one.colour is not Colour.GREEN:
            groups.setdefault((one.colour, one.cause), []).append(one)
    for (colour, _), alike in sorted(groups.items(), key=lambda item: -_ORDER(item[0][0])):
        first = alike[0]
        more = f" (and {len(alike) - 1} more like it)" if len(alike) > 1 and colour is not Colour.AMBER else ""
        advice = f". To mend it: {verified.advice[first.cause]}" if first.cause in verified.advice else ""
        yield colour, visible(f"{first.reason}{more}{advice}")


def data(verified: Verified) -> dict[str, Any]:
    """What was verified, for scripts: the lights, also by the platform's own names for them, and every try."""
    lamps = lights(verified)
    return {
        "grant": verified.grant.name,
        "storage": verified.planned.name,
        "principal": verified.principal.arn,
        "lights": {name: one.colour.value for name, one in lamps.items()},
        "names": _names(verified),
        "tries": [_try(one, verified.advice) for one in verified.lit],
    }


def _names(verified: Verified) -> dict[str, bool | None]:
    """What the platform's own page would show, by its names; None where it could not be tried."""
    lamps = lights(verified)
    found = {name: lamps.get(light) for light, name in verified.grant.lights.items()}
    known = {name: one is not None and one.colour is not Colour.GREY for name, one in found.items()}
    return {name: one.result.let_in if one and known[name] else None for name, one in found.items()}


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


def _weight(one: Lit) -> tuple[int, bool]:
    return _ORDER(one.colour), one.one.expected


def _lamp(one: Lit) -> Text:
    """The light, and whether it was let in."""
    known = one.colour is not Colour.GREY or one.result.simulated
    word = _WORDS[one.result.let_in] if known else ""
    return Text(f"{LAMPS[one.colour]} {word}".strip(), STYLES[one.colour])
