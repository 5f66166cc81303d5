"""The dial: rules, their dice, and how often each of them acted. In memory; a restart ends it."""

import itertools
import random
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from sandbox.chaos.effects import (
    KNOWN,
    NEEDS,
    SECONDS,
    USES,
    Body,
    Call,
    Effect,
    Forge,
    Provider,
    Route,
    Unit,
    slip,
)
from sandbox.chaos.rates import Bucket

MOST_RULES = 100
_NUMBER = re.compile(r"-?\d{1,6}")


class Rule(BaseModel):
    """Whom it hits (nothing said: everybody), how often, and what happens then.

    `number` is an ending of the recipient's number; of a request with several recipients one is
    enough. `accepted`: whether the provider has done what it was asked before it fails. `on`: a
    rule that is off is kept and does nothing. What makes no sense is an error of its own field.
    """

    # fields that are compared with others come after them
    model_config = ConfigDict(extra="forbid", frozen=True)

    effect: Effect
    on: bool = True
    provider: Provider | None = None
    call: Call = Field("send", description="the kind of call it acts on", validate_default=True)
    account: str | None = Field(None, max_length=200)
    route: Route | None = None
    number: str | None = Field(None, pattern=r"^\d{1,20}$")
    template: str | None = Field(None, max_length=200)
    probability: float = Field(1.0, ge=0, le=1)
    count: int | None = Field(None, ge=1, description="acts at most so often; null: no limit")
    seconds: float | None = Field(None, ge=0, le=600)
    status: int | None = Field(None, ge=400, le=599, validate_default=True)
    accepted: bool | None = None
    retry_after_s: int | None = Field(None, ge=0, le=3_600)
    body: Body | None = Field(None, description="null: drawn by the dice")
    code: str | None = Field(None, max_length=40, validate_default=True)
    times: int = Field(1, ge=1, le=5, description="how many copies")
    per_s: float | None = Field(None, gt=0, le=100_000, validate_default=True)
    unit: Unit = Field("requests", description="what is counted, for each account")
    forge: Forge | None = Field(None, validate_default=True)

    @field_validator(*frozenset().union(*USES.values()))
    @classmethod
    def _belongs(cls, value: Any, info: ValidationInfo) -> Any:
        """A value that its effect does not use is a slip, and so is one that it lacks."""
        effect, field = info.data.get("effect"), info.field_name or ""
        if effect is None:
            return value
        if value is None and NEEDS.get(effect) == field:
            raise slip("chaos_needs", effect=effect, field=field)
        if field not in USES[effect] and value not in (None, cls.model_fields[field].default):
            raise slip("chaos_stray", effect=effect, field=field)
        return value

    @field_validator("call")
    @classmethod
    def _is_made(cls, value: str, info: ValidationInfo) -> str:
        effect, provider = info.data.get("effect") or "", info.data.get("provider")
        hub = provider == "consult"
        if effect.startswith("receipt_"):
            if value != "send":
                raise slip("chaos_no_call", effect=effect)
            return value
        if hub and value not in ("chat", "any"):
            raise slip("chaos_hub_calls")
        if provider and not hub and value == "chat":
            raise slip("chaos_hub_only")
        return value

    @field_validator("route", "number", "template", "unit")
    @classmethod
    def _is_told(cls, value: str | None, info: ValidationInfo) -> str | None:
        call, field = info.data.get("call", "any"), info.field_name or ""
        field = value if field == "unit" and value else field
        if value not in (None, "requests") and field not in KNOWN[call]:
            raise slip("chaos_untold", call=call, field=field)
        return value

    @field_validator("accepted")
    @classmethod
    def _comes_late(cls, value: bool | None, info: ValidationInfo) -> bool | None:
        status = info.data.get("status")
        if value and status and status < 500:
            raise slip("chaos_early")
        return value

    @field_validator("code")
    @classmethod
    def _is_a_code(cls, value: str | None, info: ValidationInfo) -> str | None:
        named = info.data.get("provider") in ("relay", "solapi", "fcm")
        if value is not None and not named and not _NUMBER.fullmatch(value):
            raise slip("chaos_digits")
        return value

    @field_validator("forge")
    @classmethod
    def _is_signed(cls, value: str | None, info: ValidationInfo) -> str | None:
        if value == "signature" and info.data.get("provider") == "solapi":
            raise slip("chaos_unsigned")
        if value == "signature" and info.data.get("provider") == "consult":
            raise slip("chaos_hub_results")
        return value

    @property
    def of_receipts(self) -> bool:
        return self.effect.startswith("receipt_")

    @property
    def takes(self) -> bool:
        """Whether what was asked is done before it fails."""
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
    """A rule at work: its own dice, so that one rule's draws never move another's.

    id: what a form calls it by; it stays when the rule is changed or started over.
    """

    _ids = itertools.count(1)

    def __init__(self, rule: Rule, seed: int, place: int, id_: int | None = None) -> None:
        self.rule, self.acted = rule, 0
        self.id = next(self._ids) if id_ is None else id_
        self.dice = random.Random(f"{seed}|{place}")  # noqa: S311 - a rehearsal must repeat
        self._buckets: dict[str, Bucket] = {}

    def draw(self) -> bool:
        """Roll for one request or receipt that fits; counts what acts."""
        if self.rule.count is not None and self.acted >= self.rule.count:
            return False
        acts = self.dice.random() < self.rule.probability
        self.acted += acts
        return acts

    def exceeds(self, account: str, recipients: int) -> float:
        """In how many seconds a rate limit would let this call of an account through; 0.0: now."""
        tokens = recipients if self.rule.unit == "recipients" else 1
        now_s = time.monotonic()
        bucket = self._buckets.setdefault(account, Bucket(self.rule.per_s or 1.0, now_s))
        return bucket.take(max(1, tokens), now_s)


class Chaos:
    """All rules. `sends`, `calls` and `receipts`: those that are on, by what they act on."""

    def __init__(self) -> None:
        self.seed = 0
        self.armed: Sequence[Armed] = ()
        self.sends: Sequence[Armed] = ()
        self.calls: Sequence[Armed] = ()
        self.receipts: Sequence[Armed] = ()

    @property
    def on(self) -> int:
        """How many rules are on."""
        return sum(one.rule.on for one in self.armed)

    def arm(self, rules: Iterable[Rule], seed: int) -> None:
        """Put these rules in place of all others, with fresh counters and dice."""
        self.seed = seed
        self._put(Armed(rule, seed, place) for place, rule in enumerate(rules))

    def restart(self, seed: int | None = None) -> None:
        """The same rules from the beginning, with another seed if one is given."""
        self.seed = self.seed if seed is None else seed
        old = enumerate(self.armed)
        self._put(Armed(one.rule, self.seed, place, one.id) for place, one in old)

    def find(self, rule_id: int) -> Armed | None:
        return next((one for one in self.armed if one.id == rule_id), None)

    def add(self, rule: Rule) -> Armed:
        """One more rule, asked last. The caller sees to MOST_RULES."""
        added = Armed(rule, self.seed, len(self.armed))
        self._put((*self.armed, added))
        return added

    def change(self, one: Armed, rule: Rule) -> None:
        """Another rule in its place: fresh counters and dice for it, the others go on."""
        place = self.armed.index(one)
        fresh = Armed(rule, self.seed, place, one.id)
        self._put((*self.armed[:place], fresh, *self.armed[place + 1 :]))

    def remove(self, one: Armed) -> None:
        self._put(other for other in self.armed if other is not one)

    def switch(self, one: Armed, on: bool) -> None:
        """On or off; its counters and dice go on where they were."""
        one.rule = one.rule.model_copy(update={"on": on})
        self._put(self.armed)

    def switch_off(self) -> None:
        """Every rule is kept and off."""
        for one in self.armed:
            self.switch(one, False)

    def _put(self, armed: Iterable[Armed]) -> None:
        self.armed = tuple(armed)
        on = [one for one in self.armed if one.rule.on]
        self.receipts = tuple(one for one in on if one.rule.of_receipts)
        calling = [one for one in on if not one.rule.of_receipts]
        self.sends = tuple(one for one in calling if one.rule.call in ("send", "any"))
        self.calls = tuple(one for one in calling if one.rule.call != "send")
