"""All calls under `/fcm`."""

from fastapi import APIRouter

from sandbox.fcm import sending, tokens

router = APIRouter(prefix="/fcm")
for part in (tokens.router, sending.router):
    router.include_router(part)
