"""Forms of accounts: which field a refusal names. The rest is in test_account_pages.py."""

import pytest

from app.console import account_forms
from app.errors import GatewayError, Invalid


@pytest.mark.parametrize(
    ("error", "names"),
    [
        (None, set()),
        (Invalid("x", "x"), set()),
        (Invalid("x", "x", field="name"), {"name"}),
        (Invalid("x", "x", field="prices.sms"), {"p:sms"}),
        (Invalid("x", "x", field="credentials.a", data={"names": ["a", "b"]}), {"c:a", "c:b"}),
        (Invalid("x", "x", field="credentials"), set()),
    ],
)
def test_the_fields_at_fault(error: GatewayError | None, names: set[str]) -> None:
    assert account_forms._wrong(error) == names
