"""How long work tells how far it is. The command line draws bars; tests and servers count."""

from typing import Protocol


class Progress(Protocol):
    """One phase at a time: ``start`` it, ``advance`` as work is committed, ``finish`` it."""

    def start(self, phase: str, total: int | None = None) -> None:
        """Begin a phase (a Chinese name); ``total`` None where the end is not known."""
        ...

    def advance(self, count: int = 1) -> None:
        """Say that ``count`` more units are done and safe."""
        ...

    def finish(self) -> None:
        """End the phase."""
        ...


class Silent:
    """Progress that nobody watches."""

    def start(self, phase: str, total: int | None = None) -> None: ...

    def advance(self, count: int = 1) -> None: ...

    def finish(self) -> None: ...
