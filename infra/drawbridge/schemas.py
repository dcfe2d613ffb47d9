"""The JSON Schemas of what users write, generated from the models, so that an editor completes and checks."""

import json
from enum import StrEnum
from functools import reduce
from operator import or_
from typing import Annotated, Any

from pydantic import Field, TypeAdapter

from drawbridge.model import NAME
from drawbridge.platforms import platforms
from drawbridge.storage import kinds


class Part(StrEnum):
    """What a schema is of."""

    GRANT = "grant"
    STORAGE = "storage"


def schema(part: Part) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a grant's file or of storage.yaml."""
    if part is Part.GRANT:
        models: list[Any] = [platform.grant for platform in platforms().values()]
        title, found = "A Drawbridge grant", _union(models, "platform")
    else:
        title, found = "Drawbridge's storage.yaml", _union(list(kinds().values()), "kind")
        definitions = found.pop("$defs", {})
        found = {"type": ["object", "null"], "propertyNames": {"pattern": f"^{NAME}$"}, "additionalProperties": found}
        found |= {"$defs": definitions} if definitions else {}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **found, "title": title}


def text(part: Part) -> str:
    """The schema as the committed file has it."""
    return json.dumps(schema(part), indent=2, sort_keys=True) + "\n"


def _union(models: list[Any], key: str) -> dict[str, Any]:
    union = reduce(or_, models)
    choice: Any = Annotated[union, Field(discriminator=key)] if len(models) > 1 else union
    return TypeAdapter(choice).json_schema()
