"""The endpoint map: where stores are reached while verifying, and who stands in for vendors; settings never see it.

The file that DRAWBRIDGE_ENDPOINTS names; without one, stores are reached where they really are. The sandbox writes one:

    {"ca": PATH, "stores": {KIND: {"endpoint": URL, "plain": URL}}, "principals": {ARN: AWS PROFILE}}

`plain` is where a store is reached without TLS; a principal's profile holds keys with which one can come as it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

VARIABLE = "DRAWBRIDGE_ENDPOINTS"
_URL = r"^https?://[A-Za-z0-9.:\[\]-]+(/[!-~]*)?$"


class WrongEndpoints(Exception):
    """The map cannot be read; the message says why."""


class Reach(BaseModel):
    """Where a kind of store is reached."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    endpoint: str = Field(pattern=_URL)
    plain: str = Field(pattern=_URL)


class Endpoints(BaseModel):
    """The map; an empty one leads to the real hosts."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    ca: str = ""
    stores: Mapping[str, Reach] = {}
    principals: Mapping[str, str] = {}


@cache
def endpoints() -> Endpoints:
    """The map of this process; raises WrongEndpoints."""
    path = os.environ.get(VARIABLE)
    if not path:
        return Endpoints()
    try:
        return Endpoints.model_validate_json(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise WrongEndpoints(f"{VARIABLE}: {error}") from None
    except ValidationError as error:
        wrong = "; ".join(f"{'.'.join(map(str, one['loc'])) or path}: {one['msg']}" for one in error.errors())
        raise WrongEndpoints(f"{VARIABLE}: {path} is no endpoint map: {wrong}") from None
