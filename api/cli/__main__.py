"""``python -m api.cli`` is ``jiebang``."""

from api.cli import main

main()
