"""A company's own relay, by the interface of docs/relay.md."""

from channels.adapters.relay.account import ROUTES, Config
from channels.adapters.relay.adapter import AskableRelay, Relay, build
from channels.adapters.relay.words import CODES
from channels.vocabulary import ReviewAction

REVIEW_ACTIONS = frozenset(ReviewAction)

__all__ = ["CODES", "REVIEW_ACTIONS", "ROUTES", "AskableRelay", "Config", "Relay", "build"]
