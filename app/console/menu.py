"""The whole menu as a page: on a phone the bar below has room for a few of its lines only."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.console.deps import Anybody
from app.console.forms import PageRoute
from app.console.render import page

router = APIRouter(prefix="/console/menu", include_in_schema=False, route_class=PageRoute)


@router.get("")
async def show(request: Request, who: Anybody) -> Response:
    """Every page this role sees, and what belongs to the person."""
    return await page(request, who, "menu.html", {"here": "menu"})
