"""docs/sandbox-api.md, written from the OpenAPI of the desk: whatever routes there are."""

import re
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import orjson

Json = Mapping[str, Any]

HEAD = """# The sandbox's API

Written by `python -m sandbox api --markdown > docs/sandbox-api.md`; a test compares this page with
the routes. In a running sandbox: `/desk/api/docs`, and `/desk/api/openapi.json` for programs. What
it is all for is told in [the sandbox](sandbox.md) and [testing a shop](testing-your-shop.md).

"""
HERE = "http://127.0.0.1:8001"
# what stands in examples for parameters of paths and fields that have no example of their own
SAMPLES: dict[str, Any] = {
    "act": "approve",
    "acts": ["approve", "reject"],
    "api_key": "my-api-key",
    "app": "chat",
    "app_key": "my-app-key",
    "at": 1_795_000_000_000,
    "body": {"templateContent": "#{이름}님, #{금액}원이 결제되었습니다."},
    "client_id": "my-client",
    "code": "order_paid",
    "created_at": 1_795_000_000_000,
    "id": 23,
    "key": "my-key",
    "iso": "2026-11-18T14:46:40.000+09:00",
    "kind": "alimtalk",
    "message_id": 23,
    "name": "결제 안내",
    "now": 1_795_000_000_000,
    "number": "01000001001",
    "rate": 1.0,
    "real": 1_795_000_000_000,
    "reference": "order-17",
    "sender": "my-channel",
    "sender_key": "my-channel",
    "sender_name": "한빛상회",
    "started_at": 1_795_000_000_000,
    "status": "TSC02",
    "template": "order_paid",
    "template_code": "order_paid",
    "toml": 'title = "결제"',
    "text": "한가온님, 52,800원이 결제되었습니다.",
    "updated_at": 1_795_000_000_000,
}
IN_PATHS = {"name": "provider_down"}  # what is named there is a scenario
DEEPEST = 5


class Described:
    """An OpenAPI document of FastAPI's."""

    def __init__(self, document: Json) -> None:
        self.document = document
        self.schemas: dict[str, Any] = document.get("components", {}).get("schemas", {})

    def page(self) -> Iterator[str]:
        """The page, piece by piece."""
        yield HEAD
        yield self.document["info"].get("description", "").strip() + "\n"
        for tag, calls in self._by_tag().items():
            yield f"\n## {tag}\n"
            for method, path, call in calls:
                yield from self._call(method, path, call)
        yield "\n## Shapes\n"
        for name, schema in sorted(self.schemas.items()):
            yield from self._shape(name, schema)

    def _by_tag(self) -> dict[str, list[tuple[str, str, Any]]]:
        found: dict[str, list[tuple[str, str, Any]]] = {}
        for path, methods in self.document["paths"].items():
            for method, call in methods.items():
                tag = (call.get("tags") or ["other"])[0]
                found.setdefault(tag, []).append((method.upper(), path, call))
        return found

    def _call(self, method: str, path: str, call: Json) -> Iterator[str]:
        yield f"\n### {method} {path}\n\n{call.get('summary', '')}\n"
        if call.get("description"):
            yield f"\n{call['description']}\n"
        asked = [one for one in call.get("parameters", ()) if one["in"] == "query"]
        yield from _table(
            ("query", "type", "default", ""),
            [
                (
                    f"`{one['name']}`",
                    self.type_of(one["schema"]),
                    _default(one["schema"]),
                    one.get("description") or one["schema"].get("description", ""),
                )
                for one in asked
            ],
        )
        body = call.get("requestBody", {}).get("content", {}).get("application/json", {})
        if body:
            yield f"\nBody: {self.type_of(body['schema'])}.\n"
        yield f"\n```sh\n{self._curl(method, path, asked, body)}\n```\n"
        yield from self._answers(call["responses"])

    def _curl(self, method: str, path: str, asked: list[Json], body: Json) -> str:
        words = ["curl"] + ([] if method == "GET" else ["-X", method])
        place = re.sub(r"\{(\w+)\}", lambda found: str(_sample(found[1])), path)
        shown = {
            one["name"]: found
            for one in asked
            if (found := next(iter(_examples(one["schema"], one)), None)) is not None
        }
        query = "&".join(f"{name}={value}" for name, value in shown.items())
        words.append(HERE + place + ("?" + query if query else ""))
        if body:
            words += ["-H", "Content-Type: application/json", "-d"]
            words.append(orjson.dumps(self.example(body["schema"], asking=True)).decode())
        return " ".join(f'"{w}"' if ": " in w and "{" not in w else shlex.quote(w) for w in words)

    def _answers(self, answers: Json) -> Iterator[str]:
        for status, answer in answers.items():
            if not status.startswith("2"):
                continue
            content = answer.get("content", {}).get("application/json", {})
            if not content:
                yield f"\nAnswer: {status}, empty.\n"
                continue
            shown = content.get("example", self.example(content.get("schema", {})))
            yield f"\nAnswer: {status}, {self.type_of(content.get('schema', {}))}.\n"
            if not shown:
                continue
            yield f"\n```json\n{orjson.dumps(shown, option=orjson.OPT_INDENT_2).decode()}\n```\n"
        rows = [(s, a["description"]) for s, a in answers.items() if not s.startswith("2")]
        yield from _table(("refused", "`code`: why"), rows)

    def _shape(self, name: str, schema: Json) -> Iterator[str]:
        yield f"\n### {name}\n"
        if schema.get("description"):
            yield f"\n{schema['description']}\n"
        fields, needed = schema.get("properties", {}), schema.get("required", ())
        asked = len(needed) < len(fields)  # an answer has all its fields
        rows = [
            (
                f"`{field}`",
                self.type_of(one),
                *(["needed" if field in needed else _default(one)] if asked else []),
                one.get("description", ""),
            )
            for field, one in fields.items()
        ]
        yield from _table(("field", "type", *(["default"] if asked else []), ""), rows)

    def type_of(self, schema: Json) -> str:
        """A schema in a few words, shapes as links."""
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            return f"[{name}](#{name.lower()})"
        for several in ("anyOf", "oneOf", "allOf"):
            if several in schema:
                return " or ".join(map(self.type_of, schema[several]))
        if "enum" in schema or "const" in schema:
            values = schema.get("enum", [schema.get("const")])
            return ", ".join(f"`{value}`" if value else "none" for value in values)
        if schema.get("type") == "array":
            return f"list of {self.type_of(schema.get('items', {}))}"
        return f"{schema.get('type', 'anything')}{_bounds(schema)}"

    def example(self, schema: Json, asking: bool = False, name: str = "", depth: int = 0) -> Any:
        """Something of this schema: its own example, or one put together of its fields'.

        asking: a request, which leaves out what it need not say. name: of the field it fills.
        """
        if "$ref" in schema:
            there = self.schemas[schema["$ref"].rpartition("/")[2]]
            return self.example(there, asking, name, depth)
        for told in _examples(schema):
            return told
        if schema.get("properties") and depth < DEEPEST:
            return self._object(schema, asking, depth)
        if not asking and {"type": "null"} in schema.get("anyOf", ()):
            return None
        if "default" in schema or name in SAMPLES:
            return schema.get("default", SAMPLES.get(name))
        if schema.get("type") == "array" and depth < DEEPEST:
            one = self.example(schema.get("items", {}), asking, "", depth + 1)
            return [] if one == {} else [one]
        return self._simple(schema, asking, depth)

    def _object(self, schema: Json, asking: bool, depth: int) -> dict[str, Any]:
        needed = schema.get("required", ())
        return {
            name: self.example(one, asking, name, depth + 1)
            for name, one in schema["properties"].items()
            if not asking or name in needed or _examples(one)
        }

    def _simple(self, schema: Json, asking: bool, depth: int) -> Any:
        for choice in schema.get("anyOf", schema.get("oneOf", ())):
            return self.example(choice, asking, "", depth)
        values = schema.get("enum", [schema.get("const")])
        empty = {"string": "…", "integer": 0, "number": 0.0, "boolean": False, "array": []}
        return values[0] or empty.get(str(schema.get("type")), {})


def _sample(name: str) -> Any:
    """For a parameter of a path."""
    return IN_PATHS.get(name) or SAMPLES.get(name, name.upper())


def _examples(*places: Json) -> list[Any]:
    found: Any = next((one["examples"] for one in places if one.get("examples")), [])
    return list(found.values()) if isinstance(found, dict) else list(found)


def _bounds(schema: Json) -> str:
    names = {
        "minimum": "≥", "maximum": "≤", "exclusiveMinimum": ">", "exclusiveMaximum": "<",
        "minLength": "≥ length", "maxLength": "≤ length",
    }  # fmt: skip
    found = [f"{sign} {schema[name]:g}" for name, sign in names.items() if name in schema]
    return f" ({', '.join(found)})" if found else ""


def _default(schema: Json) -> str:
    if schema.get("default") in (None, "", [], {}):
        return ""
    return f"`{orjson.dumps(schema['default']).decode()}`"


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    if not rows:
        return
    yield f"\n| {' | '.join(head)} |\n{'|---' * len(head)}|\n"
    for row in rows:
        cells = (cell.replace("|", "\\|").replace("\n", " ") for cell in row)
        yield f"| {' | '.join(cells)} |\n"
