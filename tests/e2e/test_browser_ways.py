"""The three people's ways through the fictional city, in a browser, as they walk them."""

import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree as ET

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.e2e.browsing import settled
from tests.e2e.walking import (
    book,
    box,
    chosen,
    colours,
    download,
    drop,
    go,
    picked,
    sheets,
    sit,
    under,
)
from tests.http.running import Service

#: Its heated vest breaks after twenty washes (examples/city).
DEMAND = "demand:D-040"
RESULT = "result:R-066"


@pytest.fixture
def client(service: Service) -> httpx.Client:
    return service.client()


def test_an_enterprise_finds_who_can_solve_its_demand(page: Page, client: httpx.Client) -> None:
    page.goto("/")
    sit(page, "高校院所")
    expect(page.get_by_role("heading", name="高校院所工作台")).to_be_visible()
    sit(page, "企业")
    expect(page.get_by_role("heading", name="企业工作台")).to_be_visible()
    go(page, "匹配")
    demand = client.get(f"nodes/{DEMAND}").json()
    picked(page, "选需求、成果或企业", demand["title"][:8], demand["title"])
    expect(page).to_have_url(re.compile(r"node=demand:D-040"))

    told = client.get(f"nodes/{DEMAND}/matches", params={"to": "organizations"}).json()
    _lists(page, told)
    page.get_by_text("成果", exact=True).locator("visible=true").first.click()
    told = client.get(f"nodes/{DEMAND}/matches", params={"to": "results"}).json()
    _lists(page, told)
    owners = page.locator(".owners")
    owned = [one for one in told["candidates"] if one["owners"]]
    expect(owners).to_have_count(len(owned))
    expect(owners.first).to_contain_text(owned[0]["owners"][0]["title"])

    _evidence(page, told["candidates"][0])
    page.locator("[data-row]").nth(1).click()
    _evidence(page, told["candidates"][1])
    page.reload()
    _lists(page, told)
    _evidence(page, told["candidates"][1])

    page.get_by_role("button", name="编辑文字").click()
    said = "需要洗不断的导电纱：机洗 100 次后电阻变化不超过 10%，预算 40 万元。"
    page.get_by_role("textbox", name="需求的文字").fill(said)
    page.get_by_role("button", name="重新匹配").click()
    again = client.post("match", json={"text": said, "to": "results", "top": 10}).json()
    assert _titles(again) != _titles(told)
    _lists(page, again)
    page.reload()
    _lists(page, again)
    expect(page.get_by_text("文字改过：")).to_be_visible()
    page.go_back()
    _lists(page, told)
    page.go_forward()
    _lists(page, again)
    page.get_by_role("button", name="恢复原文").click()
    _lists(page, told)

    for one in told["candidates"][:4]:
        box(page, f"比较 {one['title']}").click()
    expect(
        page.get_by_role("checkbox", name=f"比较 {told['candidates'][4]['title']}")
    ).to_be_disabled()
    page.get_by_role("button", name="比较选中的 4 个").click()
    for _ in range(2):
        heads = page.locator("main thead a")
        expect(heads).to_have_text(_titles(told)[:4])
        page.reload()
    page.get_by_role("button", name="回到名单").click()
    taken = sheets(download(page, "导出 Excel"))
    head, *rows = taken["候选"]
    assert [row[head.index("候选")] for row in rows] == _titles(told)
    hops = sum(len(one["path"]) for one in told["candidates"])
    assert len(taken["路径"]) == 1 + hops


def test_a_university_finds_who_could_use_its_result(page: Page, client: httpx.Client) -> None:
    page.goto("/")
    sit(page, "高校院所")
    go(page, "成果找企业")
    title = client.get(f"nodes/{RESULT}").json()["title"]
    picked(page, "选一项成果", title[:6], title)
    asked = {"top": 30}
    firms = client.get(f"nodes/{RESULT}/matches", params={"to": "organizations", **asked}).json()
    rows = page.locator("[data-row]")
    expect(rows.filter(has_text=_titles(firms)[0])).to_be_visible()
    assert sorted(rows.all_inner_texts()) == sorted(_titles(firms))
    page.get_by_text("对得上的需求").click()
    demands = client.get(f"nodes/{RESULT}/matches", params={"to": "demands", **asked}).json()
    expect(rows.filter(has_text=_titles(demands)[0])).to_be_visible()
    assert sorted(rows.all_inner_texts()) == sorted(_titles(demands))

    linked = next(one for one in demands["candidates"] if one["path"])
    page.get_by_role("button", name=linked["title"], exact=True).click()
    path = page.get_by_role("article", name=f"{linked['title']} 的依据").locator(".path")
    expect(path.get_by_role("link")).to_have_text(
        [linked["path"][0]["from"]["title"], *(step["to"]["title"] for step in linked["path"])]
    )
    sources = path.locator(".source")
    expect(sources).to_have_count(len(linked["path"]))
    page.reload()
    expect(page.locator(f"[data-row='{linked['id']}']")).to_have_attribute("aria-current", "true")

    end = linked["path"][-1]["to"]
    path.get_by_role("link", name=end["title"]).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(end["title"])
    expect(page.get_by_role("region", name="关系")).to_be_visible()
    page.go_back()
    expect(page.locator(f"[data-row='{linked['id']}']")).to_have_attribute("aria-current", "true")


def _titles(told: Mapping[str, Any]) -> list[str]:
    return [one["title"] for one in told["candidates"]]


def _lists(page: Page, told: Mapping[str, Any]) -> None:
    """The list shows these candidates in this order."""
    expect(page.locator(".list [data-row]")).to_have_text(_titles(told))


def _evidence(page: Page, one: Mapping[str, Any]) -> None:
    """The evidence of a candidate: both passages, and the path with a source for each hop."""
    proof = page.get_by_role("article", name=f"{one['title']} 的依据")
    passages = proof.locator(".pair section > p")
    expect(passages).to_have_count(2)
    for passage in passages.all():
        assert len(passage.inner_text()) > 10
    if one["path"]:
        expect(proof.locator(".path .source")).to_have_count(len(one["path"]))
    else:
        expect(proof.get_by_text("图谱里没有连到它的路径")).to_be_visible()


def test_an_officer_sees_the_chain_and_why_firms_are_linked(
    page: Page, client: httpx.Client
) -> None:
    page.goto("/")
    sit(page, "专员")
    go(page, "产业链图谱")
    told = client.get("communities").json()
    bubbles = told["communities"]
    drawn = page.get_by_role("application")
    expect(drawn).to_have_attribute("data-drawn", str(len(bubbles)))
    settled(page)
    # WebGL is not only said to be there: what is on the screen has been drawn in many colours.
    assert colours(page, drawn.screenshot()) > 40
    contexts = (
        "all => all.filter(one => one.getContext('webgl2')?.isContextLost() === false).length"
    )
    assert page.locator("canvas").evaluate_all(contexts) >= 2

    page.get_by_text("表", exact=True).click()
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(len(bubbles))
    names = page.locator("main tbody td:first-child").all_inner_texts()
    assert sorted(names) == sorted(one["name"]["text"] for one in bubbles)
    page.get_by_text("图", exact=True).click()

    # A bubble under the pointer, opened as one opens it.
    x, y = under(page, drawn)
    page.mouse.dblclick(x, y)
    expect(page).to_have_url(re.compile(r"open="))
    id_ = httpx.URL(page.url).params["open"]
    opened = client.get(f"communities/{id_}").json()
    crumbs = page.get_by_role("navigation", name="所在位置")
    expect(crumbs.locator("[aria-current]")).to_have_text(opened["community"]["name"]["text"])
    expect(drawn).to_have_attribute("data-drawn", str(len(opened["members"])))
    settled(page)
    assert colours(page, drawn.screenshot()) > 20
    page.reload()
    expect(drawn).to_have_attribute("data-drawn", str(len(opened["members"])))
    page.go_back()
    expect(drawn).to_have_attribute("data-drawn", str(len(bubbles)))
    page.go_forward()
    expect(drawn).to_have_attribute("data-drawn", str(len(opened["members"])))

    # From a firm to why it is linked to another.
    link = opened["links"][0]
    titles = {one["id"]: one["title"] for one in opened["members"]}
    jump = page.get_by_role("textbox", name="找企业、群落、产品")
    jump.fill(titles[link["from"]])
    page.get_by_role("option", name=titles[link["from"]]).first.click()
    details = page.get_by_role("complementary", name="说明")
    expect(details.get_by_role("heading", level=2)).to_have_text(titles[link["from"]])
    details.get_by_role("button", name=titles[link["to"]], exact=True).click()
    expect(details.get_by_role("heading", level=2)).to_contain_text(titles[link["to"]])
    expect(details.locator(".steps .source").first).to_be_visible()
    ends = details.locator(".steps .stop:first-child").first
    expect(ends).to_have_text(re.compile("|".join([titles[link["from"]], titles[link["to"]]])))
    page.reload()
    expect(details.locator(".steps .source").first).to_be_visible()

    # The table's filter is the picture's; both can be taken along.
    page.get_by_text("表", exact=True).click()
    tier = next(tier for one in opened["members"] for tier in one["tiers"])
    held = [one["title"] for one in opened["members"] if tier in one["tiers"]]
    page.locator("fieldset", has_text="梯度").get_by_text(tier, exact=True).click()
    expect(rows).to_have_count(len(held))
    page.get_by_text("图", exact=True).click()
    expect(drawn).to_have_attribute("data-drawn", str(len(held)))
    svg = ET.fromstring(download(page, "SVG"))
    said = "".join(svg.itertext())
    assert all(title[:4] in said for title in held[:5])
    assert colours(page, download(page, "PNG")) > 20
    taken = sheets(download(page, "导出 Excel", "link"))
    assert len(taken["成员"]) == 1 + len(opened["members"])


def test_an_officer_compares_divisions_and_lists_the_gaps(page: Page, client: httpx.Client) -> None:
    page.goto("/chains")
    sit(page, "专员")
    for grain, name in (("粗", "虚构：粗分"), ("细", "虚构：细分")):
        page.get_by_role("radiogroup", name="划分粗细").get_by_text(grain).click()
        expect(page).to_have_url(re.compile("resolution="))
        page.get_by_role("button", name="存档").click()
        dialog = page.get_by_role("dialog")
        dialog.get_by_role("textbox", name="名称").fill(name)
        dialog.get_by_role("button", name="存档").click()
        expect(dialog.get_by_text(f"已存为“{name}”")).to_be_visible()
        dialog.get_by_role("button", name="关闭").last.click()
    go(page, "群落对比")
    for side, name in (("前", "虚构：粗分"), ("后", "虚构：细分")):
        chosen(page, side, name)
    sets = {one["name"]: one["id"] for one in client.get("community-sets").json()["sets"]}
    two = {"before": {"set": sets["虚构：粗分"]}, "after": {"set": sets["虚构：细分"]}}
    told = client.post("community-comparisons", json=two).json()
    pairs = page.get_by_role("region", name="群落逐一对应").locator("tbody tr")
    expect(pairs).to_have_count(len(told["pairs"]))
    expect(page.get_by_role("img", name="成员去向").locator("canvas")).to_be_visible()
    page.reload()
    expect(pairs).to_have_count(len(told["pairs"]))
    taken = sheets(download(page, "导出 Excel"))
    assert len(taken["对应"]) == 1 + len(told["pairs"])

    go(page, "补链清单")
    gaps = client.get("gaps").json()
    cards = page.locator(".gap")
    expect(cards).to_have_count(len(gaps["missing"]["gaps"]))
    page.get_by_text(re.compile("独家供应")).click()
    expect(cards).to_have_count(len(gaps["single_source"]["gaps"]))
    near = page.locator(".gap details").first
    near.locator("summary").click()
    expect(near.locator(".source").first).to_be_visible()
    taken = sheets(download(page, "导出 Excel", "link"))
    both = gaps["missing"]["total"] + gaps["single_source"]["total"]
    assert len(taken["补链清单"]) == 1 + both


#: As an office of a district would send it: a title above, headers of its own, one date that is
#: none; and firms that the city has under another form of their names.
NEEDS = [
    ["云湖片区企业难题收集（虚构）"],
    ["贵企业的名称", "技术需求的题目", "遇到的技术瓶颈", "打算投入的经费（万元）", "希望何时完成"],
    ["虚构澄岚精密机械有限公司", "谐波柔轮开裂", "高转速下五千小时即开裂。", 120, "2027-06"],
    ["虚构沅石密封科技有限公司", "蒸汽阀门密封", "260℃ 三个月后变硬渗漏。", 80, "明年年中吧"],
]


def test_an_officer_takes_files_in_and_says_which_firms_are_one(
    page: Page, client: httpx.Client
) -> None:
    page.goto("/")
    sit(page, "专员")
    go(page, "数据导入")
    firms = client.get("nodes", params={"label": "Organization", "limit": 50}).json()["nodes"]
    named = [one["title"] for one in firms if one["title"].endswith("有限公司")][:2]
    other = [title.removesuffix("有限公司") + "厂" for title in named]
    roster = "企业名称,所在区\n" + "".join(f"{title},\n" for title in other)
    drop(page, ".drop", {"难题.xlsx": book(NEEDS), "配套.csv": roster.encode()})
    sheet = page.locator("details.sheet", has_text="难题.xlsx")
    expect(sheet.get_by_text("要确认")).to_be_visible()
    expect(page.locator("details.sheet", has_text="配套.csv").get_by_text("认得")).to_be_visible()
    box(sheet, "按下面的对照载入").click()
    expect(sheet.get_by_text("按您的对照")).to_be_visible()
    page.reload()
    expect(sheet.get_by_text("按您的对照")).to_be_visible()
    page.get_by_role("button", name="载入 2 张表").click()
    expect(page.get_by_text("载入完毕")).to_be_visible(timeout=60_000)
    wrong = page.get_by_role("region", name="有误的行").locator("tbody tr")
    expect(wrong).to_have_count(1)
    expect(wrong).to_contain_text("明年年中吧")
    rejected = sheets(download(page, "下载待改的行（Excel）", "link"))
    assert any("明年年中吧" in map(str, row) for rows in rejected.values() for row in rows)
    page.reload()
    expect(wrong).to_have_count(1)

    go(page, "消歧")
    page.get_by_role("button", name="找可能是同一家的").first.click()
    expect(page.get_by_role("heading", name="找可能是同一家的机构")).to_be_visible()
    page.get_by_role("link", name="去核对").click()
    pairs = page.get_by_role("list", name="各对").get_by_role("button")
    first = pairs.filter(has_text=other[0]).first
    first.click()
    expect(page.get_by_text("是同一家的可能性")).to_be_visible()
    page.keyboard.press("1")
    expect(page.get_by_text("已判为同一家")).to_contain_text(other[0])
    accepted = client.get("resolution/pairs", params={"state": "accepted"}).json()["pairs"]
    assert [other[0] in one["titles"] for one in accepted] == [True]
    page.keyboard.press("z")
    expect(page.get_by_text("已判为同一家")).to_be_hidden()
    expect(pairs.filter(has_text=other[0])).to_have_attribute("aria-current", "true")

    go(page, "任务")
    jobs = client.get("jobs").json()["jobs"]
    expect(page.locator("main tbody tr")).to_have_count(len(jobs))
    page.get_by_role("link", name="载入文件").first.click()
    expect(page.locator("main")).to_contain_text("读到的行")
    page.go_back()
    expect(page.locator("main tbody tr")).to_have_count(len(jobs))
