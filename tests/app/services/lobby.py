"""A workspace and its people, for tests of who may come in; passwords that cost nothing."""

from base64 import b64encode
from uuid import UUID

from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

from app.db.models import Staff
from app.services import logins, staff, workspaces
from app.services.logins import Door, Visit
from app.services.runtime import Runtime

PASSWORD = "나룻배에 등불 하나요"
DOOR = Door("203.0.113.7", "Firefox on a boat")


def cheap(password: str = PASSWORD) -> str:
    """A hash with the least parameters: outdated, and quick."""
    kdf = Argon2id(salt=b"somesaltsomesalt", length=32, iterations=1, lanes=1, memory_cost=64)
    made = b64encode(kdf.derive(password.encode())).decode().rstrip("=")
    return f"$argon2id$v=19$m=64,t=1,p=1$c29tZXNhbHRzb21lc2FsdA${made}"


async def workspace(store: Runtime, name: str = "온담상회") -> UUID:
    """A workspace's id."""
    async with store.database.write() as tx:
        return (await workspaces.find_or_create(tx, name)).id


async def person(
    store: Runtime, place: UUID, email: str = "a@naru.test", role: str = "owner"
) -> Staff:
    """Somebody with PASSWORD."""
    async with store.database.write() as tx:
        found, _ = await staff.add(tx, store.sealer, place, email, "한지우", role)
        found.password_hash = cheap()
        tx.session.add(found)
    return found


async def come_in(store: Runtime, who: Staff, *, remember: bool = True) -> tuple[str, Visit]:
    """The cookie's token of a new log-in, and its visit."""
    async with store.database.write() as tx:
        token, _ = await logins.open_login(tx, store.sealer, who, DOOR, remember=remember)
    visit = await logins.find(store, token)
    assert visit is not None
    return token, visit
