"""The pictures of the console: which pages, how wide, in which scheme and language."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from playwright.async_api import Browser

from tests.journeys.town import Town
from tests.shots import camera, staff
from tests.shots.camera import Scheme, View
from tests.shots.staff import Places

LIVE = "#live-state"
ROOM = View("console-inbox", "/console/inbox/{room}", live=LIVE)
Shot = tuple[View, str, Scheme]
OUTSIDE = View("console-login", "/console/login")
SHOTS: Sequence[Shot] = (
    (View("console-overview", "/console/overview"), "wide", "light"),
    (View("console-overview", "/console/overview"), "narrow", "light"),
    (View("console-messages", "/console/messages"), "wide", "light"),
    (View("console-message", "/console/messages/{message}"), "wide", "light"),
    (View("console-message", "/console/messages/{message}"), "narrow", "light"),
    (View("console-template", "/console/templates/order_shipped"), "wide", "light"),
    (ROOM, "wide", "light"),
    (ROOM, "wide", "dark"),
    (ROOM, "narrow", "light"),
    (replace(ROOM, name="console-inbox-en", path=ROOM.path + "?lang=en"), "wide", "light"),
    (View("console-members", "/console/members"), "wide", "light"),
)
AFTERWARDS: Sequence[Shot] = (
    (View("console-teams", "/console/desk?tab=teams"), "wide", "light"),
    (View("console-hours", "/console/desk?tab=channels"), "wide", "light"),
)


async def take_all(opened: Browser, place: Town, folder: Path, places: Places) -> list[Path]:
    """Every page once it is as it should be; the channel's hours come last."""
    await asyncio.to_thread(folder.mkdir, parents=True, exist_ok=True)
    taken = [await camera.take(opened, place.app_url, folder, OUTSIDE, ("wide", "light"))]
    taken += [await _take(opened, place, folder, places, shot) for shot in SHOTS]
    await staff.open_hours(place)
    return taken + [await _take(opened, place, folder, places, shot) for shot in AFTERWARDS]


async def _take(opened: Browser, place: Town, folder: Path, places: Places, shot: Shot) -> Path:
    view, size, scheme = shot
    path = view.path.format(room=places.room, message=places.message)
    how = (size, scheme)
    return await camera.take(
        opened, place.app_url, folder, replace(view, path=path), how, places.state
    )
