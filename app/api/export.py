"""Export over HTTP: the messages of a range as a file, streamed."""

from dataclasses import dataclass
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query
from fastapi.responses import StreamingResponse

from app.api.deps import RuntimeDep, caller_with
from app.services import export
from app.services.callers import Caller
from app.services.states import MessageStatus

router = APIRouter(prefix="/v1/messages", tags=["Messages"])
Reader = Annotated[Caller, Depends(caller_with("messages:read"))]


@dataclass(frozen=True)
class File:
    """How the file is written."""

    format: Annotated[Literal["csv", "jsonl"], Query()] = "csv"
    bom: Annotated[bool, Query(description="CSV: a mark that makes Excel read UTF-8")] = False
    trailer: Annotated[
        bool, Query(description="a last line with the number of rows: `end,123`")
    ] = False


def _asked(
    start: Annotated[
        str, Query(alias="from", max_length=40, description="time with offset, or Korean day")
    ],
    end: Annotated[
        str, Query(alias="to", max_length=40, description="not included; a day is, to its end")
    ],
    status: Annotated[MessageStatus | None, Query()] = None,
    numbers: Annotated[
        Literal["masked", "full"], Query(description="full needs the scope admin")
    ] = "masked",
) -> export.Export:
    return export.Export(
        export.edge(start, "from", ends=False),
        export.edge(end, "to", ends=True),
        status,
        whole_numbers=numbers == "full",
    )


@router.get(
    "/export",
    summary="Export messages",
    response_class=StreamingResponse,
    responses={200: {"content": {"text/csv": {}, "application/x-ndjson": {}}}},
)
async def export_messages(
    runtime: RuntimeDep,
    caller: Reader,
    asked: Annotated[export.Export, Depends(_asked)],
    file: Annotated[File, Depends()],
) -> StreamingResponse:
    """At most 31 days, by the time of acceptance, oldest first, as CSV or a JSON object a line.

    A download that breaks off lacks the end of its chunked body, and the trailer if you asked for
    it. A test key gets what was simulated, other keys what was real.
    """
    asked.check(caller)
    rows = export.pages(runtime, caller, asked)
    if file.format == "csv":
        lines, kind = export.csv_lines(rows, bom=file.bom, trailer=file.trailer), "text/csv"
    else:
        kind = "application/x-ndjson"
        lines = export.json_lines(rows, trailer=file.trailer, simulated=caller.simulated)
    name = f"messages-{asked.start:%Y%m%d}.{file.format}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(lines, media_type=kind, headers=headers)
