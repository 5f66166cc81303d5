"""``python -m scheduler``: the process that moves every message."""

import asyncio
import contextlib
import gc
import signal
import sys

import uvloop

from app import outbound
from app.config import settings
from app.db import revision
from app.guard import Guard
from app.log import logger, set_up
from app.services import reach
from app.services.runtime import open_runtime
from scheduler import jobs
from scheduler.attachments import Fetcher
from scheduler.bots import Bots
from scheduler.campaigns import Campaigns
from scheduler.clocks import Watch
from scheduler.webhooks import Hooks
from scheduler.worker import SchedulerWorker

COLLECT = (10_000, 20, 50)  # rows come in thousands: fewer collections save a fifth of the time
log = logger("scheduler")


async def run() -> None:
    """Start, work until SIGTERM or SIGINT, drain, end."""
    async with (
        open_runtime(settings()) as runtime,
        outbound.connect(settings()) as client,
        Guard(runtime.settings) as guard,
    ):
        await revision.check(runtime.database)
        await reach.report(runtime)
        worker = SchedulerWorker(runtime, client)
        await worker.start()
        clock = jobs.start(worker)
        hooks, bots = Hooks(runtime, guard), Bots(runtime, guard)
        telling = worker.loop("webhooks", hooks.turn)
        mailing = worker.loop("campaigns", Campaigns(runtime).turn)
        watching = worker.loop("clocks", Watch(runtime, worker.lanes, clock).turn)
        files = Fetcher(runtime, guard)
        fetching = worker.loop("attachments", files.turn)
        chatting = worker.loop("bots", bots.turn)
        talking = (worker.converse(), worker.answer(), worker.hand_over(), worker.route())
        own = (worker.hear(), worker.receive(), *talking)
        running = (*own, telling, watching, mailing, fetching, chatting)
        loops = [asyncio.create_task(one) for one in running]
        stop = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        log.info("scheduler started", accounts=len(worker.lanes))
        await stop.wait()
        clock.shutdown(wait=False)
        await asyncio.gather(worker.stop(), hooks.stop(), files.stop(), bots.stop())
        for loop in loops:
            loop.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*loops)
        log.info("scheduler stopped")


def main() -> None:
    """Entry point."""
    set_up(settings().log_level, as_json=settings().log_json)
    gc.collect()
    gc.freeze()  # what was imported stays: collections need not look at it again and again
    gc.set_threshold(*COLLECT)
    try:
        uvloop.run(run())
    except (revision.WrongSchema, ValueError) as error:
        sys.exit(f"naru: {error}")


if __name__ == "__main__":
    main()
