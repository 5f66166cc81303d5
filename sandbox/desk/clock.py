"""The sandbox's clock, for scripts and tests."""

from datetime import datetime

from fastapi import APIRouter, Depends
from pydantic import BaseModel

from sandbox.clock import CannotTurnBack, Line
from sandbox.clock_changes import ClockIn, change_clock
from sandbox.desk.deps import store_of
from sandbox.desk.shapes import Times
from sandbox.outbound import KST
from sandbox.problems import Problem, refusals
from sandbox.store import Store
from sandbox.waits import lay_clock

router = APIRouter(prefix="/desk/api/clock", tags=["desk"])


class ClockOut(BaseModel):
    """now and real in ms since 1970, iso in Seoul time; ahead_s is negative when it is behind."""

    now: Times
    iso: str
    rate: float
    ahead_s: float
    real: Times


@router.get("")
async def get_clock(store: Store = Depends(store_of)) -> ClockOut:
    """The sandbox's time beside the real one, and how fast it goes."""
    return _shown(store)


@router.put("", responses=refusals("clock_back", "invalid"))
async def put_clock(body: ClockIn, store: Store = Depends(store_of)) -> ClockOut:
    """Go on from another time, faster or slower; what has fallen due by then happens at once.

    Only forward: a time before the present one is a 409 `clock_back`.
    """
    try:
        change_clock(store, body)
    except CannotTurnBack as refused:
        raise Problem(409, "clock_back", f"시계는 앞으로만 갑니다 ({refused})", "at") from None
    return _shown(store)


@router.delete("")
async def delete_clock(store: Store = Depends(store_of)) -> ClockOut:
    """Real time again, the one way back. What still waits goes on waiting as long as it would."""
    lay_clock(store, Line())
    return _shown(store)


def _shown(store: Store) -> ClockOut:
    now, real = store.now(), store.real()
    iso = datetime.fromtimestamp(now / 1000, KST).isoformat(timespec="milliseconds")
    ahead_s = 0.0 if store.clock.is_real else (now - real) / 1000
    return ClockOut(now=now, iso=iso, rate=store.clock.rate, ahead_s=ahead_s, real=real)
