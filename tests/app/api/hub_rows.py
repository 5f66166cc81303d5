"""Rows of the tenant matrix: what is done about a chat and its lines."""

from tests.app.api.rows import Row

AGENT = {"agent": "김나루"}

ROWS: dict[str, Row] = {
    "GET /v1/consultations/{thread_id}/customer": Row("consultations:read"),
    # nobody pressed a button: the number is not known
    "POST /v1/consultations/{thread_id}/notice": Row(
        "consultations:write", 409, body=AGENT | {"template": "{code}"}
    ),
    "POST /v1/consultations/{thread_id}/session/end": Row("consultations:write", 202, body=AGENT),
    "POST /v1/consultations/{thread_id}/block": Row("consultations:write", 202, body=AGENT),
    "POST /v1/consultations/{thread_id}/unblock": Row("consultations:write", 202, body=AGENT),
    # the customer's own line: neither failed nor unknown
    "POST /v1/consultations/{thread_id}/messages/{line_id}/retry": Row(
        "consultations:write", 409, body={"agent": "김나루", "epoch": 1}
    ),
    "POST /v1/consultations/{thread_id}/messages/{line_id}/dismiss": Row(
        "consultations:write", 409
    ),
}
