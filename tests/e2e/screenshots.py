"""``make screenshots``: every page as ``views`` lists it, on a screen and a phone, light and dark,
into ``web/screenshots`` (or the folder that is named), as page-size-theme.png."""

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Browser, BrowserContext

from tests.e2e.browsing import (
    PHONE,
    REPOSITORY,
    SCREEN,
    chromium,
    demo,
    of_wheel,
    seated,
    settled,
    unpacked,
)
from tests.e2e.views import View, furnish, views
from tests.http.running import running

SIZES = {f"{size['width']}x{size['height']}": size for size in (SCREEN, PHONE)}
THEMES = ("light", "dark")
#: Pixels of a picture's height at most.
LONGEST = 4000


def main(folder: Path) -> None:
    """Take all pictures; those of before are forgotten."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.png"):
        old.unlink()
    with tempfile.TemporaryDirectory() as held:
        place = Path(held)
        program = of_wheel(unpacked(place))
        demo(program, place / "store")
        started = running(place / "store", place / "log", program=program)
        with started as service, service.client() as client, chromium() as browser:
            shown = views(furnish(client))
            for size in SIZES:
                for theme in THEMES:
                    with _open(browser, service.address, size, theme) as context:
                        for view in shown:
                            _take(context, view, folder / f"{view.name}-{size}-{theme}.png")
                        _running(client, context, folder, f"{size}-{theme}")
    print(f"{len([*folder.glob('*.png')])} 张截图在 {folder}")


@contextmanager
def _open(browser: Browser, address: str, size: str, theme: str) -> Iterator[BrowserContext]:
    settings = {"viewport": SIZES[size], "color_scheme": theme}
    with seated(browser, address, **settings) as (context, _):
        yield context


def _take(context: BrowserContext, view: View, path: Path) -> None:
    page = context.new_page()
    page.goto(view.address)
    page.locator(view.sign).first.wait_for()
    settled(page)
    page.wait_for_timeout(600)  # for what is drawn
    tall = page.evaluate("document.documentElement.scrollHeight")
    wide = page.viewport_size["width"] if page.viewport_size else 0
    clip = {"x": 0, "y": 0, "width": wide, "height": min(tall, LONGEST)}
    page.screenshot(path=path, full_page=True, clip=clip)
    page.close()


def _running(client: httpx.Client, context: BrowserContext, folder: Path, end: str) -> None:
    """A job at work, and the same once it was cancelled."""
    params = {"subject": "organization", "to": "demands"}
    job = client.post("jobs", json={"kind": "match", "params": params}).raise_for_status().json()
    view = View("", f"/jobs/{job['id']}", "progress, [role=progressbar]")
    _take(context, view, folder / f"job-running-{end}.png")
    client.post(f"jobs/{job['id']}/cancel")
    view = View("", view.address, "text=已取消")
    _take(context, view, folder / f"job-cancelled-{end}.png")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else REPOSITORY / "web" / "screenshots")
