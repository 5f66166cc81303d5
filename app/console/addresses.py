"""The address people and programs reach this installation at."""

from fastapi import Request

from app.services.runtime import Runtime


def site(request: Request, runtime: Runtime) -> str:
    """As providers know it where that is set, else as this browser does; no slash at the end."""
    public = runtime.settings.public_url.rstrip("/")
    return public or f"{request.url.scheme}://{request.url.netloc}"


def link(request: Request, runtime: Runtime, token: str) -> str:
    """The page where a person sets their password."""
    return f"{site(request, runtime)}/console/link/{token}"
