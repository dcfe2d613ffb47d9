"""Finds what can be added (platforms, storage kinds, auths): each is one module that names itself in a constant."""

import importlib
import pkgutil
from types import ModuleType
from typing import Any


def plugins(package: ModuleType, constant: str) -> dict[str, Any]:
    """The constant of every module in a package that has it, by the plug-in's own `name`, in alphabetical order."""
    found = {}
    for info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{info.name}")
        if hasattr(module, constant):
            plugin = getattr(module, constant)
            found[plugin.name] = plugin
    return dict(sorted(found.items()))
