"""A rate limit as providers have it: a bucket of tokens for each account, on the real clock."""


class Bucket:
    """Fills with `per_s` tokens a second and holds one second of them, one at least.

    What is larger than a full bucket is let through when it is full and leaves a debt, so that the
    rate holds on average.
    """

    def __init__(self, per_s: float, now_s: float) -> None:
        self._per_s, self._most = per_s, max(1.0, per_s)
        self._level, self._at = self._most, now_s

    def take(self, tokens: int, now_s: float) -> float:
        """0.0 when they were taken, else nothing is taken: in how many seconds they will be there.

        `now_s` never goes back.
        """
        self._level = min(self._most, self._level + (now_s - self._at) * self._per_s)
        self._at = now_s
        missing = min(tokens, self._most) - self._level
        if missing > 1e-9:
            return missing / self._per_s
        self._level -= tokens
        return 0.0
