"""Circumstances: where the account is, how old it is, what the platform vouches for; and whose it is."""

from __future__ import annotations

from matchers.evidence import Finding
from matchers.profile import Account, AccountRef, Subject
from matchers.world import World

ABSENT_BITS = 4.0
YOUNGER_BITS = 2.0
OLDER_BITS = -3.0
NEW_BITS = 1.0
VOUCHED_BITS = -8.0
ESTABLISHED_BITS = -3.0
NEW_DAYS = 90
ESTABLISHED_DAYS = 5 * 365
ESTABLISHED_FOLLOWERS = 1_000
# Kinds of verification in which somebody looked at who the person is. A paid mark is not among them.
VOUCHED_KINDS = frozenset({"government", "organization", "legacy", "identity", "manual", "trusted_verifier"})
# Labels by which a platform or the account itself says that it is not the person.
PARODY_LABELS = frozenset({"parody", "fan", "satire", "commentary"})

Part = tuple[str, float, str]


def compare_context(subject: Subject, account: Account, world: World) -> Finding | None:
    """Weigh the circumstances together; None where nothing is known."""
    parts = [*_place(subject, account), *_age(subject, account, world), *_standing(account, world)]
    if not parts:
        return None
    leading = max(parts, key=lambda part: abs(part[1]))
    return Finding(
        code=f"context.{leading[0]}",
        bits=sum(bits for _, bits, _ in parts),
        summary="; ".join(told for _, _, told in parts),
        params={"signs": ",".join(code for code, _, _ in parts)},
    )


def _place(subject: Subject, account: Account) -> list[Part]:
    if account.platform in subject.absent_from:
        return [("absent", ABSENT_BITS, "On a platform where you say you have no account")]
    return []


def _age(subject: Subject, account: Account, world: World) -> list[Part]:
    if account.created_at is None:
        return []
    if subject.created_at is not None:
        if account.created_at < subject.created_at:
            return [("older", OLDER_BITS, "Made before your own account")]
        return [("younger", YOUNGER_BITS, "Made after your own account")]
    if world.today is not None and 0 <= (world.today - account.created_at.date()).days < NEW_DAYS:
        return [("new", NEW_BITS, "Made within the last three months")]
    return []


def _standing(account: Account, world: World) -> list[Part]:
    if account.verified and account.verified_kind in VOUCHED_KINDS:
        return [("vouched", VOUCHED_BITS, "The platform has checked who this is")]
    if world.today is None or account.created_at is None or account.followers is None:
        return []
    old = (world.today - account.created_at.date()).days > ESTABLISHED_DAYS
    if old and account.followers >= ESTABLISHED_FOLLOWERS:
        return [("established", ESTABLISHED_BITS, "A long-standing account with a following of its own")]
    return []


def same_account(ref: AccountRef, account: Account) -> bool:
    """Say whether a reference points at this account: by stable id where both know it, otherwise by handle."""
    if ref.platform != account.platform:
        return False
    if ref.account_id and account.account_id:
        return ref.account_id == account.account_id
    if ref.handle_key and account.handle_key:
        return ref.handle_key == account.handle_key
    if ref.handle and account.handle:
        return ref.handle.removeprefix("@").casefold() == account.handle.removeprefix("@").casefold()
    return False


def find_own(subject: Subject, account: Account) -> str | None:
    """Give the reason why this is the subject's own account, or None.

    Only what the subject listed counts. A link *to* the subject proves nothing: impostors link to the original.
    """
    if any(same_account(ref, account) for ref in subject.own_accounts):
        return "You listed this account as your own"
    for handle in subject.handles:
        if handle.platform and same_account(AccountRef(handle.platform, handle.text, handle_key=handle.key), account):
            return "This is the account whose handle you gave"
    return None


def find_labels(account: Account) -> tuple[str, ...]:
    """Labels on the account that declare a parody or fan account."""
    return tuple(label for label in account.labels if label.casefold() in PARODY_LABELS)
