"""The platforms' own clients, each in a Python of its own: darwin-py wants an older rich than ours."""

from pathlib import Path

from tests.environments import python_with

LOCK = Path(__file__).with_name("darwin-py.txt")


def darwin_py() -> Path:
    """The Python that has what the lock names; raises CommandFailed where it cannot be made."""
    return python_with(LOCK)
