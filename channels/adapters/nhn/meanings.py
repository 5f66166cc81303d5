"""NHN's codes with their words: reasons of ``codes.py`` and the marks, nothing of its own."""

from collections.abc import Mapping

from channels.adapters.nhn import words_alimtalk, words_text
from channels.adapters.nhn.codes import KAKAO_API, KAKAO_DELIVERY, SMS_API, SMS_DELIVERY, Ruling
from channels.adapters.nhn.receipts import MARKS
from channels.codes.meaning import Place, Table, Words, meanings
from channels.vocabulary import Reason, Result


def _answers(rulings: Mapping[int, Ruling]) -> Mapping[str, Reason | None]:
    return {"0": None, **{str(code): reason for code, (_, reason) in rulings.items()}}


def _results(
    fates: Mapping[str, tuple[Result, Reason | None]], words: Words
) -> Mapping[str, Reason | None]:
    """Codes, and those marks of NHN's lists that the product writes in their place."""
    marks = {mark: fate for mark, fate in MARKS.items() if mark in words}
    return {
        code: Reason.UNMAPPED if reason is None and result is not Result.DELIVERED else reason
        for code, (result, reason) in {**fates, **marks}.items()
    }


CODES: Table = {
    Place.ALIMTALK_ANSWER: meanings(_answers(KAKAO_API), words_alimtalk.ANSWERS),
    Place.ALIMTALK_RESULT: meanings(
        _results(KAKAO_DELIVERY, words_alimtalk.RESULTS), words_alimtalk.RESULTS
    ),
    Place.TEXT_ANSWER: meanings(_answers(SMS_API), words_text.ANSWERS),
    Place.TEXT_RESULT: meanings(_results(SMS_DELIVERY, words_text.RESULTS), words_text.RESULTS),
}
