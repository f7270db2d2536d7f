"""Paths to the files that can be read, and why others cannot."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from graph_service.errors import InputError
from loaders.readers import SUFFIXES


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, folder or sheet that was left out, and why (Chinese)."""

    file: str
    reason: str
    sheet: str = ""

    def as_dict(self) -> dict[str, str]:
        """JSON-ready data."""
        return {"file": self.file, "sheet": self.sheet, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Found:
    """Files to read, each with the source it is cited by: its name, with its folder if needed."""

    files: Sequence[tuple[Path, str]]
    skipped: Sequence[Skipped]


def discover(paths: Sequence[Path]) -> Found:
    """The files under the paths, in order of paths and names.

    Evaluation tasks (folders in BEIR layout), hidden files and the lock files of open workbooks are
    left out, the first two kinds without and with mention.

    Raises:
        InputError: a path does not exist.
    """
    files: dict[Path, None] = {}
    skipped: list[Skipped] = []
    for path in paths:
        if not path.exists():
            raise InputError(
                f"找不到文件或文件夹：{path}", hint="请检查路径是否写对。", path=str(path)
            )
        for file in _walk(path, skipped):
            if file.suffix.lower() not in SUFFIXES:
                kind = file.suffix or "无扩展名"
                skipped.append(Skipped(str(file), f"不支持的文件类型（{kind}）"))
            elif file.name.startswith("~$"):
                skipped.append(Skipped(str(file), "Excel 打开文件时的临时文件"))
            else:
                files.setdefault(file)
    names = [file.name for file in files]
    return Found(
        [(f, f.name if names.count(f.name) == 1 else f"{f.parent.name}/{f.name}") for f in files],
        skipped,
    )


def is_task(folder: Path) -> bool:
    """Whether a folder is an evaluation task in BEIR layout."""
    return (folder / "corpus.jsonl").is_file() and (folder / "queries.jsonl").is_file()


def _walk(path: Path, skipped: list[Skipped]) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif is_task(path):
        reason = "评测任务（BEIR 格式），不作为数据载入；请用 jiebang evaluate 评测"
        skipped.append(Skipped(str(path), reason))
    else:
        for child in sorted(path.iterdir()):
            if not child.name.startswith("."):
                yield from _walk(child, skipped)
