"""A browser that paints the pictures a shop would send, and takes those of the pages."""

import asyncio
import base64
import re
import struct
import zlib
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from playwright.async_api import Browser, StorageState, async_playwright, expect

from tests.needs import browser_path
from tests.photos import chunk
from tests.shots.scene import HOME

SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
SIGNATURE = b"\x89PNG\r\n\x1a\n"
LARGEST = 250_000  # bytes
SIZES = {"wide": (1440, 960), "narrow": (390, 844)}
PAINT, PALETTE = (Path(__file__).with_name(name) for name in ("paint.js", "palette.js"))
LIVE = re.compile("^(실시간|Live)$")
Scheme = Literal["light", "dark"]


@dataclass(frozen=True)
class View:
    """`part`: what alone is taken on a wide screen. `whole`: the page to its end.

    at: what of a room is scrolled to, instead of its last line. path: `{call}` is the opened call.
    live: where the page says that it follows what happens.
    """

    name: str
    path: str
    part: str = ""
    whole: bool = False
    at: str = ""
    live: str = ""


VIEWS = (
    View("wall", f"/phones/{HOME}"),
    View("phone", f"/phones/{HOME}", part="#phone .phone"),
    View("items", f"/phones/{HOME}", part="#phone .phone", at="#thread li"),
    View("picture", f"/phones/{HOME}", part="#phone .phone", at="#thread img"),
    View("texts", f"/phones/{HOME}?app=sms", part="#phone .phone"),
    View("desk", "/desk?request={call}", whole=True),
)
# on a narrow screen an open phone fills it, so the wall is taken without one
NARROW_WALL = View("wall", "/")


@asynccontextmanager
async def browser() -> AsyncIterator[Browser]:
    """The machine's Chromium."""
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(executable_path=browser_path(), args=SWITCHES)
        try:
            yield opened
        finally:
            await opened.close()


async def paint(opened: Browser) -> dict[str, bytes]:
    """The pictures of the notices: a library as PNG, the way to a shop as JPEG."""
    page = await opened.new_page()
    script = await asyncio.to_thread(PAINT.read_text, "utf-8")
    found: dict[str, str] = await page.evaluate(script)
    await page.close()
    return {name: base64.b64decode(url.partition(",")[2]) for name, url in found.items()}


async def take(
    opened: Browser,
    base: str,
    folder: Path,
    view: View,
    how: tuple[str, Scheme],
    state: StorageState | None = None,
) -> Path:
    """One picture: `how` is its size and scheme; `state` is somebody's log-in."""
    size, scheme = how
    width, height = SIZES[size]
    context = await opened.new_context(
        base_url=base,
        viewport={"width": width, "height": height},
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="ko-KR",
        timezone_id="Asia/Seoul",
        storage_state=state,
    )
    page = await context.new_page()
    await page.goto(view.path)
    await page.evaluate("document.fonts.ready")
    await page.wait_for_timeout(400)  # pictures of bubbles
    if view.live:
        await expect(page.locator(view.live)).to_have_text(LIVE, timeout=60_000)
    if view.at:
        await page.locator(view.at).first.scroll_into_view_if_needed()
    if view.part and size == "wide":
        data = await page.locator(view.part).screenshot()
    else:
        data = await page.screenshot(full_page=view.whole)
    await context.close()
    data = await squeeze(opened, data)
    path = folder / f"{view.name}-{size}-{scheme}.png"
    await asyncio.to_thread(path.write_bytes, data)
    return path


async def squeeze(opened: Browser, data: bytes) -> bytes:
    """The same picture in 256 colours: a third of the bytes, and no difference one would see."""
    page = await opened.new_page()
    address = "data:image/png;base64," + base64.b64encode(data).decode()
    script = await asyncio.to_thread(PALETTE.read_text, "utf-8")
    found = await page.evaluate(script, address)
    await page.close()
    width, pixels = int(found["width"]), base64.b64decode(found["pixels"])
    rows = [pixels[at : at + width] for at in range(0, len(pixels), width)]
    made = _png(rows, bytes(found["palette"]))
    while len(made) > LARGEST:  # a very long page loses its end
        rows = rows[: len(rows) * 9 // 10]
        made = _png(rows, bytes(found["palette"]))
    return made


def _png(rows: Sequence[bytes], palette: bytes) -> bytes:
    """Rows of places in a palette as a PNG."""
    head = struct.pack(">IIBBBBB", len(rows[0]), len(rows), 8, 3, 0, 0, 0)
    data = zlib.compress(b"".join(b"\0" + row for row in rows), 9)
    parts = ((b"IHDR", head), (b"PLTE", palette), (b"IDAT", data), (b"IEND", b""))
    return SIGNATURE + b"".join(chunk(*part) for part in parts)


async def take_all(opened: Browser, base: str, folder: Path, call: int) -> list[Path]:
    """Every view, wide and narrow, light and dark. call: which one the inspector has open."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    schemes: tuple[Scheme, Scheme] = ("light", "dark")
    return [
        await take(
            opened, base, folder, replace(view, path=view.path.format(call=call)), (size, scheme)
        )
        for size, views in (("wide", VIEWS), ("narrow", (NARROW_WALL, *VIEWS[1:])))
        for view in views
        for scheme in schemes
    ]
