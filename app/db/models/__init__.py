"""All tables, one module per noun."""

from app.db.models.accounts import ApiKey, Guest, Member, ProviderAccount, Sender, Workspace
from app.db.models.campaigns import Campaign, CampaignChunk, CampaignMistake
from app.db.models.consultations import Case, ChatMessage, ChatSession, InboundEvent, Thread
from app.db.models.delivery import Attempt, Call, Flow, Lot, ProviderRef, ReceiptInbox, Worker
from app.db.models.events import (
    Counter,
    Event,
    IdempotencyKey,
    Installation,
    WebhookDelivery,
    WebhookEndpoint,
    WorkspaceCounter,
)
from app.db.models.messages import Message, ReplyToken
from app.db.models.templates import Template, TemplateRegistration, TemplateVersion

__all__ = [
    "ApiKey",
    "Attempt",
    "Call",
    "Campaign",
    "CampaignChunk",
    "CampaignMistake",
    "Case",
    "ChatMessage",
    "ChatSession",
    "Counter",
    "Event",
    "Flow",
    "Guest",
    "IdempotencyKey",
    "InboundEvent",
    "Installation",
    "Lot",
    "Member",
    "Message",
    "ProviderAccount",
    "ProviderRef",
    "ReceiptInbox",
    "ReplyToken",
    "Sender",
    "Template",
    "TemplateRegistration",
    "TemplateVersion",
    "Thread",
    "WebhookDelivery",
    "WebhookEndpoint",
    "Worker",
    "Workspace",
    "WorkspaceCounter",
]
