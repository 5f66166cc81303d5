"""Where the rules come from; a rule without a source of its own is Naru's."""

SOURCES = {
    "NHN": "NHN Cloud, KakaoTalk Bizmessage guide (docs.nhncloud.com, 2026-06)",
    "NHN-SMS": "NHN Cloud, SMS guide (docs.nhncloud.com, 2026-06)",
    "BZM": "Kakao's specification as a dealer publishes it (github.com/lunasoft-org/kakao-bzm, "
    "2025-12)",
    "groobee": "a vendor's summary of Kakao's review guide (groobee.net/?p=25565, read 2026-11-27)",
    "TOML": "TOML 1.0.0 (toml.io)",
    "law": "Network Act art. 50, as read on 2026-11-22",
    "Naru": "Naru's own: what it can carry, or advice that no guide states",
}

OF_RULE: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("too_long", "too_many", "not_allowed", "needed_by"), ("NHN", "BZM")),
    **dict.fromkeys(("bad_link", "app_links", "add_channel_first"), ("NHN", "BZM")),
    **dict.fromkeys(("variable_not_allowed", "bad_amount", "list_empty"), ("NHN", "BZM")),
    **dict.fromkeys(("add_channel_name", "strike_through", "too_few"), ("NHN",)),
    **dict.fromkeys(("too_many_beside", "fixed_name", "form_first"), ("NHN",)),
    "bad_variable": ("NHN",),
    **dict.fromkeys(("too_many_bytes", "needs_sms_variant", "not_encodable"), ("NHN-SMS",)),
    "ad_on_alimtalk": ("NHN", "groobee"),
    "window_never_open": ("law",),
    "bad_toml": ("TOML",),
    **dict.fromkeys(("no_courier", "courier_unsupported", "no_invoice", "invoice_form"), ("NHN",)),
    "courier_variable": ("NHN",),
    "ad_words": ("groobee",),
    **dict.fromkeys(("ad_unmarked", "no_opt_out"), ("NHN-SMS", "law")),
    "no_sender": ("NHN-SMS", "Naru"),
    "may_overflow": ("NHN", "BZM"),
    **dict.fromkeys(("may_overflow_bytes", "goes_as_lms", "mapped_character"), ("NHN-SMS",)),
    **dict.fromkeys(("dropped_character", "spoilt_in_euc_kr"), ("NHN-SMS",)),
    "needs_security": ("NHN",),
    "ellipsis": ("NHN",),
    "first_time_value": ("NHN",),
    "needs_channel_setting": ("NHN", "BZM"),
    "emoji": ("NHN",),
}


def of(rule: str) -> tuple[str, ...]:
    """The tags of a rule's sources."""
    return OF_RULE.get(rule, ("Naru",))
