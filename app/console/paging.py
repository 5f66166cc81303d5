"""Lists page by page: the cursor of an address is the id of the last row that was seen."""

from uuid import UUID

from fastapi import Request


def after_of(request: Request, name: str = "after") -> UUID | None:
    """The cursor in the address; an odd one is none, and the list begins anew."""
    try:
        return UUID(request.query_params.get(name, ""))
    except ValueError:
        return None
