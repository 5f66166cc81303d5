"""The dial: rules, their dice, and how often each of them acted. In memory; a restart ends it."""

import random
import re
from collections.abc import Sequence
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

MOST_RULES = 100

Effect = Literal[
    "timeout_before",
    "timeout_after",
    "http_status",
    "throttle",
    "garbage",
    "error_code",
    "delay",
    "drip",
    "receipt_duplicate",
    "receipt_shuffle",
    "receipt_drop",
    "receipt_delay",
]
Body = Literal["html", "cut_json", "charset", "null", "list"]

# what each effect may say beside whom it hits; the others would be without meaning
USES: dict[str, frozenset[str]] = {
    "timeout_before": frozenset({"seconds"}),
    "timeout_after": frozenset({"seconds"}),
    "http_status": frozenset({"status", "accepted", "retry_after_s"}),
    "throttle": frozenset({"retry_after_s"}),
    "garbage": frozenset({"body", "accepted"}),
    "error_code": frozenset({"code"}),
    "delay": frozenset({"seconds", "accepted"}),
    "drip": frozenset({"seconds"}),
    "receipt_duplicate": frozenset({"seconds", "times"}),
    "receipt_shuffle": frozenset({"seconds"}),
    "receipt_drop": frozenset(),
    "receipt_delay": frozenset({"seconds"}),
}
NEEDS = {"http_status": "status", "error_code": "code"}
SECONDS = {"timeout_before": 5.0, "timeout_after": 5.0, "receipt_shuffle": 2.0}
EXTRAS = frozenset().union(*USES.values())


class Rule(BaseModel):
    """Whom it hits (nothing said: everybody), how often, and what happens then.

    `number` is an ending of the recipient's number; of a request with several recipients one is
    enough. `accepted`: whether the provider has taken the message before it fails.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    effect: Effect
    provider: Literal["nhn", "relay"] | None = None
    account: str | None = None
    route: Literal["alimtalk", "sms", "lms"] | None = None
    number: str | None = Field(None, pattern=r"^\d{1,20}$")
    template: str | None = None
    probability: float = Field(1.0, ge=0, le=1)
    count: int | None = Field(None, ge=1, description="acts at most so often; null: no limit")
    accepted: bool | None = None
    seconds: float | None = Field(None, ge=0, le=600)
    status: int | None = Field(None, ge=400, le=599)
    retry_after_s: int | None = Field(None, ge=0, le=3_600)
    body: Body | None = Field(None, description="null: drawn by the dice")
    code: str | None = Field(None, max_length=40)
    times: int = Field(1, ge=1, le=5, description="how many copies")

    @model_validator(mode="after")
    def _make_sense(self) -> "Rule":
        said = self.model_fields_set & EXTRAS
        if stray := sorted(said - USES[self.effect]):
            raise ValueError(f"{self.effect} does not know {', '.join(stray)}")
        need = NEEDS.get(self.effect)
        if need and getattr(self, need) is None:
            raise ValueError(f"{self.effect} needs {need}")
        if self.accepted and self.status and self.status < 500:
            raise ValueError("only a status from 500 may come after acceptance")
        digits = re.fullmatch(r"-?\d{1,6}", self.code or "0")
        if self.provider != "relay" and not digits:
            raise ValueError("code: NHN's are numbers; any other needs provider relay")
        return self

    @property
    def of_receipts(self) -> bool:
        return self.effect.startswith("receipt_")

    @property
    def takes(self) -> bool:
        """Whether the messages are taken before it fails."""
        if self.accepted is None:
            return self.effect in ("timeout_after", "garbage", "drip")
        return self.accepted

    @property
    def pause_s(self) -> float:
        return SECONDS.get(self.effect, 1.0) if self.seconds is None else self.seconds

    def hits(self, provider: str, account: str, route: str, template: str) -> bool:
        """Everything but the number, which is asked last."""
        wanted = (self.provider, self.account, self.route, self.template)
        pairs = zip(wanted, (provider, account, route, template), strict=True)
        return all(want is None or want == is_ for want, is_ in pairs)


class Armed:
    """A rule at work: its own dice, so that one rule's draws never move another's."""

    def __init__(self, rule: Rule, seed: int, place: int) -> None:
        self.rule, self.acted = rule, 0
        self.dice = random.Random(f"{seed}|{place}")  # noqa: S311 - a rehearsal must repeat

    def draw(self) -> bool:
        """Roll for one request or receipt that fits; counts what acts."""
        if self.rule.count is not None and self.acted >= self.rule.count:
            return False
        acts = self.dice.random() < self.rule.probability
        self.acted += acts
        return acts


class Chaos:
    """All rules in force. `sends` and `receipts` are empty where nothing has to be asked."""

    def __init__(self) -> None:
        self.seed = 0
        self.armed: Sequence[Armed] = ()
        self.sends: Sequence[Armed] = ()
        self.receipts: Sequence[Armed] = ()

    def arm(self, rules: Sequence[Rule], seed: int) -> None:
        """Put these rules in place of all others, with fresh counters and dice."""
        self.seed = seed
        self.armed = tuple(Armed(rule, seed, place) for place, rule in enumerate(rules))
        self.sends = tuple(one for one in self.armed if not one.rule.of_receipts)
        self.receipts = tuple(one for one in self.armed if one.rule.of_receipts)

    def restart(self) -> None:
        """The same rules from the beginning."""
        self.arm([one.rule for one in self.armed], self.seed)
