"""What FCM itself asks of a message that could be read: one target, its own names, ttl, size."""

from collections.abc import Mapping
from typing import Any

from sandbox.fcm.reading import seconds_of
from sandbox.fcm.wire import Refused, malformed, wrong

TARGETS = ("token", "fid", "topic", "condition")
MOST_BYTES, MOST_TOPIC_BYTES = 4_096, 2_048
LONGEST_S = 28 * 86_400
RESERVED = ("from", "message_type")
RESERVED_STARTS = ("google.", "gcm.notification.")


def check(message: Mapping[str, Any]) -> str:
    """The name of its one target. Raises Refused 400."""
    target = _target(message)
    if "android" in message and "androidV2" in message:
        raise wrong("message.android", "android and android_v2 cannot both be set.")
    _data(message.get("data", {}), "message.data")
    android = message.get("android", {})
    _data(android.get("data", {}), "message.android.data")
    ttl = android.get("ttl")
    if ttl is not None and not 0 <= seconds_of(ttl) <= LONGEST_S:
        raise wrong("message.android.ttl", "Invalid ttl: it must be between 0s and 2419200s.")
    most = MOST_TOPIC_BYTES if target in ("topic", "condition") else MOST_BYTES
    if size_of(message) > most:
        raise Refused("INVALID_ARGUMENT", "Android message is too big")
    return target


def size_of(message: Mapping[str, Any]) -> int:
    """Bytes of keys and values that reach the phone."""
    android = message.get("android", {})
    shown = {**message.get("notification", {}), **android.get("notification", {})}
    handed = {**message.get("data", {}), **android.get("data", {})}
    pairs = [*shown.items(), *handed.items()]
    return sum(len(str(part).encode()) for pair in pairs for part in pair)


def _target(message: Mapping[str, Any]) -> str:
    named = [name for name in TARGETS if message.get(name)]
    if not named:
        raise wrong("message", "Recipient of the message is not set.")
    if len(named) > 1:
        said = (
            f"Invalid value at 'message' (oneof), oneof field 'target' is already set."
            f" Cannot set '{named[1]}'"
        )
        raise malformed([("message", said)])
    return named[0]


def _data(data: Mapping[str, str], at: str) -> None:
    for n, name in enumerate(data):
        if name in RESERVED or name.startswith(RESERVED_STARTS):
            raise wrong(f"{at}[{n}].key", f"Invalid data payload key: {name}")
