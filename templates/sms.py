"""The text message of a template: the short text or the long one, counted as an SMS carries it."""

from collections.abc import Mapping
from dataclasses import dataclass

from templates.limits import LMS_BYTES, SMS_BYTES
from templates.text import NotEncodable, byte_length, clean
from templates.variables import Compiled

Counted = tuple[str, int, tuple[str, ...]]  # a text, its bytes, characters that were replaced


@dataclass(frozen=True, slots=True)
class SmsText:
    """A text cut at its variables; ``size``: bytes of its literals, None where they need mending.

    What is fixed is encoded once, so that a message costs no more than its values.
    """

    text: Compiled
    size: int | None

    def fill(self, values: Mapping[str, str], field: str) -> Counted:
        """The text with its values, which hold no control characters and are NFC.

        Raises MissingVariables, NotEncodable.
        """
        taken = self.text.take(values)
        filled = self.text.join(taken)
        if self.size is not None:
            given = "".join(taken)
            try:
                size = self.size + byte_length(given)
            except UnicodeEncodeError:
                pass  # something in a value is to be replaced, or cannot be sent
            else:
                if "\t" not in given:
                    return filled, size, ()
        cleaned = clean(filled, field)
        return cleaned.text, byte_length(cleaned.text), cleaned.replaced


def sms_text(text: Compiled) -> SmsText:
    """A text whose literals are counted."""
    try:
        is_plain = clean(text.literal).text == text.literal
    except NotEncodable:  # said when it is filled
        is_plain = False
    return SmsText(text, byte_length(text.literal) if is_plain else None)


def body(short: SmsText, long: SmsText | None, values: Mapping[str, str]) -> Counted:
    """The short text where it fits an SMS, else the long one where it fits, else the short one."""
    made = short.fill(values, "sms_text")
    if long is None or made[1] <= SMS_BYTES:
        return made
    more = long.fill(values, "sms_text")
    return more if more[1] <= LMS_BYTES else made
