"""A company's own relay, by the interface of docs/relay.md."""

from channels.adapters.relay.account import ROUTES, Config
from channels.adapters.relay.adapter import AskableRelay, Relay, build
from channels.adapters.relay.words import CODES

__all__ = ["CODES", "ROUTES", "AskableRelay", "Config", "Relay", "build"]
