"""What people do on the pages, and what they take along from them."""

import base64
from collections.abc import Mapping, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any, Literal

import openpyxl
from playwright.sync_api import Locator, Page, expect
from python_calamine import CalamineWorkbook

#: How many colours a picture has: decoded by the browser itself.
_COLOURS = """async (data) => {
  const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
  const seen = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
  const context = new OffscreenCanvas(seen.width, seen.height).getContext("2d");
  context.drawImage(seen, 0, 0);
  const { data: points } = context.getImageData(0, 0, seen.width, seen.height);
  return new Set(new Uint32Array(points.buffer)).size;
}"""
_DROPPED = """(files) => {
  const held = new DataTransfer();
  for (const [name, data] of Object.entries(files)) {
    const bytes = Uint8Array.from(atob(data), (one) => one.charCodeAt(0));
    held.items.add(new File([bytes], name));
  }
  return held;
}"""


def sit(page: Page, desk: str) -> None:
    """Take a desk by the switch of the rail."""
    chosen(page, "工作台", desk)


def chosen(page: Page, combobox: str, option: str) -> None:
    """Choose from a list that opens; what one clicks lies around its input."""
    named = page.get_by_role("combobox", name=combobox, exact=True)
    page.locator(".el-select__wrapper", has=named).click()
    page.get_by_role("option", name=option).locator("visible=true").click()


def go(page: Page, title: str) -> None:
    """To a page by the rail."""
    page.get_by_role("navigation", name="页面").get_by_role("link", name=title, exact=True).click()
    expect(page.get_by_role("heading", level=1, name=title)).to_be_visible()


def box(at: Page | Locator, name: str) -> Locator:
    """What one clicks of a checkbox: the input itself is not seen."""
    page = at if isinstance(at, Page) else at.page
    return at.locator("label.el-checkbox", has=page.get_by_role("checkbox", name=name))


def picked(page: Page, combobox: str, words: str, title: str) -> None:
    """Choose a stored node by typing some of its name."""
    page.get_by_role("combobox", name=combobox).fill(words)
    page.get_by_role("option", name=title).first.click()


def download(page: Page, name: str, role: Literal["button", "link"] = "button") -> bytes:
    """What a button or link hands the browser."""
    with page.expect_download() as coming:
        page.get_by_role(role, name=name, exact=True).click()
    return Path(coming.value.path()).read_bytes()


def sheets(content: bytes) -> dict[str, list[list[Any]]]:
    """The rows of a workbook's sheets, as Excel's reader has them."""
    read = CalamineWorkbook.from_filelike(BytesIO(content))
    return {name: read.get_sheet_by_name(name).to_python() for name in read.sheet_names}


def book(rows: Sequence[Sequence[object]]) -> bytes:
    """A workbook of one sheet."""
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in rows:
        made.active.append(list(row))
    held = BytesIO()
    made.save(held)
    return held.getvalue()


def drop(page: Page, at: str, files: Mapping[str, bytes]) -> None:
    """Let files fall on a place."""
    data = {name: base64.b64encode(content).decode() for name, content in files.items()}
    held = page.evaluate_handle(_DROPPED, data)
    page.locator(at).dispatch_event("drop", {"dataTransfer": held})


def colours(page: Page, png: bytes) -> int:
    """How many colours a picture has."""
    return int(page.evaluate(_COLOURS, base64.b64encode(png).decode()))


def under(page: Page, drawn: Locator) -> tuple[float, float]:
    """A point of a picture under which something lies that can be clicked: the pointer says so."""
    place = drawn.bounding_box()
    assert place is not None
    for row in range(1, 12):
        for column in range(1, 16):
            x = place["x"] + place["width"] * column / 16
            y = place["y"] + place["height"] * row / 12
            page.mouse.move(x, y)
            if drawn.evaluate("at => at.style.cursor") == "pointer":
                return x, y
    raise AssertionError("nothing can be clicked")
