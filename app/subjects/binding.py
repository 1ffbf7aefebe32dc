"""What a human's word and a report bind to across scans: the subject, and the account by its stable id or handle."""

from __future__ import annotations

import hashlib

from app.platforms.catalogue import load_catalogue
from matchers.profile import Account, Subject

AccountKey = tuple[str, str]
MAX_KEY = 512


def subject_key(subject: Subject) -> str:
    """Identify a subject across scans by names and handles, so that decisions are remembered."""
    names = sorted(name.casefold() for name in subject.names)
    handles = sorted(f"{h.platform or ''}:{h.text.casefold()}" for h in subject.handles)
    photos = sorted(format(p.views.get("whole", 0), "x") for p in subject.photos) if not names and not handles else []
    return hashlib.sha256("\n".join([*names, "", *handles, "", *photos]).encode()).hexdigest()


def account_key(account: Account) -> AccountKey:
    """Identify an account across sources and scans: by its stable id, or else by its handle."""
    return account.platform, account_ref(account.account_id, handle_key(account))


def account_ref(account_id: str | None, folded: str | None) -> str:
    """How an account is referred to on its platform: by its stable id, or else by its folded handle."""
    return f"id:{account_id}" if account_id else f"handle:{folded}"


def handle_key(account: Account) -> str:
    """The account's handle, folded by the platform's rules; an account without one is known by its display name."""
    if account.handle is None:
        return (account.display_name or "").casefold()[:MAX_KEY]
    return load_catalogue().handle_key(account.platform, account.handle)[:MAX_KEY]
