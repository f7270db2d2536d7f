"""Every page: accessible in light and dark, at home on a phone, in English, on paper; and each
shows what it is for. The pages are those of ``views``, as ``make screenshots`` takes them."""

import json
import re
from io import BytesIO
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pypdf import PdfReader

from tests.e2e.browsing import PHONE, seated, settled
from tests.e2e.views import ALIKE, DEMAND, View, furnish, views
from tests.http.running import Service

GRAVE = {"serious", "critical"}
#: The next picture but one: what changes its colours has changed them.
DRAWN = "new Promise((on) => requestAnimationFrame(() => requestAnimationFrame(on)))"
HAN = re.compile(r"[\u4e00-\u9fff]+")
#: A page of A4, in points.
A4 = (595, 842)


@pytest.fixture(scope="module")
def shown(service: Service) -> list[View]:
    with service.client() as client:
        return [view for view in views(furnish(client)) if view.name not in ALIKE]


def _grave(page: Page, *rules: str) -> list[str]:
    """What axe finds that is serious or critical: rule, places."""
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    found = Axe().run(page, options=options).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]}"
        for one in found
        if one["impact"] in GRAVE
        for node in one["nodes"]
    ]


def test_every_page_is_accessible_and_fits_a_phone(
    browser: Browser, service: Service, shown: list[View]
) -> None:
    """In dark nothing but the colours differs, on a phone the width."""
    wrong: dict[str, list[str]] = {}
    with seated(browser, service.address) as (context, watched):
        for view in shown:
            page = context.new_page()
            page.goto(view.address)
            page.locator(view.sign).first.wait_for()
            settled(page)
            found = _grave(page)
            page.emulate_media(color_scheme="dark")
            page.wait_for_function("() => document.documentElement.classList.contains('dark')")
            page.evaluate(DRAWN)
            found += [f"dark {one}" for one in _grave(page, "color-contrast")]
            page.set_viewport_size(PHONE)
            width = page.evaluate("document.documentElement.scrollWidth")
            if width > PHONE["width"]:
                found.append(f"{width} pixels wide")
            if found:
                wrong[view.name] = found
            page.close()
            watched.check(view.complaint)
    assert wrong == {}, json.dumps(wrong, ensure_ascii=False, indent=1)


def test_the_app_speaks_english_and_goes_dark_and_remembers(page: Page) -> None:
    page.goto("/")
    page.get_by_role("button", name="English").click()
    for _ in range(2):
        expect(page.locator("html")).to_have_attribute("lang", "en")
        rail = page.get_by_role("navigation", name="Pages")
        assert not HAN.search(rail.inner_text())
        assert not HAN.search(page.get_by_role("heading", level=1).inner_text())
        page.reload()
    page.get_by_role("button", name="Theme").click()
    page.get_by_role("menuitem", name="Dark").click()
    for _ in range(2):
        expect(page.locator("html")).to_have_class(re.compile("dark"))
        page.wait_for_function(
            "getComputedStyle(document.documentElement).backgroundColor"
            ".match(/\\d+/g).every((part) => part < 60)"
        )
        page.reload()


@pytest.mark.parametrize(
    ("address", "sign", "said"),
    [
        (
            f"/match?node={DEMAND}&to=results",
            ".proof .evidence",
            ["匹配", "导电", "图谱中怎样相连"],
        ),
        ("/gaps", ".gap", ["补链清单", "最接近补上的"]),
    ],
)
def test_a_report_is_printed_on_a4(page: Page, address: str, sign: str, said: list[str]) -> None:
    page.goto(address)
    page.locator(sign).first.wait_for()
    settled(page)
    paper = PdfReader(BytesIO(page.pdf(prefer_css_page_size=True)))
    assert {(round(one.mediabox.width), round(one.mediabox.height)) for one in paper.pages} == {A4}
    texts = [one.extract_text() for one in paper.pages]
    assert len(texts) > 1
    for number, text in enumerate(texts, start=1):
        assert re.search(rf"{number} ?/ ?{len(texts)}\b", text), text[-200:]
    whole = re.sub(r"\s", "", "".join(texts))
    for words in [*said, "来源：", f"{page.evaluate('new Date().getFullYear()')}-"]:
        assert words in whole, words
    # What is pressed has no place on paper.
    assert "编辑文字" not in whole
    assert "导出Excel" not in whole
