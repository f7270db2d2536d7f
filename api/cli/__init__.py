"""The command line ``jiebang``: one module for each group of commands.

Starting must stay cheap (``jiebang --help``): engines, numpy, settings and encoders are imported by
the command that needs them.
"""

import sys

from api.cli.commands import app

__all__ = ["app", "main"]


def main() -> None:
    """Entry of the console script."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="replace")  # type: ignore[union-attr]
    app()
