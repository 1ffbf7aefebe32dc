"""What the channels of federated servers share: the reporter's own server, and an account's name and host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.net.errors import BadReplyError
from app.net.reply import Reply
from app.platforms.catalogue import split_instance
from app.platforms.identity import ascii_host
from app.problems import FieldError, InvalidInputError
from app.reports.filing.contract import ChannelInfo, Wishes
from app.reports.filing.line import host_of, number_in, object_in, read_base
from matchers.profile import Account

# Accounts of all these are known on servers of the others.
FEDERATED = ("mastodon", "pleroma", "misskey", "pixelfed", "peertube")


def own_server(info: ChannelInfo, wishes: Wishes) -> str:
    """The base of the server that takes the report; raises `InvalidInputError` where none is named."""
    named = wishes.server or info.fixed_server
    if named is None:
        raise InvalidInputError(
            f"Name the server where you have your account with {info.title}: it gets the token, and its moderators "
            "the report.",
            errors=[FieldError("/server", f"is needed for {info.name}")],
        )
    return read_base(named)


def name_and_host(account: Account) -> tuple[str, str]:
    """The account's name and its server; raises `InvalidInputError` where the server is not known."""
    name, host = split_instance((account.handle or "").removeprefix("@"))
    if not name or not host:
        raise InvalidInputError("It is not known on which server this account is; report it in another way.")
    return name, host


def is_at_home(host: str, base: str) -> bool:
    """Whether an account's server is the reporter's own."""
    ours = host_of(base)
    return host.lower() in {ours, ours.partition(":")[0]} or ascii_host(host) == ours


def is_host_of(shown: Mapping[str, Any], host: str) -> bool:
    """Whether the server that an answer names for the account, if it names one, is the account's."""
    told = shown.get("host")
    return not isinstance(told, str) or (ascii_host(told) or told) == (ascii_host(host) or host)


def read_receipt(reply: Reply, *path: str) -> str | None:
    """The number of the report at a place in the reply; raises `BadReplyError` for a reply that is no JSON object."""
    value: object = object_in(reply)
    if not value and reply.content.strip() not in {b"", b"{}"}:
        raise BadReplyError
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return number_in(value)
