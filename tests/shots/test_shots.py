"""The pictures of the README: what is painted, and that few colours keep it."""

import struct

import pytest

from templates.compiled import compile_template
from templates.reading import read_template
from templates.render import render
from tests.shots import camera, scene


@pytest.mark.parametrize("form", [scene.LESSON, scene.MAP], ids=lambda form: str(form["code"]))
def test_the_notices_of_the_scene_are_whole(form: dict[str, str]) -> None:
    values = scene.LESSON_OF if form is scene.LESSON else scene.MAP_OF
    source = compile_template(read_template(form))
    assert set(source.names) == set(values)
    assert "#{" not in render(source, values, sms=True).text


@pytest.mark.long
@pytest.mark.browser
async def test_a_painted_picture_survives_with_few_colours() -> None:
    async with camera.browser() as opened:
        painted = await camera.paint(opened)
        assert painted["map.jpg"].startswith(b"\xff\xd8")
        small = await camera.squeeze(opened, painted["library.png"])
        assert struct.unpack(">II", small[16:24]) == (800, 400)
        assert len(small) <= camera.LARGEST
        page = await opened.new_page()
        await page.set_content("<canvas width=3 height=2 style='background: rgb(20, 60, 90)'>")
        plain = await page.locator("canvas").screenshot()
        squeezed = await camera.squeeze(opened, plain)
    assert struct.unpack(">II", squeezed[16:24]) == (3, 2)
    assert squeezed[squeezed.index(b"PLTE") + 4 :][:3] == bytes((20, 60, 90))
