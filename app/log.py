"""Logs: structured lines without phone numbers, texts or keys.

Nothing personal is passed to a logger; as a second fence, digits that look like a phone number
and anything that looks like one of our keys are masked on the way out.
"""

import logging
import re
import sys
from typing import Any

import structlog

# ids and times are taken whole, so that no part of them looks like a number
PLAIN = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|\d{4}-\d\d-\d\d[T ]\d\d:\d\d[\d:.]*"
GAP = r"(?:[- \u2011]| - )"
AREA = (
    rf"\+?82[-. ]?(?:\(0\) ?)?\d{{1,3}}[-. ]?|\(\d{{2,4}}\) ?|[0\uff10]\d{{1,3}}|10|\d{{2,4}}{GAP}"
)
PHONE = re.compile(
    rf"(?P<plain>{PLAIN})|(?<![0-9a-fA-F])"
    rf"(?:(?:{AREA})\d{{3,4}}{GAP}?\d{{4}}|\d{{2,4}}\.\d{{3,4}}\.\d{{4}})(?![0-9a-fA-F])"
)
KEY = re.compile(r"naru_(live|test|team)_[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")


def mask(text: str) -> str:
    """The text with phone numbers and keys made unreadable; a number keeps its last four digits."""
    return PHONE.sub(
        lambda found: found[0] if found["plain"] else f"***-{found[0][-4:]}",
        KEY.sub("naru_***", text),
    )


def _masked(logger: Any, method: str, line: Any) -> str:
    return mask(line)  # the finished line: values that were no text before are in it too


class MaskedFormatter(logging.Formatter):
    """Lines of libraries, with the same masks."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line, its traceback included."""
        return mask(super().format(record))


def set_up(level: str = "info", *, as_json: bool = False) -> None:
    """Send the logs of this process to standard error."""
    renderer: Any = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if as_json
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), sort_keys=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            renderer,
            _masked,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(MaskedFormatter("%(name)s: %(message)s"))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # a job that still runs at its next tick is no news: due work is found by its date
    logging.getLogger("apscheduler").setLevel(logging.ERROR)


def logger(name: str) -> Any:
    """A logger bound to the part of the program it speaks for."""
    return structlog.get_logger(part=name)
