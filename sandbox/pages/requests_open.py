"""The opened call of the inspector: its meaning, body and answer by line, what followed."""

from dataclasses import dataclass

from fastapi import Request

from sandbox.afterwards import MOST, Fate, Told, after_of
from sandbox.curl import curl_of
from sandbox.documented import Text, Unknown
from sandbox.exchanges import Exchange
from sandbox.inspector import PROVIDERS, form_of, meaning_of, unknown_of
from sandbox.inspector import code_of as answer_code
from sandbox.masks import Mask, mask_of
from sandbox.meaning import Meaning, Person
from sandbox.pages.code import MOST_LINES, Code, code_of
from sandbox.pages.moment import Moment
from sandbox.pages.render import language_of
from sandbox.pages.words import LANGUAGES, WORDS, Say
from sandbox.phones import get_phone
from sandbox.store import Store

FIRST_PEOPLE = 5
STATES = {
    "arrived": ("ok", "check"),
    "failed": ("bad", "x"),
    "waiting": ("busy", "clock"),
    "held": ("warn", "moon"),
    "cancelled": ("", "block"),
    "refused": ("bad", "x"),
}


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: what may be shown, in which language. base: our own address."""

    store: Store
    mask: Mask
    say: Say
    language: str
    base: str

    def pick(self, text: Text) -> str:
        """The words of the reader's language."""
        return text[LANGUAGES.index(self.language)]

    def moment(self, ms: int) -> Moment:
        return Moment(ms, self.store.now(), self.say)


def reader_of(store: Store, request: Request, say: Say) -> Reader:
    base = str(request.base_url).rstrip("/")
    return Reader(store, mask_of(store), say, language_of(request), base)


@dataclass(frozen=True, slots=True)
class Name:
    """A recipient; has_phone: the number can be opened."""

    number: str
    name: str
    has_phone: bool


@dataclass(frozen=True, slots=True)
class Event:
    """A line of what happened afterwards. note: beside it, "" for none."""

    at: Moment | None
    who: Name | None
    words: str
    tone: str
    icon: str
    why: str
    note: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """An undocumented field: where it stands, and what is said of it."""

    path: str
    says: str


@dataclass(frozen=True, slots=True)
class Opened:
    """facts: label, words; people and chaos have their own form. first: the answer of the call
    that this one repeats, and when it was given.
    """

    one: Exchange
    title: str
    at: Moment
    facts: list[tuple[str, str]]
    people: list[Name]
    more_people: int
    acted: list[str]
    documented: bool
    sentences: dict[str, Sentence]
    headers: dict[str, str]
    body: Code
    answer: Code
    tone: str
    answer_words: str
    first: Code | None
    first_words: str
    events: list[Event]
    events_cut: bool
    hooks: list[Event]
    curl: str
    is_solapi: bool
    replays: list[int]
    most_lines: int


def open_request(reader: Reader, seq: int | None) -> Opened | None:
    """None when it is gone, or none was asked for."""
    store, mask, say = reader.store, reader.mask, reader.say
    one = None if seq is None else store.exchanges.find(seq)
    if one is None:
        return None
    meaning, unknown = meaning_of(store, one), unknown_of(one)
    after = after_of(store, one, meaning)
    first = None if one.replay_of is None else store.exchanges.find(one.replay_of)
    refused = [person for person in meaning.people if person.code]
    query = mask.query(one)
    return Opened(
        one=one,
        title=mask.text(one.path) + (f"?{query}" if query else ""),
        at=reader.moment(one.at),
        facts=_facts(one, meaning, reader),
        people=[_name(store, person.number) for person in meaning.people[:FIRST_PEOPLE]],
        more_people=max(0, meaning.count - FIRST_PEOPLE),
        acted=[_acted(name, say) for name in one.acted],
        documented=form_of(one) is not None,
        sentences={found.path: _sentence(found, say) for found in unknown},
        headers=mask.headers(one.headers),
        body=code_of(one.asked, mask, unknown),
        answer=code_of(one.answered, mask),
        tone=_tone(one),
        answer_words=_answer_words(one, say),
        first=code_of(first.answered, mask) if first else None,
        first_words=_answer_words(first, say) if first else "",
        events=[
            *(_refusal(reader, person) for person in refused),
            *(_event(reader, fate) for fate in after.fates),
        ],
        events_cut=after.total > MOST or meaning.count > len(meaning.people),
        hooks=[_hook(reader, told) for told in after.told],
        curl=curl_of(one, mask, reader.base),
        is_solapi=one.provider == "solapi",
        replays=[each.seq for each in store.exchanges if each.replay_of == one.seq],
        most_lines=MOST_LINES,
    )


def _facts(one: Exchange, meaning: Meaning, reader: Reader) -> list[tuple[str, str]]:
    """Those that there are."""
    provider = reader.pick(PROVIDERS[one.provider].name)
    account = f"{one.account} ({provider})" if one.account else provider
    facts = [
        ("d_account", account),
        ("d_asks", reader.pick(meaning.asks)),
        ("d_says", reader.pick(meaning.says)),
        ("d_promise", reader.pick(meaning.promise)),
        ("d_key", meaning.key),
        ("d_template", meaning.template),
        ("d_sender", meaning.sender),
    ]
    return [(reader.say(label), reader.mask.text(words)) for label, words in facts if words]


def _acted(name: str, say: Say) -> str:
    """In the words of the dial, where it has them."""
    keys = (f"e_{name}", f"acted_{name}")
    return next((say(key) for key in keys if key in WORDS), name)


def _name(store: Store, number: str) -> Name:
    phone = get_phone(store, number)
    return Name(number, phone.name if phone else "", phone is not None)


def _sentence(found: Unknown, say: Say) -> Sentence:
    path = say("unknown_query", name=found.name) if found.where == "query" else found.path
    says = [say("unknown_says")]
    if found.meant:
        # read aloud, these names end with a consonant
        closed = found.meant.endswith(("l", "m", "n", "ng"))
        key = "unknown_meant_closed" if closed else "unknown_meant"
        says.append(say(key, meant=found.meant))
    if found.lies:
        says.append(say("unknown_lies", lies=found.lies))
    if found.times > 1:
        says.append(say("unknown_times", n=found.times))
    return Sentence(path, " ".join(says))


def _tone(one: Exchange) -> str:
    if one.status is None:
        return "doubt"
    return "bad" if one.status >= 400 or answer_code(one) else "ok"


def _answer_words(one: Exchange, say: Say) -> str:
    if one.status is None:
        return f"{say('no_answer')} · {one.took_ms:,} ms"
    return f"HTTP {one.status} · {one.took_ms:,} ms"


def _refusal(reader: Reader, person: Person) -> Event:
    words = f"{reader.say('state_refused')} {person.code}"
    who, why = _name(reader.store, person.number), reader.pick(person.why)
    return Event(None, who, words, *STATES["refused"], why, "")


def _event(reader: Reader, fate: Fate) -> Event:
    say, at = reader.say, fate.arrived_at or fate.result_at
    tone, icon = STATES[fate.state]
    return Event(
        at=reader.moment(at) if at else None,
        who=Name(fate.number, fate.name, True),
        words=f"{say(f'state_{fate.state}')} {fate.code}".strip(),
        tone=tone,
        icon=icon,
        why=reader.pick(fate.why),
        note=say("again_n", n=fate.again) if fate.again else "",
    )


def _hook(reader: Reader, told: Told) -> Event:
    say, at = reader.say, reader.moment(told.at)
    note = say("hook_tries", n=told.tries) if told.tries > 1 else ""
    if told.delivered is None:
        words = say("hook_waits", n=told.tries)
        return Event(at, None, words, "busy", "clock", told.to, "")
    if told.delivered:
        return Event(at, None, say("hook_ok", status=told.status), "ok", "check", told.to, note)
    words = say("hook_bad", status=told.status) if told.status else say("hook_no_answer")
    return Event(at, None, words, "bad", "x", told.to, note)
