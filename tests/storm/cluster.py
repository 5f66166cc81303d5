"""A PostgreSQL cluster of one's own, which may be restarted in the middle of everything.

Unlike the one tests share, it writes to the disk before it says so (fsync): what it forgets in a
crash would be ours to explain.
"""

import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.needs import postgres_data, postgres_programs, run_postgres, stop_postgres


@dataclass(frozen=True)
class Cluster:
    """One that runs. `url` is as the product's settings want it."""

    url: str
    programs: Path
    user: str | None
    data: Path

    def restart_at_once(self) -> None:
        """As a power cut does: every connection is gone, and what was under way with it."""
        words = f"pg_ctl restart -m immediate -w -t 60 -D {self.data} -l {self.data}/log"
        run_postgres(self.programs, self.user, self.data, words.split())


@contextmanager
def cluster() -> Iterator[Cluster]:
    """A new cluster on a free port, gone afterwards. Raises RuntimeError or OSError."""
    folder = Path(tempfile.mkdtemp(prefix="naru-storm-pg-"))
    folder.chmod(0o755)  # PostgreSQL's user must reach its data through it
    try:
        programs, user = postgres_programs(folder)
        data = postgres_data(folder, user)
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        initdb = f"initdb -D {data} -U postgres --auth=trust --encoding=UTF8 --locale=C"
        run_postgres(programs, user, data, initdb.split())
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"listen_addresses = '127.0.0.1'\nport = {port}\nmax_connections = 200\n"
                f"unix_socket_directories = '{data}'\n"
            )
        run_postgres(programs, user, data, f"pg_ctl start -w -D {data} -l {data}/log".split())
        yield Cluster(
            f"postgresql+asyncpg://postgres@127.0.0.1:{port}/postgres", programs, user, data
        )
    finally:
        stop_postgres(folder)
        shutil.rmtree(folder)
