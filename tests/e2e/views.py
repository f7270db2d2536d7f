"""Every page of the app, as it is looked at: empty, filled, opened, in error. One list, for the
tests of accessibility and for ``make screenshots``; what the pages show is made here as well."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import httpx

from tests.http.running import wait_for

#: Names of the fictional city, written as another office might have them; one row cannot be read.
ROSTER = """企业名称,所在区,成立日期,主要产品
{0},,2011-05-01,导电纱
{1},,2009年3月,减速器
{2},,去年,光模块
"""
#: What the browser says of an address at which nothing is.
LOST = "status of 404"
DEMAND, RESULT, OTHERS = "demand:D-040", "result:R-066", ("result:R-028", "result:R-040")
#: What differs from another in its content alone: looked at, and not examined by tests.
ALIKE = frozenset(
    {
        "match-results",
        "match-demand",
        "results-firms",
        "chains-firm",
        "comparison",
        "gaps-unmet",
        "node-demand",
        "search",
        "search-listed",
        "search-nothing",
        "import",
        "jobs-none",
        "resolution-none",
        "evaluation",
        "missing",
        "error-match",
    }
)


@dataclass(frozen=True)
class View:
    """A page in a state.

    Attributes:
        name: of the picture.
        address: path and query.
        sign: a selector of what is there once the page has come.
        complaint: what the browser itself says of the error that is shown, where one is.
    """

    name: str
    address: str
    sign: str
    complaint: str = "\0"


def furnish(client: httpx.Client) -> Mapping[str, Any]:
    """Do what people do before there is something to see: files uploaded and tried, organisations
    compared, a community asked for, a set saved; gives the ids by their names."""
    firms = client.get("nodes", params={"label": "Organization", "limit": 100}).json()["nodes"]
    named = [one["title"] for one in firms if one["title"].endswith("有限公司")][:3]
    roster = ROSTER.format(*(title.removesuffix("有限公司") + "股份公司" for title in named))
    upload = _upload(client, "配套企业名录.csv", roster)
    unknown = "贵企业的名称,技术需求的题目,遇到的技术瓶颈\n虚构甲厂,示例难题,密封圈漏汽\n"
    strange = _upload(client, "自拟表头.csv", unknown)
    load = {"uploads": [upload], "embed": True}
    jobs = {
        "load": _job(client, "load", load),
        "resolve": _job(client, "resolve", {}),
    }
    whole = client.get("communities").raise_for_status().json()["communities"]
    community = whole[0]["id"]
    opened = client.get(f"communities/{community}").raise_for_status().json()
    links = {one["inferred"]: one for one in opened["links"]}
    saved = client.post("community-sets", json={"name": "虚构：粗分", "scope": {"resolution": 0.5}})
    return {
        **jobs,
        "community": community,
        "firm": opened["members"][0]["id"],
        "link": " ".join((links[True]["from"], links[True]["to"])),
        "set": saved.raise_for_status().json()["id"],
        "files": [upload, strange],
    }


def views(made: Mapping[str, Any]) -> list[View]:
    """All of them, for what ``furnish`` made."""

    def at(path: str, **query: object) -> str:
        return f"{path}?{urlencode(query, doseq=True)}" if query else path

    community, compared = made["community"], {"with": OTHERS, "view": "compare"}
    return [
        View("home", "/", "text=先看例子"),
        View("match", "/match", "text=或粘贴一段文字"),
        View("match-organizations", at("/match", node=DEMAND), "[data-row]"),
        View(
            "match-results",
            at("/match", node="demand:D-001", to="results"),
            "[data-row]",
        ),
        View(
            "match-demand",
            at("/match", node=DEMAND, step="demand"),
            ".demand .read",
        ),
        View("match-evidence", at("/match", node=DEMAND, step="evidence"), ".proof .path"),
        View("match-compare", at("/match", node="demand:D-001", to="results", **compared), "table"),
        View("results", "/results", "text=从哪项成果找起"),
        View("results-firms", at("/results", node=RESULT), "[data-row]"),
        View("results-evidence", at("/results", node=RESULT, step="evidence"), ".proof .path"),
        View("chains", "/chains", "[data-drawn]"),
        View("chains-table", at("/chains", view="table"), "main table"),
        View("chains-community", at("/chains", open=community), "[data-drawn]"),
        View(
            "chains-firm",
            at("/chains", open=community, at=made["firm"]),
            "text=有联系",
        ),
        View("chains-link", at("/chains", open=community, at=made["link"]), ".right .path"),
        View("comparison", "/comparison", "text=两边一样"),
        View("comparison-made", at("/comparison", a=made["set"], b_resolution=2), "main canvas"),
        View("gaps", "/gaps", ".gap"),
        View("gaps-unmet", at("/gaps", kind="unmet"), ".kinds"),
        View("node-demand", f"/nodes/{DEMAND}", "text=关系"),
        View("node-firm", f"/nodes/{made['firm']}", "text=关系"),
        View("search", "/search", "text=减速器"),
        View("search-found", at("/search", q="激光"), "main table"),
        View(
            "search-listed",
            at("/search", label="Demand", district="汀澜高新区"),
            "main table",
        ),
        View("search-nothing", at("/search", q="激光", district="无此区"), ".empty"),
        View("import", "/import", "text=用一份虚构的示例试试"),
        View("import-recognised", at("/import", file=made["files"]), "text=要确认"),
        View("import-loaded", at("/import", file=made["files"][:1], job=made["load"]), ".figures"),
        View("jobs", "/jobs", "main table"),
        View("jobs-none", at("/jobs", kind="train"), ".empty"),
        View("job", f"/jobs/{made['load']}", ".figures"),
        View("resolution", "/resolution", "text=是同一家的可能性"),
        View("resolution-none", at("/resolution", name="无此名"), ".empty"),
        View("evaluation", "/evaluation", "text=学成于"),
        View("evaluation-recipes", at("/evaluation", node="demand:D-001"), "main ol"),
        View("missing", "/nowhere", ".empty"),
        View("error", "/nodes/demand:none", "[role=alert]", complaint=LOST),
        View(
            "error-match",
            at("/match", node="demand:none"),
            "[role=alert]",
            complaint=LOST,
        ),
    ]


def _upload(client: httpx.Client, name: str, text: str) -> str:
    sent = client.post("uploads", params={"name": name}, content=text.encode())
    return str(sent.raise_for_status().json()["id"])


def _job(client: httpx.Client, kind: str, params: Mapping[str, Any]) -> str:
    made = client.post("jobs", json={"kind": kind, "params": params}).raise_for_status().json()
    ended = wait_for(client, made["id"])
    assert ended["state"] == "succeeded", ended
    return str(made["id"])
