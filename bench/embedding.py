"""Embedding speed of the default model beside sentence-transformers' default, in one run.

    python -m bench.embedding [--texts N] [--rounds N] [--retrieval] [--json FILE]

Both embed the same texts, alternately, and the best round of each counts:
``short`` are titles of demands and patents and firms' product lists, ``long`` demands and patents
of about 200 tokens. sentence-transformers runs in float32 with its own batching. Cosines are those
between the two models' vectors. Also: seconds from nothing to the first vector, milliseconds of one
query, and with ``--retrieval`` nDCG@10 of plain dense retrieval on the judged demands.
"""

import argparse
import csv
import json
import random
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from api.settings import load_settings
from embeddings import e5_weights
from embeddings.adapting.original import float32_model
from embeddings.build import TOKENIZER, build
from embeddings.onnx_e5 import PASSAGE, OnnxEmbedder
from graph_service.evaluation.beir import read_task
from graph_service.evaluation.metrics import ndcg
from graph_service.ports import Floats
from graph_service.text import DOC_CHARS, QUERY_CHARS, document

DATA = Path(__file__).parents[1].parent / "shared" / "data"


def sample(count: int) -> dict[str, list[str]]:
    """Short texts, and an eighth as many long ones, in a fixed random order."""
    demands = _jsonl(DATA / "demands" / "demands.jsonl")
    patents = _jsonl(DATA / "patents" / "patents.jsonl")
    products: dict[str, list[str]] = {}
    with (DATA / "chain" / "company_product.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            products.setdefault(row["company_code"], []).append(row["product"])
    short = [row["title"] for row in demands + patents]
    short += ["主营产品：" + "、".join(names) for names in products.values()]
    long = [f"{row['title']} {row['content']}" for row in demands]
    long += [f"{row['title']} {row['abstract']}" for row in patents]
    shuffle = random.Random(1).shuffle
    shuffle(short)
    shuffle(long)
    return {"short": short[:count], "long": long[: count // 8]}


def _jsonl(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def compare(ours: OnnxEmbedder, texts: dict[str, list[str]], rounds: int) -> dict[str, Any]:
    """Texts a second of both, and the cosines between their vectors."""
    with tempfile.TemporaryDirectory() as scratch:
        tokenizer = build(load_settings().cache) / TOKENIZER
        theirs = float32_model(e5_weights.read(), tokenizer, Path(scratch))

    def reference(rows: Sequence[str]) -> Floats:
        return theirs.encode(
            [PASSAGE + row for row in rows], normalize_embeddings=True, show_progress_bar=False
        )

    report: dict[str, Any] = {}
    for name, rows in texts.items():
        tokens = [
            len(ids) for ids in theirs.tokenizer([PASSAGE + row for row in rows])["input_ids"]
        ]
        timed = [
            (_timed(ours.embed_documents, rows), _timed(reference, rows)) for _ in range(rounds)
        ]
        mine, base = (min(pair[i][0] for pair in timed) for i in (0, 1))
        cosine = (timed[0][0][1] * timed[0][1][1]).sum(axis=1)
        report[name] = {
            "texts": len(rows),
            "tokens_median": float(np.median(tokens)),
            "default_per_second": round(len(rows) / mine, 1),
            "sentence_transformers_per_second": round(len(rows) / base, 1),
            "ratio": round(base / mine, 2),
            "cosine_mean": round(float(cosine.mean()), 5),
            "cosine_min": round(float(cosine.min()), 5),
        }
    return report


def _timed(embed: Callable[[Sequence[str]], Floats], rows: Sequence[str]) -> tuple[float, Floats]:
    began = time.perf_counter()
    vectors = embed(rows)
    return time.perf_counter() - began, vectors


def latency(ours: OnnxEmbedder, text: str) -> dict[str, float]:
    """Median milliseconds of one query of 30, 120 and 300 characters."""
    found = {}
    for length in (30, 120, 300):
        query = (text * 10)[:length]
        times = [_timed(ours.embed_queries, [query])[0] for _ in range(30)]
        found[f"{length}_chars_ms"] = round(float(np.median(times)) * 1000, 1)
    return found


def retrieval(ours: OnnxEmbedder) -> dict[str, float]:
    """nDCG@10 of cosine over whole documents, as ``judged/README.md`` defines ``dense``."""
    found = {}
    for name in ("results", "firms"):
        task = read_task(DATA / "judged" / name)
        ids = np.array(list(task.documents))
        whole = [document(node)[:DOC_CHARS] for node in task.documents.values()]
        documents = ours.embed_documents(whole)
        queries = ours.embed_queries([text[:QUERY_CHARS] for text in task.queries.values()])
        best = np.argsort(-(queries @ documents.T), axis=1)[:, :10]
        scores = [
            ndcg(list(ids[row]), task.judgements[query], 10)
            for query, row in zip(task.queries, best, strict=True)
        ]
        found[name] = round(float(np.mean(scores)), 4)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=2_000, help="short texts; long: an eighth")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--retrieval", action="store_true")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()

    texts = sample(args.texts)
    ours = OnnxEmbedder(build(load_settings().cache), threads=load_settings().threads)
    report: dict[str, Any] = {
        "first_vector_seconds": round(_timed(ours.embed_queries, texts["short"][:1])[0], 2),
        "query": latency(ours, texts["long"][0]),
        "speed": compare(ours, texts, args.rounds),
    }
    if args.retrieval:
        report["retrieval_ndcg@10"] = retrieval(ours)

    print(
        f"{'texts':8}{'tokens':>8}{'default/s':>12}{'s-t/s':>8}{'ratio':>7}{'cosine':>9}{'min':>9}"
    )
    for name, row in report["speed"].items():
        print(
            f"{name:8}{row['tokens_median']:8.0f}{row['default_per_second']:12.1f}"
            f"{row['sentence_transformers_per_second']:8.1f}{row['ratio']:7.2f}"
            f"{row['cosine_mean']:9.5f}{row['cosine_min']:9.5f}"
        )
    text = json.dumps(report, ensure_ascii=False)
    print(text)
    if args.json:
        args.json.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
