"""The platforms' own clients, each in a Python of its own: what they ask for does not fit beside ours."""

from pathlib import Path

from tests.environments import python_with

LOCK = Path(__file__).with_name("darwin-py.txt")
LIGHTLY_LOCK = Path(__file__).with_name("lightly.txt")


def darwin_py() -> Path:
    """The Python that has darwin-py, which wants an older rich; raises CommandFailed where it cannot be made."""
    return python_with(LOCK)


def lightly() -> Path:
    """The Python that has the API client of lightly, without the torch that it asks for; raises CommandFailed."""
    return python_with(LIGHTLY_LOCK)
