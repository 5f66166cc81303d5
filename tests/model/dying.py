"""A kill, as the coroutines of one process meet it."""

from channels.contract import Answer, Call
from tests.engine import Provider


class Killed(BaseException):
    """SIGKILL, as a coroutine meets it."""


class DiesAfter:
    """The provider, seen by a process that dies once its request was served (K05, K06)."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self.routes, self.name = provider.routes, provider.name

    async def send(self, call: Call) -> Answer:
        await self._provider.send(call)
        raise Killed
