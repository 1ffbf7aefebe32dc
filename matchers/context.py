"""Circumstances: where the account is, how old it is, what the platform vouches for; and whose it is."""

from __future__ import annotations

from matchers.bios import fold_link
from matchers.evidence import Finding
from matchers.marks import read_mark
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
# Who says that it is run by a machine hardly means to be taken for a person, though mirrors of a feed say so too.
AUTOMATED_BITS = -2.0
# Labels by which a platform or the account itself says that it is not the person.
PARODY_LABELS = frozenset({"parody", "fan", "satire", "commentary"})

Part = tuple[str, float, str]


def compare_context(subject: Subject, account: Account, world: World) -> Finding | None:
    """Weigh the circumstances together; None where nothing is known."""
    parts = [
        *_place(subject, account),
        *_age(subject, account, world),
        *_standing(account, world),
        *_automated(account),
    ]
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
    if account.verified and read_mark(account.platform, account.verified_kind) == "vouched":
        return [("vouched", VOUCHED_BITS, "The platform has checked who this is")]
    if world.today is None or account.created_at is None or account.followers is None:
        return []
    old = (world.today - account.created_at.date()).days > ESTABLISHED_DAYS
    if old and account.followers >= ESTABLISHED_FOLLOWERS:
        return [("established", ESTABLISHED_BITS, "A long-standing account with a following of its own")]
    return []


def _automated(account: Account) -> list[Part]:
    return [("automated", AUTOMATED_BITS, "It says itself that it is run by a machine")] if account.bot else []


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

    Only what the subject listed counts, and where that links to. A link *to* the subject proves nothing: impostors
    link to the original.
    """
    if subject.own_accounts and any(same_account(ref, account) for ref in subject.own_accounts):
        return "You listed this account as your own"
    for handle in subject.handles:
        if handle.platform == account.platform and same_account(
            AccountRef(handle.platform, handle.text, handle_key=handle.key), account
        ):
            return "This is the account whose handle you gave"
    if subject.linked_accounts and any(same_account(ref, account) for ref in subject.linked_accounts):
        return "One of your own accounts links to it"
    if _is_linked_back(subject, account):
        return "Your own website links to it"
    return None


def _is_linked_back(subject: Subject, account: Account) -> bool:
    """Whether the platform found that a page which the subject listed links back to the account (rel="me")."""
    if not subject.links or not any(link.verified for link in account.links):
        return False
    own = {fold_link(link) for link in subject.links}
    return any(link.verified and fold_link(link.url) in own for link in account.links)


def find_labels(account: Account) -> tuple[str, ...]:
    """Labels on the account that declare a parody or fan account."""
    return tuple(label for label in account.labels if label.casefold() in PARODY_LABELS)
