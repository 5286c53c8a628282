"""Use cases of notices: telling, delivering, contacts, webhooks."""

from hub.notices.service.cases import tell_decided_case
from hub.notices.service.contacts import put_contact, put_preference, remove_contact
from hub.notices.service.delivering import deliver
from hub.notices.service.telling import DELIVER_TASK, forget_old, mark_all_read, mark_read, notify
from hub.notices.service.webhooks import (
    MOST_WEBHOOKS,
    PUSH_TASK,
    create_webhook,
    end_webhook,
    party_of,
    push_events,
    replay,
    wake_webhooks,
)

__all__ = [
    "DELIVER_TASK",
    "MOST_WEBHOOKS",
    "PUSH_TASK",
    "create_webhook",
    "deliver",
    "end_webhook",
    "forget_old",
    "mark_all_read",
    "mark_read",
    "notify",
    "party_of",
    "push_events",
    "put_contact",
    "put_preference",
    "remove_contact",
    "replay",
    "tell_decided_case",
    "wake_webhooks",
]
