"""Accounts that carry MMS or do not, whatever their providers' adapters do by now."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from channels import registry
from channels.contract import Route
from channels.vocabulary import IdempotencyClass
from tests.engine import route


def with_mms(patch: pytest.MonkeyPatch, *names: str) -> None:
    """These providers have a route mms."""
    for name in names:
        mms = {"mms": route("mms", IdempotencyClass.LOOK_UP, 100)}
        _give(patch, name, {**registry.PROVIDERS[name].routes, **mms})


def without_mms(patch: pytest.MonkeyPatch, *names: str) -> None:
    """These providers have none."""
    for name in names:
        kept = registry.PROVIDERS[name].routes.items()
        _give(patch, name, {one: route for one, route in kept if one != "mms"})


def _give(patch: pytest.MonkeyPatch, name: str, routes: Mapping[str, Route]) -> None:
    changed = replace(registry.PROVIDERS[name], routes=routes)
    patch.setitem(registry.PROVIDERS, name, changed)
