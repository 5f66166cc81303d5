"""The desk's form for what a customer sends is described."""

from tests.sandbox.server import Running


async def test_the_form_is_described(quiet: Running) -> None:
    told = (await quiet.client.get("/desk/api/openapi.json")).json()
    path = told["paths"]["/desk/api/phones/{number}/send"]["post"]
    schema = path["requestBody"]["content"]["multipart/form-data"]["schema"]
    assert schema["properties"]["type"]["enum"] == ["video", "file", "audio", "emoticon", "long"]
