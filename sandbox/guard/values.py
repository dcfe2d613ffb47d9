"""Values in a request to S3 that moto would trip over, or read otherwise than the guard: refused first."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qsl
from xml.parsers.expat import ExpatError

import xmltodict
from moto.core.utils import str_to_rfc_1123_datetime

from sandbox.guard.answers import Refused, malformed

Tags = Sequence[tuple[str, str]]
# Each has to say something: to moto an empty one is none, which is another request.
_FILLED = ("versionId", "uploadId", "partNumber")
_NUMBERS = ("max-keys", "max-parts", "max-uploads", "max-buckets", "part-number-marker", "partNumber")
_NUMBER_HEADERS = ("x-amz-max-parts", "x-amz-part-number-marker")
_DATES = [f"{about}if-{un}modified-since" for about in ("", "x-amz-copy-source-") for un in ("", "un")]
_NUMBER = re.compile("[0-9]{1,9}")
_RANGE = re.compile("bytes=[0-9]{1,15}-[0-9]{1,15}")
LAST_PART = 10_000
MOST_TAGS, LONGEST_KEY, LONGEST_VALUE = 10, 128, 256


def invalid(message: str = "Invalid Argument") -> Refused:
    """400 InvalidArgument."""
    return Refused(400, "InvalidArgument", message)


def check(parameters: Mapping[str, str], headers: Mapping[str, str]) -> None:
    """Refuses empty names, numbers that are none, and dates that are none."""
    for name in _FILLED:
        if parameters.get(name) == "":
            raise invalid(f"{name} cannot be the empty string")
    given = {name: parameters[name] for name in _NUMBERS if name in parameters}
    given |= {name: headers[name] for name in _NUMBER_HEADERS if name in headers}
    for name, value in given.items():
        if not _NUMBER.fullmatch(value):
            raise invalid(f"Provided {name} not an integer or within integer range")
    if not 1 <= int(parameters.get("partNumber", "1")) <= LAST_PART:
        raise invalid(f"Part number must be an integer between 1 and {LAST_PART}, inclusive")
    if not _RANGE.fullmatch(headers.get("x-amz-copy-source-range", "bytes=0-0")):
        raise invalid("The x-amz-copy-source-range value must be of the form bytes=first-last")
    for name in _DATES:
        try:
            str_to_rfc_1123_datetime(headers.get(name, "Thu, 01 Jan 1970 00:00:00 GMT"))
        except ValueError:
            raise invalid(f"{name} is no date") from None


def tags_of_header(text: str) -> Tags:
    """The tags in x-amz-tagging."""
    try:
        tags = parse_qsl(text, keep_blank_values=True, strict_parsing=True, errors="strict") if text else []
    except ValueError:
        raise invalid("The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query") from None
    return _checked(tags)


def tags_of_body(body: bytes) -> Tags:
    """The tags in the body of PutObjectTagging, read as moto reads them."""
    try:
        found: Any = xmltodict.parse(body, force_list=("Tag",))["Tagging"]["TagSet"] or {}
        tags = [(one["Key"], one["Value"] or "") for one in found.get("Tag", [])]
        whole = all(isinstance(key, str) and isinstance(value, str) for key, value in tags)
    except (ExpatError, LookupError, TypeError, AttributeError, ValueError):
        whole = False
    if not whole:
        raise malformed()
    return _checked(tags)


def _checked(tags: Tags) -> Tags:
    if len({key for key, _ in tags}) != len(tags):
        raise Refused(400, "InvalidTag", "Cannot provide multiple Tags with the same key")
    if len(tags) > MOST_TAGS:
        raise Refused(400, "BadRequest", f"Object tags cannot be greater than {MOST_TAGS}")
    for key, value in tags:
        if not 1 <= len(key) <= LONGEST_KEY:
            raise Refused(400, "InvalidTag", "The TagKey you have provided is invalid")
        if len(value) > LONGEST_VALUE:
            raise Refused(400, "InvalidTag", "The TagValue you have provided is invalid")
    return tags
