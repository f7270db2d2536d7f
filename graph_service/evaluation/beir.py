"""Evaluation tasks in BEIR layout, as folders (see ``docs/data-formats.md``).

::

    corpus.jsonl     {"_id", "title", "text"}   one document a line; title and text may be empty
    queries.jsonl    {"_id", "text"}            (a ``title`` only repeats the start of the text)
    qrels/NAME.tsv   query-id, corpus-id, grade 0, 1, ...  under a header line
    exclude.tsv      query-id, corpus-id        pairs never ranked (optional)
    graph.jsonl      the graph around the corpus, ids equal corpus ids (optional)
    task.json        {"to": "results" | "organizations" | "demands" | "text"} (optional: "text")

Further fields and files are ignored. A line that cannot be read is a ``TaskError`` that names file,
line, what is wrong and how to mend it: figures of half a task would mislead.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from graph_service.errors import TaskError
from graph_service.model import Label, Node

#: What ``to`` in task.json says → the label of the corpus nodes.
TARGETS: Mapping[str, Label] = {
    "results": Label.RESULT,
    "organizations": Label.ORGANIZATION,
    "demands": Label.DEMAND,
    "text": Label.RESULT,
}

#: The highest grade: gains are 2^grade - 1.
MAX_GRADE = 20


@dataclass(frozen=True, slots=True)
class Task:
    """One task, with the judgements of one qrels file.

    Attributes:
        name: the folder's name.
        qrels: name of the judgements chosen.
        label: label of every document.
        documents: the corpus as nodes, by id.
        queries: text of each query that has a judgement, by id, in file order.
        judgements: grades by query id, then document id.
        excluded: documents that are never ranked for a query, by query id.
        graph: path of graph.jsonl, None without one.
    """

    name: str
    qrels: str
    label: Label
    documents: Mapping[str, Node]
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]
    excluded: Mapping[str, frozenset[str]]
    graph: Path | None


def is_task(folder: Path) -> bool:
    """Whether a folder looks like a task: it holds the two files and judgements."""
    return (
        (folder / "corpus.jsonl").is_file()
        and (folder / "queries.jsonl").is_file()
        and (folder / "qrels").is_dir()
    )


def read_task(folder: Path, *, qrels: str | None = None) -> Task:
    """Read a task.

    Args:
        folder: in the layout of this module.
        qrels: name of the judgements (without ``.tsv``); may be left out where there is one file.

    Raises:
        TaskError: something is missing or malformed, or the judgements must be chosen.
    """
    if not is_task(folder):
        raise TaskError(
            f"“{folder}”不是评测任务目录。",
            hint="目录中应有 corpus.jsonl、queries.jsonl 和 qrels/名称.tsv（BEIR 格式）。",
            folder=folder,
        )
    judged_by = _choose_qrels(folder / "qrels", qrels)
    target = _target(folder / "task.json")
    texts = _queries(folder / "queries.jsonl")
    judgements = _judgements(judged_by, texts)
    if not judgements:
        raise TaskError(
            f"{judged_by} 中没有任何判定。", hint="每行写：查询编号、文档编号、等级，以制表符分隔。"
        )
    graph = folder / "graph.jsonl"
    return Task(
        name=folder.resolve().name,
        qrels=judged_by.stem,
        label=TARGETS[target],
        documents=_documents(folder / "corpus.jsonl", target),
        queries={query: text for query, text in texts.items() if query in judgements},
        judgements=judgements,
        excluded=_excluded(folder / "exclude.tsv", texts),
        graph=graph if graph.is_file() else None,
    )


def _choose_qrels(folder: Path, name: str | None) -> Path:
    found = {path.stem: path for path in sorted(folder.glob("*.tsv"))}
    listing = "、".join(found) or "（没有 .tsv 文件）"
    if name is None and len(found) == 1:
        return next(iter(found.values()))
    if name is None:
        raise TaskError(
            f"“{folder}”中的判定不止一份或一份也没有：{listing}。",
            hint="请指定其中一份的名称（qrels）。" if found else "放入一份“名称.tsv”。",
            qrels=listing,
        )
    try:
        return found[name.removesuffix(".tsv")]
    except KeyError:
        raise TaskError(
            f"“{folder}”中没有名为“{name}”的判定。", hint=f"可选：{listing}。", qrels=name
        ) from None


def _target(path: Path) -> str:
    if not path.is_file():
        return "text"
    try:
        setting = orjson.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise TaskError(f"{path} 不是 JSON：{error}", hint='例如 {"to": "results"}。') from error
    target = setting.get("to", "text") if isinstance(setting, dict) else None
    if not isinstance(target, str) or target not in TARGETS:
        raise TaskError(
            f"{path} 中的 to 无法识别：{target!r}。", hint=f"应为 {'、'.join(TARGETS)} 之一。"
        )
    return target


def _documents(path: Path, target: str) -> dict[str, Node]:
    documents: dict[str, Node] = {}
    for line, record in _records(path):
        document = _id(path, line, record)
        if document in documents:
            raise _bad(path, line, f"文档编号“{document}”重复", "每个文档只写一行，编号互不相同")
        props = {key: _text(path, line, record, key) for key in ("title", "text")}
        if target == "organizations":
            props["name"] = props["title"]
        if target == "text":
            props["kind"] = "text"
        props = {key: value for key, value in props.items() if value}
        documents[document] = Node(document, TARGETS[target], props, source="corpus.jsonl")
    if not documents:
        raise TaskError(f"{path} 中没有文档。", hint="每行一个文档：_id、title、text。")
    return documents


def _queries(path: Path) -> dict[str, str]:
    queries: dict[str, str] = {}
    for line, record in _records(path):
        query = _id(path, line, record)
        if query in queries:
            raise _bad(path, line, f"查询编号“{query}”重复", "每个查询只写一行，编号互不相同")
        queries[query] = _text(path, line, record, "text")
    return queries


def _judgements(path: Path, queries: Mapping[str, str]) -> dict[str, dict[str, int]]:
    judgements: dict[str, dict[str, int]] = {}
    for line, (query, document, written) in _rows(path, ("查询编号", "文档编号", "等级")):
        known, graded = query in queries, _is_grade(written.strip())
        if line == 1 and not known and not graded:
            continue  # the header
        if not known:
            raise _bad(path, line, f"查询“{query}”不在 queries.jsonl 中", "补上该查询或删去此行")
        if not graded:
            raise _bad(path, line, f"等级“{written}”无法识别", f"写 0 到 {MAX_GRADE} 的整数")
        grade = int(written)
        if judgements.setdefault(query, {}).setdefault(document, grade) != grade:
            raise _bad(path, line, f"“{query}”与“{document}”已有另一个等级", "只留一个")
    return judgements


def _is_grade(cell: str) -> bool:
    return cell.isascii() and cell.isdigit() and len(cell) < 4 and int(cell) <= MAX_GRADE


def _excluded(path: Path, queries: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """Excluded documents by query; lines of unknown queries, as the header, are passed over."""
    excluded: dict[str, set[str]] = {}
    if path.is_file():
        for _, (query, document) in _rows(path, ("查询编号", "文档编号")):
            if query in queries:
                excluded.setdefault(query, set()).add(document)
    return {query: frozenset(documents) for query, documents in excluded.items()}


def _rows(path: Path, columns: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    for line, text in _lines(path):
        cells = text.split("\t")
        if len(cells) != len(columns) or not all(cell.strip() for cell in cells):
            what = f"应有以制表符分隔的 {len(columns)} 列且不为空，实有 {len(cells)} 列"
            raise _bad(path, line, what, f"依次写：{'、'.join(columns)}")
        yield line, cells


def _records(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for line, text in _lines(path):
        try:
            record = orjson.loads(text)
        except orjson.JSONDecodeError as error:
            raise _bad(path, line, f"不是 JSON（{error}）", "每行写一个 JSON 对象") from error
        if not isinstance(record, dict):
            raise _bad(path, line, "不是 JSON 对象", '每行写一个 JSON 对象，如 {"_id": "1"}')
        yield line, record


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Lines that are not blank, numbered from 1."""
    with path.open("rb") as file:
        for line, raw in enumerate(file, start=1):
            try:
                text = raw.decode("utf-8-sig" if line == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise _bad(path, line, "不是 UTF-8 编码", "把文件另存为 UTF-8") from error
            if text.strip():
                yield line, text.rstrip("\r\n")


def _id(path: Path, line: int, record: Mapping[str, Any]) -> str:
    value = record.get("_id")
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or not value.strip():
        raise _bad(path, line, f"_id 缺失或不是文字：{value!r}", "给出不重复的编号")
    return value


def _text(path: Path, line: int, record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if value is not None and not isinstance(value, str):
        raise _bad(path, line, f"{key} 不是文字：{value!r:.40}", "写成字符串，可以为空")
    return (value or "").strip()


def _bad(path: Path, line: int, what: str, mend: str) -> TaskError:
    return TaskError(f"{path} 第 {line} 行：{what}。", hint=f"{mend}。", file=path, line=line)
