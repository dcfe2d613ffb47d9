"""Broken inputs: the files of a stack, and every line that is said about them, with what is allowed or how to mend it.

`ROWS` is the table, a module per subject. The tests of the loader read it, and so does the test that runs the real
`pulumi preview`. `FOLDERS` are the rows of whole folders.
"""

from tests.broken import config, files, lightly, storage, v7
from tests.broken.row import GOOD, KEY, READING, Broken

__all__ = ["FOLDERS", "GOOD", "KEY", "READING", "ROWS", "Broken"]

FOLDERS = [*files.FOLDERS, *v7.FOLDERS, *lightly.FOLDERS]
ROWS = {row.id: row for module in (files, storage, v7, lightly, config) for row in module.ROWS}
