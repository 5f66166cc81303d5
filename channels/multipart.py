"""Giving a provider files: the requests that are no JSON."""

from collections.abc import Mapping

import httpx

from channels.management import Picture
from channels.transport import Reply, Trouble, exchange


async def post_file(
    client: httpx.AsyncClient,
    url: str,
    file: Picture,
    headers: Mapping[str, str],
    deadline: float,
) -> Reply | Trouble:
    """POST one file as the part ``file`` of multipart/form-data; as ``transport.post``."""
    return await post_parts(client, url, ({}, {"file": file}), headers, deadline)


async def post_parts(
    client: httpx.AsyncClient,
    url: str,
    parts: tuple[Mapping[str, str], Mapping[str, Picture]],
    headers: Mapping[str, str],
    deadline: float,
) -> Reply | Trouble:
    """POST fields and files as multipart/form-data; as ``transport.post``."""
    fields, files = parts
    sent = {name: (one.name, one.data, one.media_type) for name, one in files.items()}
    request = client.build_request("POST", url, data=fields, files=sent, headers=dict(headers))
    request.read()  # into bytes, as every other request is: a second try needs them whole
    return await exchange(client, request, deadline)
