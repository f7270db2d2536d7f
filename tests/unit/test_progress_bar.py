"""Progress: bars on a terminal, lines elsewhere, nothing where it is not wanted."""

import io
import sys

import pytest

from api.progress import progress


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _work(*, wanted: bool, lines: bool = True) -> None:
    with progress(wanted=wanted, lines=lines) as bars:
        bars.start("写入", 3)
        bars.advance(2)
        bars.advance()
        bars.finish()
        bars.start("索引")
        bars.advance(5)
        bars.finish()


def test_a_terminal_sees_phases_and_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    _work(wanted=True)
    drawn = terminal.getvalue()
    assert "写入" in drawn
    assert "3/3" in drawn
    assert "5/5" in drawn


def test_nothing_is_drawn_where_it_is_not_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = _Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    _work(wanted=False)
    assert terminal.getvalue() == ""


def test_lines_are_printed_without_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    _work(wanted=True)
    assert capsys.readouterr().err.splitlines() == ["进度 2/3 写入", "进度 3/3 写入", "进度 5 索引"]
    _work(wanted=True, lines=False)
    assert capsys.readouterr().err == ""
