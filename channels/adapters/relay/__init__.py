"""A company's own relay, by the interface of docs/relay.md."""

from channels.adapters.relay.account import ROUTES, Config
from channels.adapters.relay.adapter import AskableRelay, Relay, build

__all__ = ["ROUTES", "AskableRelay", "Config", "Relay", "build"]
