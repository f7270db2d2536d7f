"""Speed of the pictures in Chromium: the built app, the real server, a synthetic city.

    python -m bench.drawing [--store DIR] [--seconds S] [--json FILE]

The city has 100,000 nodes: 95,000 firms that supply each other in groups of forty, 5,000 products
that they make; one firm with 1,999 suppliers and one with 99 are communities of 2,000 and of 100.
The store stays in the folder and is used again. Measured are:

- the picture of all communities: milliseconds from the last byte of the answer to two frames after
  it was handed to the card; the server had computed it before, which is told apart;
- frames a second while a community of 100 and one of 2,000 are panned and zoomed, beside an idle
  page, which is as many as there can be;
- the same of all 100,000 at once: the app is given an answer with that many firms, which the
  service never gives (5,000 at most), so that its own code draws them.

Needs Chromium and the built pages (``make setup``), and ``playwright`` of the group ``dev``.
Without a graphics card the processor draws (SwiftShader), which is told with the figures.
"""

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from bench.serve import serving
from graph_service.model import Batch, Edge, EdgeType, Label, Node
from graph_service.store import open_store

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route

_FIRMS, _PRODUCTS, _GROUP, _SUPPLIES, _SEED, _BATCH = 95_000, 5_000, 40, 2, 20261123, 5000
#: Communities of one firm and its suppliers: the first firm of each, and how many.
_STARS = ((0, 2000), (2000, 100))
_STRESS = 100_000
_SCREEN = {"width": 1366, "height": 768}
_API = "/api/v1/communities"
_PATIENCE_MS = 300_000

#: Notes when the answer was there and when the picture; counts frames.
_WATCH = """
new MutationObserver((_, watching) => {
  if (!document.querySelector("[data-drawn]")) return;
  watching.disconnect();
  requestAnimationFrame(() => requestAnimationFrame(() => (window.drawnAt = performance.now())));
}).observe(document, { subtree: true, childList: true, attributes: true });
window.countFrames = () => {
  window.framesAt = [];
  const next = (now) => {
    window.framesAt.push(now);
    window.counting = requestAnimationFrame(next);
  };
  window.counting = requestAnimationFrame(next);
};
window.counted = () => { cancelAnimationFrame(window.counting); return window.framesAt; };
"""
_RENDERER = """() => {
  const gl = document.createElement("canvas").getContext("webgl");
  const info = gl && gl.getExtension("WEBGL_debug_renderer_info");
  return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : "none";
}"""


def _firm(number: int) -> str:
    return f"org:{number:07d}"


def _edges() -> Iterator[Edge]:
    """Stars, then pairs of which four of five lie within a group; and what everyone makes."""
    free = sum(size for _, size in _STARS)

    def edge(type_: EdgeType, start: str, end: str, key: str = "") -> Edge:
        return Edge(type_, start, end, key, {}, "bench", "2026-01-01")

    for hub, size in _STARS:
        for one in range(hub + 1, hub + size):
            yield edge(EdgeType.SUPPLIES, _firm(one), _firm(hub))
    rng = np.random.default_rng(_SEED)
    start = rng.integers(free, _FIRMS, (_FIRMS - free) * _SUPPLIES)
    near = start // _GROUP * _GROUP + rng.integers(0, _GROUP, len(start))
    end = np.where(rng.random(len(start)) < 0.8, near, rng.integers(free, _FIRMS, len(start)))
    for a, b in zip(start.tolist(), np.clip(end, free, _FIRMS - 1).tolist(), strict=True):
        if a != b:
            yield edge(EdgeType.SUPPLIES, _firm(a), _firm(b))
    for one in range(_FIRMS):
        product = one // _GROUP * 2 + one % 2
        yield edge(EdgeType.MAKES, _firm(one), f"product:{product % _PRODUCTS}")


def _nodes() -> Iterator[Node]:
    for number in range(_FIRMS):
        name = {"name": f"示例企业{number:05d}", "district": f"第{number // _GROUP % 9 + 1}区"}
        yield Node(_firm(number), Label.ORGANIZATION, name, "bench", "2026-01-01")
    for number in range(_PRODUCTS):
        told = {"name": f"示例产品{number:04d}"}
        yield Node(f"product:{number}", Label.PRODUCT, told, "bench", "2026-01-01")


def _city(folder: Path) -> Path:
    """The store of the city, made where there is none."""
    place = folder / "city"
    if not (place / "whole").exists():
        with open_store(str(place)) as store:
            nodes, edges = _nodes(), _edges()
            while some := list(islice(nodes, _BATCH)):
                store.apply(Batch(some))
            while pairs := list(islice(edges, _BATCH)):
                store.apply(Batch(edges=pairs))
            store.refresh()
        (place / "whole").touch()
    return place


def _answer(client: httpx.Client, path: str) -> tuple[dict[str, Any], float]:
    """An answer, and the seconds until it was there; it is asked again while it is computed."""
    began = time.perf_counter()
    while (got := client.get(path)).status_code == 503:
        time.sleep(0.2)
    got.raise_for_status()
    told: dict[str, Any] = got.json()
    return told, time.perf_counter() - began


def _page(browser: "Browser", address: str) -> "Page":
    context = browser.new_context(viewport=_SCREEN, locale="zh-CN")  # type: ignore[arg-type]
    context.add_init_script(_WATCH)
    page = context.new_page()
    page.set_default_timeout(_PATIENCE_MS)
    page.goto(address)
    page.wait_for_function("() => window.drawnAt")
    return page


def _after_answer(page: "Page") -> float:
    """Milliseconds from the answer that the picture is of to the picture."""
    told: float = page.evaluate(
        """() => window.drawnAt - Math.max(...performance.getEntriesByType("resource")
          .filter((one) => new URL(one.name).pathname.startsWith("/api/v1/communities"))
          .map((one) => one.responseEnd).filter((at) => at <= window.drawnAt))"""
    )
    return round(told)


def _motions(page: "Page", x: float, y: float) -> Iterator[Callable[[], None]]:
    """Drags to and fro, and turns of the wheel, for ever."""
    while True:
        for way in (1, -1):
            yield page.mouse.down
            for step in (*range(1, 13), *range(11, -1, -1)):
                at = x + way * 12 * step, y + way * 5 * step
                yield partial(page.mouse.move, *at)
            yield page.mouse.up
            for _ in range(6):
                yield partial(page.mouse.wheel, 0, -120 * way)
                yield partial(page.wait_for_timeout, 30)


def _frames(page: "Page", seconds: float, *, moving: bool = True) -> dict[str, float]:
    """Frames a second, and how long the 95th of a hundred took, while one pans and zooms."""
    box = page.locator("[data-drawn]").bounding_box()
    assert box
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.evaluate("countFrames()")
    until = time.monotonic() + seconds
    for act in _motions(page, x, y) if moving else repeat(lambda: page.wait_for_timeout(100)):
        act()
        if time.monotonic() > until:
            break
    at = np.array(page.evaluate("counted()"))
    gaps = np.diff(at)
    return {
        "frames_a_second": round(1000 * len(gaps) / float(at[-1] - at[0]), 1),
        "p95_ms": round(float(np.percentile(gaps, 95)), 1),
        "longest_ms": round(float(gaps.max()), 1),
    }


def _crowd(opened: dict[str, Any]) -> dict[str, Any]:
    """An answer with as many firms as the city has nodes, on a spiral, in place of its own."""
    like, links = opened["members"][0], opened["links"]
    turn = np.arange(_STRESS) * 2.399963  # the golden angle
    far = 2 * np.sqrt(np.arange(_STRESS))
    places = zip((far * np.cos(turn)).tolist(), (far * np.sin(turn)).tolist(), strict=True)
    members = [
        {
            **like,
            "id": _firm(i),
            "title": f"示例企业{i:05d}",
            "leader": False,
            "x": x,
            "y": y,
            "r": 1,
        }
        for i, (x, y) in enumerate(places)
    ]
    return {**opened, "members": members, "links": links, "more_members": 0}


def measure(address: str, seconds: float) -> dict[str, Any]:
    """All figures."""
    from tests.e2e.browsing import chromium

    with httpx.Client(base_url=address, timeout=120) as client, chromium() as browser:
        whole, first = _answer(client, _API)
        _, again = _answer(client, _API)
        figures = _Told()
        figures["cores"] = os.cpu_count()
        figures["communities"] = len(whole["communities"])
        figures["answer_s"] = {"first": round(first, 1), "kept": round(again, 2)}
        page = _page(browser, f"{address}/chains")
        figures["renderer"] = page.evaluate(_RENDERER)
        times = [_after_answer(page)]
        for _ in range(2):
            page.context.close()
            page = _page(browser, f"{address}/chains")
            times.append(_after_answer(page))
        figures["whole_picture_ms"] = times
        figures["idle"] = _frames(page, seconds, moving=False)
        figures["whole"] = _frames(page, seconds)
        page.context.close()
        for size in (100, 2000):
            [hub] = [hub for hub, count in _STARS if count == size]
            query = f"?q={_firm(hub)[-5:]}&limit=1"
            found, _ = _answer(client, f"{_API}/organizations{query}")
            id_ = found["organizations"][0]["path"][-1]["id"]
            opened, _ = _answer(client, f"{_API}/{id_}?links=2000")
            page = _page(browser, f"{address}/chains?open={id_}")
            told = {"firms": len(opened["members"]), "picture_ms": _after_answer(page)}
            figures[f"community_{size}"] = told | _frames(page, seconds)
            page.context.close()
        crowd = json.dumps(_crowd(opened))

        def instead(route: "Route") -> None:
            route.fulfill(body=crowd, content_type="application/json")

        context = browser.new_context(viewport=_SCREEN, locale="zh-CN")  # type: ignore[arg-type]
        context.add_init_script(_WATCH)
        page = context.new_page()
        page.set_default_timeout(_PATIENCE_MS)
        page.route(lambda url: f"{_API}/{id_}" in url, instead)
        page.goto(f"{address}/chains?open={id_}")
        page.wait_for_function("() => window.drawnAt")
        drawn = int(page.locator("[data-drawn]").get_attribute("data-drawn") or 0)
        figures["all"] = {"firms": drawn, "picture_ms": _after_answer(page)} | _frames(
            page, seconds
        )
    return figures


class _Told(dict[str, Any]):
    """Figures that are told as they come: the last ones can take minutes."""

    def __setitem__(self, name: str, value: Any) -> None:
        super().__setitem__(name, value)
        print(name, json.dumps(value), file=sys.stderr, flush=True)


def _shown(figures: dict[str, Any]) -> Table:
    shown = Table("", "firms", "picture, ms", "frames a second", "p95 ms", "longest ms")
    for name in ("idle", "whole", "community_100", "community_2000", "all"):
        row = figures[name]
        picture = figures["whole_picture_ms"] if name == "whole" else row.get("picture_ms", "")
        counts = (row.get("firms", ""), picture, row["frames_a_second"])
        shown.add_row(name, *map(str, (*counts, row["p95_ms"], row["longest_ms"])))
    return shown


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--store", type=Path, default=Path("bench/results"))
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--json", type=Path)
    asked = parser.parse_args()
    store = _city(asked.store)
    with (
        tempfile.TemporaryDirectory(prefix="jiebang-bench-") as folder,
        serving(store, Path(folder) / "log") as port,
    ):
        figures = measure(f"http://127.0.0.1:{port}", asked.seconds)
    Console(width=110).print(_shown(figures))
    if asked.json:
        asked.json.write_text(json.dumps(figures, ensure_ascii=False, indent=2), encoding="utf-8")


if __name__ == "__main__":
    main()
