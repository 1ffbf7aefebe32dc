"""Previewing and filing reports, as they cross the wire."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from app.reports.filing.contract import ChannelInfo, Credentials, Proof, Wishes
from app.reports.filing.service import Order, Outcome, Preview
from app.reports.schemas import ReporterIn

ChannelName = Annotated[str, Field(pattern=r"^[a-z0-9_-]{1,64}$", description="As GET /v1/reports/channels lists it.")]


class FilingIn(BaseModel):
    """Which suspect to report, by which channel."""

    model_config = ConfigDict(extra="forbid")

    scan_id: Annotated[str, Field(min_length=1, max_length=64)]
    suspect_id: Annotated[str, Field(min_length=1, max_length=64, description="Its id, or its rank in the scan.")]
    channel: ChannelName
    server: str | None = Field(
        default=None, max_length=300, description="The server where you have your account, as in mastodon.social."
    )
    forward: bool = Field(default=False, description="A copy for the server on which the account lives (Mastodon).")
    rules: list[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]] = Field(
        default_factory=list, max_length=20, description="Ids of your server's rules that it breaks (Mastodon)."
    )
    reporter: ReporterIn = Field(default_factory=ReporterIn)

    def to_order(self) -> Order:
        """Make the order."""
        wishes = Wishes(self.server, self.forward, tuple(self.rules))
        return Order(self.scan_id, self.suspect_id, self.channel, self.reporter.to_reporter(), wishes)


class ConfirmedFilingIn(FilingIn):
    """The same, to be sent: what the preview showed, with the own token, confirmed."""

    token: SecretStr = Field(
        min_length=1, max_length=4096, description="Your own token for that platform; used for this call and forgotten."
    )
    account: str | None = Field(
        default=None, max_length=300, description="Your handle there, where the token is an app password (Bluesky)."
    )
    fingerprint: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$", description="As the preview answered it.")]
    confirm: Literal[True] = Field(description="That you have read the preview and want it sent.")
    again: bool = Field(default=False, description="Send it although an earlier attempt may have arrived.")

    def to_credentials(self) -> Credentials:
        """The token for this one call."""
        return Credentials(self.token.get_secret_value(), self.account)


class FilingChannelOut(BaseModel):
    """A platform that takes reports by its interface, and how to get a token for it."""

    channel: str
    title: str
    platforms: list[str] = Field(description="Platforms whose accounts can be reported by it.")
    howto: str = Field(description="How to get a token.")
    scope: str = Field(description="What the token must be allowed.")
    needs_server: bool
    needs_account: bool
    forwards: bool
    verified: Proof


class FilingChannelsOut(BaseModel):
    """All filing channels."""

    channels: list[FilingChannelOut]


class EarlierFilingOut(BaseModel):
    """A report that was sent before: `unclear` where its outcome was not learned."""

    status: Literal["sending", "filed", "unclear"]
    began_at: datetime
    receipt: str | None


class FilingAccountOut(BaseModel):
    """The account that is reported."""

    platform: str
    handle: str | None
    account_id: str | None


class FilingPreviewOut(BaseModel):
    """Exactly what would be sent, and to whom. Nothing has left the machine."""

    channel: str
    account: FilingAccountOut
    server: str
    recipients: str
    method: Literal["POST"]
    url: str
    headers: dict[str, str]
    body: dict[str, Any]
    text: str
    notes: list[str]
    fingerprint: str
    earlier: EarlierFilingOut | None


class FilingOut(BaseModel):
    """The report was filed; `already`: by an earlier call, and was not sent again."""

    status: Literal["filed"]
    filed_at: datetime
    receipt: str | None = Field(description="The number that the platform gave the report, where it gives one.")
    already: bool


def channel_to_wire(info: ChannelInfo) -> FilingChannelOut:
    """A channel as it is told of."""
    return FilingChannelOut(
        channel=info.name,
        title=info.title,
        platforms=list(info.platforms),
        howto=info.howto,
        scope=info.scope,
        needs_server=info.fixed_server is None,
        needs_account=info.login,
        forwards=info.forwards,
        verified=info.proof,
    )


def preview_to_wire(preview: Preview) -> FilingPreviewOut:
    """A preview as it is shown."""
    draft, earlier, account = preview.draft, preview.earlier, preview.draft.account
    body: Mapping[str, Any] = draft.body
    return FilingPreviewOut(
        channel=draft.channel,
        account=FilingAccountOut(platform=account.platform, handle=account.handle, account_id=account.account_id),
        server=draft.server,
        recipients=draft.recipients,
        method="POST",
        url=draft.url,
        headers=dict(draft.headers),
        body=dict(body),
        text=draft.text,
        notes=list(draft.notes),
        fingerprint=draft.fingerprint,
        earlier=EarlierFilingOut(status=earlier.state, began_at=earlier.began_at, receipt=earlier.receipt)
        if earlier
        else None,
    )


def outcome_to_wire(outcome: Outcome) -> FilingOut:
    """An outcome as it is told."""
    return FilingOut(status="filed", filed_at=outcome.filed_at, receipt=outcome.receipt, already=outcome.already)
