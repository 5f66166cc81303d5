"""Trying a bot: what it would say, without a customer, a case or anything that is sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.db.models import Bot
from app.db.models.fields import now as clock
from app.errors import Invalid
from app.guard import Guard
from app.ids import new_id
from app.sealing import Sealer
from app.services import bot_calls, bot_replies, bots
from app.services.bot_calls import Notice, Question, Who
from app.services.bot_replies import NOTHING, BotFailed, Memory, Say
from app.services.skills import Promise


@dataclass(frozen=True, slots=True)
class Trial:
    """What somebody who tries says. ``state`` is the one of the trial before."""

    utterance: str = field(default="", repr=False)
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)
    state: Mapping[str, Any] | None = field(default=None, repr=False)
    menu: str = ""

    @property
    def pressed(self) -> bool:
        """Without words it is a press on a notice's button."""
        return not self.utterance.strip()


@dataclass(frozen=True, slots=True)
class Tried:
    """What would be said. ``error``: why nothing usable came; ``promised``: it would come later."""

    says: tuple[Say, ...]
    state: dict[str, Any] = field(repr=False)
    hand_off: str = ""
    promised: bool = False
    notes: tuple[str, ...] = ()
    error: str = ""


def who_of(sealer: Sealer, bot: Bot) -> Who:
    """A stored bot, asked by nobody's key. Raises Unsealable."""
    url, secret = bots.reach(sealer, bot)
    return Who(str(bot.id), bot.name, bot.kind, bot.rules, url, secret)


async def try_out(guard: Guard, who: Who, trial: Trial) -> Tried:
    """Ask the bot once; a skill or a look-up is really called. Raises Invalid ``bad_state``."""
    memory = _memory(who, trial.state)
    kept = memory.model_dump(mode="json")
    question = Question(
        id=str(new_id()),
        who=who,
        text=trial.utterance,
        at=clock(),
        memory=memory,
        pressed=trial.pressed,
        notice=Notice("test", "test", trial.variables) if trial.variables else None,
        menu=trial.menu,
    )
    try:
        outcome = await bot_calls.ask(guard, question)
    except BotFailed as failed:
        return Tried((), kept, error=failed.code)
    if isinstance(outcome, Promise):
        return Tried((Say(outcome.text),) if outcome.text else (), kept, promised=True)
    contexts = bot_replies.after(memory.contexts, outcome.contexts)
    after = outcome.memory.model_copy(update={"contexts": contexts})
    return Tried(
        says=outcome.says,
        state=(NOTHING if outcome.hand_off else after).model_dump(mode="json"),
        hand_off=outcome.hand_off,
        notes=outcome.notes,
    )


def _memory(who: Who, state: Mapping[str, Any] | None) -> Memory:
    try:
        memory = Memory.model_validate(dict(state or {}))
    except ValueError:
        raise Invalid(
            "bad_state",
            "`state` is not the one of the answer before. Send it back unchanged, or leave it out.",
            field="state",
        ) from None
    return memory.model_copy(update={"bot": who.id})
