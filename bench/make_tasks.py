"""Write evaluation tasks in BEIR layout from the shared papers, patents and firms.

    python -m bench.make_tasks [FOLDER] [--data ../shared/data]

Three tasks of different kinds of text, each with up to 2,000 queries and ``"to": "text"``. All are
binary, made without any person or model judging; a document that is not judged is not relevant.

``csl``
    Keywords → their paper, and title → its abstract. One corpus serves both: documents are the
    abstracts alone, without a title and with any repetition of the title cut out, so that neither
    kind of query finds its own words by construction. A query's id ends in its kind.
    Source: ydli-ai/CSL (Chinese Scientific Literature), Apache-2.0.
``patents``
    A labelled patent's title and abstract → the other patents of the same of 36 classes, which
    people assigned. The corpus is the labelled patents alone: the others belong to the same
    classes, nobody said which. ``exclude.tsv`` keeps a query from finding itself.
    Source: CCF BDCI 2022, by zhangzhao219; no licence stated: not to be redistributed.
``names``
    A short product name → the other products of the one firm that makes it, in a corpus of product
    names. Accounting rows are left out (the loaders' list); ``exclude.tsv`` as above.
    Source: liuhuanyong/ChainKnowledgeGraph (annual reports, October 2021), by
    SOVLOOKUP/ChainKnowledgeGraph-sql; no licence stated / MIT: not to be redistributed.

What is chosen and the split into ``qrels/dev.tsv`` and ``qrels/test.tsv`` (half and half) hang on
hashes of ids, so a rerun writes the same files. A paper, or a firm with all its products, is on one
side only.
"""

import argparse
import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

from graph_service.text import product_name
from loaders.vocabulary import words

REPOSITORY = Path(__file__).parents[1]
DATA = REPOSITORY.parent / "shared" / "data"
FOLDER = REPOSITORY / ".cache" / "tasks"

#: Queries of a task, at most.
QUERIES = 2_000

#: Accounting rows and the like among the products.
NOISE = frozenset(map(product_name, words("values")["products"]["noise"]))

#: Length of a product name that is a query, in characters.
SHORT = range(2, 9)


@dataclass(frozen=True, slots=True)
class Query:
    """A query with what is relevant to it.

    Attributes:
        id, text: as written to queries.jsonl.
        relevant: document ids, sorted.
        group: id whose hash puts the query into dev or test.
        own: the document that is the query itself and is excluded, if any.
    """

    id: str
    text: str
    relevant: Sequence[str]
    group: str
    own: str | None = None


@dataclass(frozen=True, slots=True)
class TaskFiles:
    """A task to be written: document id → (title, text), and the queries in order of id."""

    name: str
    documents: Mapping[str, tuple[str, str]]
    queries: Sequence[Query]


def csl_task(papers: Iterable[Mapping], *, limit: int = QUERIES) -> TaskFiles:
    """Two queries a paper, of which the first ``limit`` by hash are taken."""
    documents, queries = {}, []
    for paper in papers:
        id_, title = paper["id"], paper["title"].strip()
        documents[id_] = ("", paper["abstract"].replace(title, "").strip())
        queries.append(Query(f"{id_}#keywords", " ".join(paper["keywords"]), [id_], id_))
        queries.append(Query(f"{id_}#title", title, [id_], id_))
    return TaskFiles("csl", documents, _chosen(queries, limit))


def patents_task(patents: Iterable[Mapping], *, limit: int = QUERIES) -> TaskFiles:
    """One query for each labelled patent of a class with at least two."""
    labelled = [patent for patent in patents if patent["class_label"] is not None]
    classes = defaultdict(list)
    for patent in labelled:
        classes[patent["class_label"]].append(patent["id"])
    queries = [
        Query(
            id=patent["id"],
            text=f"{patent['title']}\n{patent['abstract']}",
            relevant=sorted(set(classes[patent["class_label"]]) - {patent["id"]}),
            group=patent["id"],
            own=patent["id"],
        )
        for patent in labelled
        if len(classes[patent["class_label"]]) > 1
    ]
    documents = {patent["id"]: (patent["title"], patent["abstract"]) for patent in labelled}
    return TaskFiles("patents", documents, _chosen(queries, limit))


def names_task(rows: Iterable[Mapping], *, limit: int = QUERIES) -> TaskFiles:
    """One query for each short name that one firm alone makes, where it makes anything else."""
    names: dict[str, str] = {}
    makers, products = defaultdict(set), defaultdict(set)
    for row in rows:
        firm, name = row["company_code"], " ".join(row["product"].split())
        key = product_name(name)
        if not key or key in NOISE:
            continue
        id_ = f"product:{key}"
        names.setdefault(id_, name)
        makers[id_].add(firm)
        products[firm].add(id_)
    queries = []
    for id_, firms in makers.items():
        (firm, *others) = firms
        rest = products[firm] - {id_}
        if not others and rest and len(names[id_]) in SHORT:
            queries.append(Query(id_, names[id_], sorted(rest), firm, own=id_))
    documents = {id_: (name, "") for id_, name in names.items()}
    return TaskFiles("names", documents, _chosen(queries, limit))


def write(task: TaskFiles, folder: Path) -> dict[str, int]:
    """Write a task into ``folder/NAME``; the number of queries in each qrels file."""
    target = folder / task.name
    (target / "qrels").mkdir(parents=True, exist_ok=True)
    _write_jsonl(
        target / "corpus.jsonl",
        (
            {"_id": id_, "title": title, "text": text}
            for id_, (title, text) in task.documents.items()
        ),
    )
    _write_jsonl(
        target / "queries.jsonl", ({"_id": query.id, "text": query.text} for query in task.queries)
    )
    own = [(query.id, query.own) for query in task.queries if query.own]
    if own:
        _write_tsv(target / "exclude.tsv", ["query-id", "corpus-id"], own)
    (target / "task.json").write_text('{"to": "text"}\n')
    sides = {
        "dev": [query for query in task.queries if _number(f"split {query.group}") % 2 == 0],
        "test": [query for query in task.queries if _number(f"split {query.group}") % 2 == 1],
    }
    for side, queries in sides.items():
        rows = [(query.id, document, 1) for query in queries for document in query.relevant]
        _write_tsv(target / "qrels" / f"{side}.tsv", ["query-id", "corpus-id", "score"], rows)
    return {side: len(queries) for side, queries in sides.items()}


def _chosen(queries: Iterable[Query], limit: int) -> list[Query]:
    """The first ``limit`` by hash, in order of id."""
    by_hash = sorted(queries, key=lambda query: _number(f"choose {query.id}"))
    return sorted(by_hash[:limit], key=lambda query: query.id)


def _number(text: str) -> int:
    """A number that looks random and hangs on the text alone."""
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())


def _write_jsonl(path: Path, records: Iterable[Mapping]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def _write_tsv(path: Path, header: Sequence[str], rows: Iterable[Sequence]) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.writelines("\t".join(map(str, row)) + "\n" for row in (header, *rows))


def _jsonl(path: Path) -> list[dict]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def make(data: Path, folder: Path) -> dict[str, dict[str, int]]:
    """Write all tasks from the shared data; sizes by task."""
    with (data / "chain" / "company_product.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    tasks = (
        csl_task(_jsonl(data / "papers" / "csl.jsonl")),
        patents_task(_jsonl(data / "patents" / "patents.jsonl")),
        names_task(rows),
    )
    return {task.name: {"documents": len(task.documents)} | write(task, folder) for task in tasks}


def main() -> None:
    """Write the tasks where the command line says."""
    parser = argparse.ArgumentParser(description="写出评测任务 csl、patents、names（BEIR 格式）")
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="写到哪个目录")
    parser.add_argument("--data", type=Path, default=DATA, help="共享数据所在目录")
    arguments = parser.parse_args()
    if not arguments.data.is_dir():
        parser.error(f"没有目录“{arguments.data}”：用 --data 指出共享数据在哪里")
    for name, sizes in make(arguments.data, arguments.folder).items():
        print(
            f"{arguments.folder / name}: {sizes['documents']} 篇文档，"
            f"dev {sizes['dev']} 个查询，test {sizes['test']} 个查询"
        )


if __name__ == "__main__":
    main()
