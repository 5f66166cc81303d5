"""Forms: refusals are pages for people, data for scripts; a broken address is nowhere."""

from app.console.forms import see
from tests.app.console.visitors import Visitor, words_of


def test_after_a_form_one_goes_and_looks() -> None:
    answer = see("/console/x")
    assert (answer.status_code, answer.headers["location"]) == (303, "/console/x")


async def test_a_refusal_is_a_page_or_data(viewer: Visitor) -> None:
    page = await viewer.get("/console/nowhere", 404)
    assert "없는 곳이에요" in words_of(page)
    data = await viewer.ask("GET", "/console/nowhere", 404)
    assert (data["code"], data["status"]) == ("not_found", 404)
    assert "주소를 살펴보세요" in data["words"]
    assert data["detail"].startswith("There is nothing")
