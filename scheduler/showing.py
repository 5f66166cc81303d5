"""Pictures at dispatch: a message names them as the workspace does, its provider as it pleases.

What shows a picture the provider does not have yet waits for it; what would wait in vain ends. It
never leaves without its picture, nor with one that the provider has forgotten.
"""

from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from app.db.models import PictureUpload
from app.db.session import Tx
from app.services import hours, picture_uploads
from app.services.lots import Place
from app.services.picture_uploads import Known, Shown, is_given_up, is_usable, missing_since
from app.services.runtime import Runtime
from app.services.states import NO_PICTURE, PICTURE_AWAITED, AttemptStatus
from channels.contract import Outgoing
from channels.vocabulary import PictureUse
from scheduler.batches import Cargo, Load

SOONEST, LATEST = timedelta(seconds=5), timedelta(hours=1)  # until it is looked at again


async def show(
    runtime: Runtime, cargo: Cargo, workspace_id: UUID, account_id: UUID, now: datetime
) -> None:
    """Put the provider's names into what may leave; one read, and only where pictures are shown."""
    names = {shown[0] for _, message in cargo.ready if (shown := _shown(message)) is not None}
    if not names:
        return
    async with runtime.database.read() as session:
        known = await picture_uploads.known(session, workspace_id, account_id, names)
    loads, cargo.ready = cargo.ready, []
    for load in loads:
        _sort(cargo, known, load, now)


async def wait(tx: Tx, lot_id: UUID, place: Place, cargo: Cargo) -> None:
    """What lacks its picture goes back into the queue, and the picture to the provider."""
    await picture_uploads.want(tx, place.workspace_id, place.account_id, cargo.wanted)
    await hours.hold(tx, lot_id, place, cargo.awaiting, PICTURE_AWAITED)


def _shown(message: Outgoing) -> Shown | None:
    if message.picture:
        return message.picture, PictureUse.MMS
    if message.highlight is not None and message.highlight.image:
        return message.highlight.image, PictureUse.THUMBNAIL
    return None


def _sort(cargo: Cargo, known: Known, load: Load, now: datetime) -> None:
    item, message = load
    shown = _shown(message)
    if shown is None:
        cargo.ready.append(load)
        return
    upload = known.uploads.get(shown)
    if item.in_doubt:
        # a repeat: it must not end here. Taken before, it is recognised; else the provider, which
        # has forgotten the picture, refuses it
        cargo.ready.append((item, _named(message, upload)))
    elif upload is not None and is_usable(upload, now):
        cargo.ready.append((item, _named(message, upload)))
    elif upload is None and shown[0] in known.ids:
        cargo.wanted.add((known.ids[shown[0]], shown[1]))
        cargo.awaiting.append((item.attempt_id, now + SOONEST))
    elif upload is None or is_given_up(upload, now):
        cargo.refused.append((item, AttemptStatus.REJECTED, NO_PICTURE))
    else:
        cargo.awaiting.append((item.attempt_id, now + _wait(upload, now)))


def _named(message: Outgoing, upload: PictureUpload | None) -> Outgoing:
    """The message with what the provider calls its picture."""
    if upload is None or not upload.provider_name:
        return message
    if message.picture:
        return replace(message, picture=upload.provider_name)
    assert message.highlight is not None
    return replace(message, highlight=replace(message.highlight, image=upload.provider_url))


def _wait(upload: PictureUpload, now: datetime) -> timedelta:
    """Half as long again as it has been missing: a large campaign is not read again and again."""
    return min(max((now - missing_since(upload)) / 2, SOONEST), LATEST)
