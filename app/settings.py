"""One frozen settings class; every field can be set by an environment variable with the prefix CLONECHECK_."""

from __future__ import annotations

from functools import cached_property
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, ValidationInfo, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from matchers.world import DEFAULT_POPULATION, DEFAULT_PRIOR_BITS

MEBIBYTE = 1024 * 1024
# moderation.bsky.app
BLUESKY_LABELER = "did:plc:ar7c4by46qjdydhdevvrndac"
_SERVERS = ("postgresql://", "postgres://", "postgresql+psycopg://")


def _default_data_dir() -> Path:
    return Path.home() / ".local" / "share" / "clonecheck"


class Settings(BaseSettings):
    """What an operator may decide. Passed to `create_app`; nothing reads the environment behind its back."""

    model_config = SettingsConfigDict(env_prefix="CLONECHECK_", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=_default_data_dir, description="Folder for the default database.")
    database_url: str | None = Field(
        default=None,
        # It may hold a password.
        repr=False,
        description="Where the database is: sqlite:///file, or postgresql://user:password@host/name for PostgreSQL 15 "
        "and later (extra `postgresql`); default: SQLite in the data folder.",
    )
    citus: bool = Field(
        default=False,
        description="Whether that PostgreSQL is a Citus coordinator, over whose nodes accounts are distributed.",
    )
    query_seconds: float = Field(
        default=30.0, gt=0, le=3_600, description="Longest time for one statement of the database, in seconds."
    )
    api_keys: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(),
        description="Keys for programs (Bearer) and for people (pages), separated by commas. Required on any address "
        "but loopback.",
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("localhost", "127.0.0.1", "[::1]"),
        description="Host names the service answers to, separated by commas; anything else is 421.",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("127.0.0.1",),
        description="Addresses or networks of the proxies before `clonecheck serve`, separated by commas: what they "
        "say of the caller's address and of https (X-Forwarded-For, X-Forwarded-Proto) is believed.",
    )
    corpus: str = Field(default="default", pattern=r"^[a-z0-9_-]{1,64}$", description="Which set of accounts to use.")
    prior_bits: float = Field(
        default=DEFAULT_PRIOR_BITS,
        ge=-60,
        le=0,
        description="log2 prior odds that a retrieved account is a clone of the subject, before any evidence.",
    )
    check_prior_bits: float = Field(
        default=-7.0,
        ge=-60,
        le=0,
        description="log2 prior odds that a checked account is a clone of any stored subject. They share it: the more "
        "are stored, the less each gets, and never more than `prior_bits`. A scan keeps `prior_bits` however large the "
        "index is, so that a check among very many subjects asks for more evidence than a scan.",
    )
    population: int = Field(
        default=DEFAULT_POPULATION, ge=1, description="People the uniqueness estimate speaks about."
    )
    scan_days: int = Field(default=30, ge=1, le=3650, description="Days until a stored scan expires.")
    report_days: int = Field(
        default=730, ge=1, le=3650, description="Days until a report expires to whose outcome nothing was added."
    )
    account_days: int = Field(
        default=7, ge=1, le=3650, description="Days until an account fetched from outside expires."
    )
    keep_found: bool = Field(
        default=False, description="Keep accounts found outside in the index, for `account_days`; see also `corpus`."
    )
    candidate_limit: int = Field(
        default=200,
        ge=10,
        le=20_000,
        description="Candidates judged per index query; beyond a million accounts more, ten times as many from ten "
        "million on.",
    )
    sweep: bool = Field(
        default=True,
        description="Compare a photo with every stored picture too; keeps a file of hashes beside the database.",
    )
    sweep_seconds: float = Field(default=5.0, gt=0, le=300, description="Longest time for that comparison, in a scan.")
    max_photo_bytes: int = Field(default=10 * MEBIBYTE, ge=1024, description="Largest picture accepted, in bytes.")
    max_photo_pixels: int = Field(default=40_000_000, ge=1024, description="Largest picture accepted, in pixels.")
    max_request_bytes: int = Field(
        default=64 * MEBIBYTE, ge=1024, description="Largest request body accepted, in bytes."
    )
    scan_workers: int = Field(default=4, ge=1, le=64, description="Scans that run at once; the rest wait.")
    check_workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="Processes that check many accounts of one request, some 120 MB each; 1: none beside the service's "
        "own, 0: one a core, four at most.",
    )

    net_allow_private: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="host:port, separated by commas, that may be asked in a private network and without TLS.",
    )
    net_ports: Annotated[tuple[int, ...], NoDecode] = Field(
        default=(443,), description="Ports that may be asked outside, separated by commas."
    )
    net_user_agent: str | None = Field(
        default=None,
        max_length=200,
        pattern=r"^[\x20-\x7e]+$",
        description="How we introduce ourselves to other services; say who you are and how to reach you.",
    )
    net_connect_seconds: float = Field(default=5.0, gt=0, le=60, description="Longest wait for a connection.")
    net_read_seconds: float = Field(default=10.0, gt=0, le=120, description="Longest wait for the next bytes.")
    net_call_seconds: float = Field(default=20.0, gt=0, le=300, description="Longest time for one whole call.")
    net_max_bytes: int = Field(
        default=10 * MEBIBYTE, ge=1024, description="Largest reply read from outside, in bytes, also after unpacking."
    )

    net_calls_per_second: float = Field(
        default=5.0, gt=0, le=1_000, description="Calls to one host in a second, once its burst is used up."
    )
    net_burst: int = Field(default=20, ge=1, le=1_000, description="Calls to one host that need not wait.")
    net_longest_wait: float = Field(
        default=15.0, ge=0, le=300, description="Longest wait in seconds before a call is repeated."
    )
    avatars_per_scan: int = Field(
        default=200, ge=0, le=2_000, description="Profile pictures fetched from outside in one scan, at most."
    )
    sources_off: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Sources that must not be asked, by name, separated by commas."
    )
    terms_accepted: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Sources whose terms you have read and accepted, by name, separated by commas."
    )
    probes_off: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Sites that must not be probed for user names, by platform name, separated by commas."
    )
    youtube_key: SecretStr | None = Field(default=None, description="Key of the YouTube Data API.")
    youtube_daily_units: int = Field(
        default=10_000, ge=1, description="Units of the YouTube Data API that may be used in a day."
    )
    x_bearer_token: SecretStr | None = Field(default=None, description="Bearer token of the X API, version 2.")
    x_price_per_user: float = Field(
        default=0.010, ge=0, le=10, description="US dollars that X takes for each account it returns."
    )
    twitch_client_id: str | None = Field(default=None, max_length=200, description="Client id of a Twitch app.")
    twitch_client_secret: SecretStr | None = Field(default=None, description="Client secret of that app.")
    neynar_key: SecretStr | None = Field(default=None, description="Key of Neynar's API, for Farcaster.")
    reddit_client_id: str | None = Field(
        default=None, max_length=200, description="Client id of a Reddit app that Reddit has approved."
    )
    reddit_client_secret: SecretStr | None = Field(default=None, description="Client secret of that app.")
    tumblr_key: SecretStr | None = Field(default=None, description="Consumer key of a Tumblr app.")
    instagram_token: SecretStr | None = Field(
        default=None, description="User token of a reviewed Meta app, for Instagram's Business Discovery."
    )
    instagram_account_id: str | None = Field(
        default=None, pattern=r"^[0-9]{1,20}$", description="Number of the professional Instagram account that asks."
    )
    threads_token: SecretStr | None = Field(
        default=None, description="Token of a reviewed Meta app with the permission threads_profile_discovery."
    )
    searxng_url: str | None = Field(
        default=None,
        description="A SearXNG server that answers in JSON; in a private network, list it in net_allow_private too.",
    )
    brave_key: SecretStr | None = Field(default=None, description="Key of the Brave Search API.")
    brave_price_per_search: float = Field(
        default=0.005, ge=0, le=10, description="US dollars that Brave takes for each search."
    )
    bluesky_url: str = Field(default="https://public.api.bsky.app", description="The AppView that answers for Bluesky.")
    bluesky_labeler: str = Field(
        default=BLUESKY_LABELER,
        pattern=r"^did:[a-z]+:[A-Za-z0-9._:%-]{1,200}$",
        description="The moderation service to which Bluesky reports are filed; the default is Bluesky's own.",
    )
    mastodon_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("mastodon.social",),
        description="Servers with the Mastodon API to ask, separated by commas; each knows only whom it has met.",
    )
    mastodon_tokens: Annotated[tuple[SecretStr, ...], NoDecode] = Field(
        default=(), description="host=token, separated by commas: with a token a server shows more."
    )
    misskey_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("misskey.io",), description="Misskey servers to ask, separated by commas; each knows only whom it met."
    )
    lemmy_servers: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("lemmy.world",), description="Lemmy servers to ask, separated by commas; each knows only whom it met."
    )
    nostr_relays: Annotated[tuple[str, ...], NoDecode] = Field(
        default=("wss://relay.nostr.band", "wss://search.nos.today"),
        description="Nostr relays that can search, separated by commas; each knows only what it was sent.",
    )
    github_url: str = Field(default="https://api.github.com", description="The GitHub API to ask.")
    github_token: SecretStr | None = Field(
        default=None, description="A GitHub token; with one, more may be asked in an hour."
    )
    gravatar_key: SecretStr | None = Field(
        default=None, description="A key of Gravatar's API; with one, more may be asked in an hour."
    )
    gitlab_token: SecretStr | None = Field(
        default=None, description="A token of GitLab.com with the scope read_user; with one, names may be searched."
    )
    matrix_url: str | None = Field(default=None, description="The Matrix homeserver where you have an account.")
    matrix_token: SecretStr | None = Field(default=None, description="The access token of that account.")

    @field_validator(
        "api_keys",
        "allowed_hosts",
        "trusted_proxies",
        "net_allow_private",
        "net_ports",
        "sources_off",
        "terms_accepted",
        "probes_off",
        "nostr_relays",
        "mastodon_servers",
        "mastodon_tokens",
        "misskey_servers",
        "lemmy_servers",
        mode="before",
    )
    @classmethod
    def _split_commas(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        return value

    @field_validator("trusted_proxies")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ip_network(network)
        return value

    @field_validator("database_url")
    @classmethod
    def _check_address(cls, value: str | None) -> str | None:
        if value is not None and not value.startswith(("sqlite:", *_SERVERS)):
            raise ValueError("must begin with sqlite:/// or postgresql://")
        return value

    @field_validator("citus")
    @classmethod
    def _check_citus(cls, value: bool, info: ValidationInfo) -> bool:
        if value and not (info.data.get("database_url") or "").startswith(_SERVERS):
            raise ValueError("needs the address of a coordinator in CLONECHECK_DATABASE_URL")
        return value

    @cached_property
    def url(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'clonecheck.db'}"
