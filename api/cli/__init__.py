"""The command line ``jiebang``: one module for each group of commands.

Starting must stay cheap (``jiebang --help``): engines, numpy, settings and encoders are imported by
the command that needs them.
"""

import os
import sys
from pathlib import Path

from api.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Entry of the console script."""
    # A stream that was closed before the start (``>&-``) is None.
    sys.stdout = sys.stdout or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app()
