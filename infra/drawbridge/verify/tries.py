"""What is tried for real: every verb where it was granted, and what must be refused."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, get_args

from drawbridge.access import Access

Verbs = Literal["list", "read", "write", "overwrite", "delete"]
Check = Literal[Verbs, "come", "compare"]
Light = Literal[Verbs, "bare name", "beside", "outside", "other bucket", "nobody", "no TLS", "external id", "policy"]
LIGHTS: tuple[Light, ...] = get_args(Light)

PROBE = "drawbridge-probe"
"""The folder of all probes, in whatever folder is tried; each run has one of its own in it."""
THERE, NEW, DOOMED = "there", "new", "doomed"
NAMES = (THERE, NEW, DOOMED)
MADE_BEFORE = (THERE, DOOMED)  # by the owner, so that a refusal does not only mean that nothing is there
_NAME_OF: dict[Verbs, str] = {"read": THERE, "write": NEW, "overwrite": THERE, "delete": DOOMED}


@dataclass(frozen=True)
class Target:
    """A bucket: the entry of storage.yaml that declares it ("" for one that the stack does not know), and its name."""

    storage: str
    bucket: str


@dataclass(frozen=True)
class Try:
    """One request. `who` is "" for the platform, else how whoever comes differs from it.

    `at` is the object's key or the list's prefix, None for a list without one; `probes` is the folder of the probes
    that it needs. `asked` are the accesses, also of other grants, that ask for it: with none, it has to be refused.
    """

    light: Light
    check: Check
    target: Target
    at: str | None = None
    probes: str | None = None
    who: str = ""
    asked: tuple[Access, ...] = ()

    @property
    def verb(self) -> str:
        """What it needs to be let in: to overwrite is to write."""
        return "write" if self.check == "overwrite" else self.check

    @property
    def tls(self) -> bool:
        """Whether it is made over TLS."""
        return self.light != "no TLS"

    @property
    def expected(self) -> bool:
        """Whether it has to be let in."""
        return bool(self.asked)

    @property
    def words(self) -> str:
        """`read studies/drawbridge-probe/0a1b2c3d/there`, `list without a prefix`."""
        if self.check == "come":
            return f"come with {self.who}"
        if self.check == "compare":
            return "compare the policy with the plan"
        if self.check == "list":
            return f"list with the prefix {self.at!r}" if self.at else "list without a prefix"
        return f"{self.check} {self.at if self.probes else 'an object that is there'}"


def probes(folder: str, run: str) -> str:
    """Where the probes of a run lie in a folder."""
    return f"{folder}{PROBE}/{run}/"


def tries(
    target: Target,
    own: Sequence[Access],
    others: Sequence[Access],
    run: str,
    *,
    elsewhere: Iterable[Try] = (),
    apart: Iterable[Access] = (),
    needs_tls: bool = False,
    wrong: Iterable[str] = (),
) -> list[Try]:
    """Everything that is tried of one grant's accesses to one bucket, beside those of others with its principal.

    `run` names this run, `elsewhere` are tries in another bucket, `apart` the grant's accesses here with another
    principal, and `wrong` the ways to come that have to be turned away.
    """
    accesses = (*own, *others)
    folders = sorted({prefix for access in own for prefix in access.prefixes})
    as_it_is = [one for folder in folders for one in _in(target, folder, run)]
    as_it_is += [] if "" in folders else _outside(target, run)
    beyond = sorted({prefix for access in apart for prefix in access.prefixes if not prefix.startswith(tuple(folders))})
    as_it_is += [one for folder in beyond if folder for one in _outside(target, run, folder)]
    found = [replace(one, asked=_covered(accesses, one.verb, one.at or "")) for one in as_it_is]
    found += elsewhere
    found += [one for folder in folders for one in _nobody(target, folder, run)]
    if needs_tls:
        readable = [folder for folder in folders if any(access.covers("read", folder) for access in own)]
        found += [replace(_object("no TLS", "read", target, folder, run), who="no TLS") for folder in readable[:1]]
    return found + [Try("external id", "come", target, who=words) for words in wrong]


def in_another(target: Target, run: str) -> list[Try]:
    """What is tried in another bucket of the stack."""
    return [Try("other bucket", "list", target), *_objects("other bucket", target, "", run)]


def in_a_foreign_one(target: Target, key: str) -> list[Try]:
    """What is tried in a bucket that the stack does not know: nothing is put there; `key` is there, unless ""."""
    return [Try("other bucket", "list", target), *([Try("other bucket", "read", target, key)] if key else [])]


def _covered(accesses: Sequence[Access], verb: str, at: str) -> tuple[Access, ...]:
    return tuple(access for access in accesses if access.covers(verb, at))


def _in(target: Target, folder: str, run: str) -> Iterator[Try]:
    """Every verb in a folder, and what lies beside it."""
    for check in get_args(Verbs):
        listing = check == "list"
        yield Try("list", "list", target, folder or None) if listing else _object(check, check, target, folder, run)
    if not folder:
        return
    bare = folder.removesuffix("/")
    beside = f"{bare}-"
    yield Try("bare name", "list", target, bare)
    yield Try("beside", "list", target, beside)
    yield from _objects("beside", target, beside, run)


def _outside(target: Target, run: str, folder: str = "") -> Iterator[Try]:
    yield Try("outside", "list", target, folder or None)
    yield from _objects("outside", target, folder, run)


def _nobody(target: Target, folder: str, run: str) -> Iterator[Try]:
    yield Try("nobody", "list", target, folder or None, who="nobody")
    yield from (replace(one, who="nobody") for one in _objects("nobody", target, folder, run))


def _objects(light: Light, target: Target, folder: str, run: str) -> Iterator[Try]:
    """What is tried of objects where nothing is asked for."""
    for check in ("read", "write", "delete"):
        yield _object(light, check, target, folder, run)


def _object(light: Light, check: Verbs, target: Target, folder: str, run: str) -> Try:
    at = probes(folder, run)
    return Try(light, check, target, at + _NAME_OF[check], at)
