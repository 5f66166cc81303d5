"""Result codes of the hub: what each means for us, and in words."""

from collections.abc import Mapping

from channels.codes import kakao
from channels.codes.meaning import Place, Table, meanings
from channels.vocabulary import Reason, Verdict

# chat calls say 0, uploads "0000", settings of a channel 200; as numbers or as texts
SUCCESS = frozenset({"0", "0000", "200"})
REASONS: Mapping[str, tuple[Verdict, Reason]] = {
    "-501": (Verdict.REJECTED, Reason.SENDER_STATE),
    "-505": (Verdict.REJECTED, Reason.CONTENT_REFUSED),
    "1003": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1006": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1007": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1012": (Verdict.REJECTED, Reason.BAD_ADDRESS),
    "1021": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1022": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1023": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1024": (Verdict.REJECTED, Reason.SENDER_STATE),
    "1025": (Verdict.REJECTED, Reason.SENDER_STATE),
    "3012": (Verdict.UNKNOWN, Reason.DUPLICATE),
    "3013": (Verdict.REJECTED, Reason.REQUEST_REFUSED),
    "3014": (Verdict.REJECTED, Reason.TOO_LONG),
    "3026": (Verdict.REJECTED, Reason.REQUEST_REFUSED),
    "4000": (Verdict.UNKNOWN, Reason.UNCERTAIN),
}

# in words; the numbers below 4000 are Kakao's own, with the same meaning but for these
_WORDS = {
    **{code: (meaning.ko, meaning.en) for code, meaning in kakao.RESULTS.items()},
    "0": ("보냄", "sent"),
    "0000": ("보냄", "sent"),
    "200": ("처리함", "done"),
    "-505": ("올리지 못한 사진이나 파일", "the picture or file could not be uploaded"),
    "-501": ("맞지 않는 발신프로필", "the sender profile is not valid"),
    "1012": ("맞지 않는 고객 키", "the customer's key is not valid"),
}
_REASONS = {
    **dict.fromkeys(sorted(SUCCESS)),
    **{code: reason for code, (_, reason) in REASONS.items()},
}
CODES: Table = {Place.CHAT_ANSWER: meanings(_REASONS, {code: _WORDS[code] for code in _REASONS})}
