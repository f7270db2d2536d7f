"""The browser app as people have it: code and pages from the built wheel, the real server on the
fictional city, Debian's Chromium. What the tests of the pages and ``make screenshots`` share."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, Request, sync_playwright

from tests.http.running import Program

REPOSITORY = Path(__file__).parents[2]
EXAMPLES = REPOSITORY / "examples" / "city"
MISSING = (
    "网页的测试与截图要用 Chromium 和一种中文字体，这里没有。"
    "Debian 或 Ubuntu：apt-get install chromium fonts-wqy-microhei"
)
SCREEN, PHONE = {"width": 1366, "height": 768}, {"width": 390, "height": 844}
#: What the driver of a processor that draws says of its speed; nobody's mistake.
DRIVER = "GL Driver Message (OpenGL, Performance"
#: Milliseconds until a page must have come.
PATIENCE = 60_000


def unpacked(folder: Path) -> Path:
    """A wheel of the checkout, built and unpacked into ``folder``; gives where its code lies."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
    )
    [built] = folder.glob("*.whl")
    code = folder / "code"
    with zipfile.ZipFile(built) as wheel:
        wheel.extractall(code)
    assert (code / "api/static/index.html").is_file(), "make setup builds the pages, with Node.js"
    return code


def of_wheel(code: Path) -> Program:
    """``jiebang`` of an unpacked wheel, with the default model, as people have it."""
    kept = {"JIEBANG_CACHE"}  # where `make setup` put the model
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name in kept or not name.startswith("JIEBANG_")
    }
    given = {"PYTHONPATH": str(code), "JIEBANG_EXAMPLES": str(EXAMPLES)}
    return Program((sys.executable, "-P", "-m", "api.cli"), {**inherited, **given}, code)


def said(program: Program, *words: object) -> str:
    """What a command prints; it may not fail."""
    done = subprocess.run(
        [*program.command, *map(str, words)],
        cwd=program.cwd,
        env=program.environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def demo(program: Program, store: Path) -> None:
    """The store of the fictional city, as ``jiebang demo`` makes it."""
    said(program, "demo", "--no-serve", "--store", store)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, headless, which reaches nothing but this machine; its WebGL is drawn by
    the processor, as there need be no graphics card."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=found(),
            args=[
                "--no-sandbox",  # the checks run as root
                "--enable-unsafe-swiftshader",
                "--disable-background-networking",
                "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            ],
        )
        try:
            yield browser
        finally:
            browser.close()


def found() -> str:
    """Where Chromium is.

    Raises:
        RuntimeError: it, or a Chinese font, is not there.
    """
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None or shutil.which("fc-list") is None:
        raise RuntimeError(MISSING)
    fonts = ["fc-list", ":lang=zh", "family"]
    if not subprocess.run(fonts, check=True, capture_output=True, text=True).stdout.strip():
        raise RuntimeError(MISSING)
    return program


@dataclass
class Watched:
    """What a context must not do, as it happened: ask elsewhere, and complain."""

    address: str
    foreign: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        context.on("request", self._asked)
        context.on("console", lambda said: self._said(said.type, said.text))
        context.on("weberror", lambda error: self.complaints.append(f"uncaught: {error.error}"))
        context.add_init_script(
            "addEventListener('securitypolicyviolation', (event) => console.error("
            "`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`))"
        )

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((f"{self.address}/", "data:", "blob:")):
            self.foreign.append(request.url)

    def _said(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"} and DRIVER not in text:
            self.complaints.append(f"{kind}: {text}")

    def check(self, *allowed: str) -> None:
        """Nothing from elsewhere, nothing that was complained of but what holds one of these."""
        complaints = [one for one in self.complaints if not any(word in one for word in allowed)]
        self.complaints.clear()
        assert not self.foreign, self.foreign
        assert not complaints, complaints


@contextmanager
def seated(
    browser: Browser, address: str, **settings: Any
) -> Iterator[tuple[BrowserContext, Watched]]:
    """A context of its own, watched: a reader who comes for the first time.

    Args:
        settings: of ``Browser.new_context``; Chinese on a screen of 1366 × 768 otherwise.
    """
    given = {"viewport": SCREEN, "locale": "zh-CN", "reduced_motion": "reduce", **settings}
    context = browser.new_context(base_url=address, accept_downloads=True, **given)
    context.set_default_timeout(PATIENCE)
    watched = Watched(address)
    watched.follow(context)
    try:
        yield context, watched
    finally:
        context.close()


def settled(page: Page) -> None:
    """Wait until nothing is being read: no skeleton, no open question."""
    page.wait_for_function(
        "() => !document.querySelector('.skeleton, [aria-busy=true], .el-loading-mask')"
    )


if __name__ == "__main__":
    try:
        found()
    except RuntimeError as error:
        sys.exit(str(error))
