"""DeleteObjects: the keys in its body, and its answer with those that were refused."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.parsers.expat import ExpatError

import xmltodict
from werkzeug.wrappers import Response

from sandbox.guard.answers import Refused, element, malformed, unknown

MOST = 1000
_END = "</DeleteResult>"


@dataclass(frozen=True)
class One:
    """An object, or one version of it, that is to be deleted."""

    key: str
    version: str | None


def read(body: bytes) -> list[One]:
    """The objects in the body of a request."""
    wrong = malformed()
    try:
        found = xmltodict.parse(body, strip_whitespace=False, force_list=("Object",))["Delete"]["Object"]
        wanted = [One(one["Key"], one.get("VersionId")) for one in found]
        strangers = {name for one in found for name in one} - {"Key", "VersionId"}
    except (ExpatError, LookupError, TypeError, AttributeError, ValueError):
        raise wrong from None
    if strangers:
        raise unknown(f"{min(strangers)} of an object that is to be deleted")
    if not 1 <= len(wanted) <= MOST or not all(_whole(one) for one in wanted):
        raise wrong
    return wanted


def write(wanted: Sequence[One]) -> bytes:
    """A body that names these objects and no others."""
    inner = "".join(element("Object", _named(one)) for one in wanted)
    return f"<Delete>{inner}</Delete>".encode()


def answer(done: Response | None, refused: Sequence[tuple[One, Refused]]) -> Response:
    """Moto's answer, if it was asked, and an error for each object that was refused."""
    errors = "".join(
        element("Error", {**_named(one), "Code": why.code, "Message": why.message}) for one, why in refused
    )
    if done is None:
        body = f'<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{errors}{_END}'
        return Response(body, 200, content_type="application/xml")
    text = done.get_data(as_text=True)
    if errors:
        before, end, after = text.rpartition(_END)
        if not end:
            raise ValueError(f"moto answered a deletion with {text[:200]}")
        done.set_data(f"{before}{errors}{end}{after}")
    return done


def _whole(one: One) -> bool:
    return isinstance(one.key, str) and one.key != "" and isinstance(one.version, str | None)


def _named(one: One) -> dict[str, str]:
    return {"Key": one.key, **({"VersionId": one.version} if one.version is not None else {})}
