"""SDKs that only some stacks need: an extra of this project each, since Pulumi gets a plugin for all that are there."""

from __future__ import annotations

import importlib
from typing import Any

from drawbridge.resources.base import Failed


def needed(module: str, extra: str) -> Any:
    """The SDK; raises Failed with the line that installs it."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        raise Failed(
            f"a grant needs {module.replace('_', '-')}, which is not installed: pip install 'drawbridge[{extra}]'"
        ) from None
