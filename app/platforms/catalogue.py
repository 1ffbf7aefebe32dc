"""The catalogue of platforms: read once from the files in `data/`, checked, frozen."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import unquote

import yaml
from pydantic import ValidationError

from app.platforms.schemas import Channel, FileModel, PlatformFile, Refused, Rules
from app.platforms.texts import LegalFile, Texts

DATA = Path(__file__).parent / "data"
FALLBACK_LANGUAGE = "en"
# The C loader reads all files in a tenth of the time; both are the safe loader.
_LOADER: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_M = TypeVar("_M", bound=FileModel)


class CatalogueError(ValueError):
    """A catalogue file is wrong; the message names the file and the field."""


def _upper_first(text: str) -> str:
    return text[:1].upper() + text[1:]


_STEPS: Mapping[str, Callable[[str], str]] = {
    "lowercase": str.lower,
    "strip_dots": lambda text: text.replace(".", ""),
    "digits_only": lambda text: re.sub(r"\D", "", text),
    "percent_decode": unquote,
    "underscore_to_space": lambda text: text.replace("_", " ").strip(),
    "first_upper": _upper_first,
}


def split_instance(handle: str) -> tuple[str, str | None]:
    """Split "user@host", "@user@host" and Matrix's "@user:host" into the name and the host in lower case."""
    name, mark, host = handle.removeprefix("@").partition("@")
    if not mark:
        name, mark, host = name.partition(":")
    return name, host.lower().rstrip(".") or None


def plain_key(handle: str) -> str:
    """Fold a handle for equality where no rules are known: no leading @, lower case."""
    return unicodedata.normalize("NFC", handle.strip().removeprefix("@")).lower()


# Compared by identity: there is one object a platform.
@dataclass(frozen=True, slots=True, eq=False)
class Platform:
    """A platform with its patterns compiled once; `facts` is the file as it was read."""

    facts: PlatformFile
    patterns: tuple[re.Pattern[str], ...]
    handle_pattern: re.Pattern[str]
    id_pattern: re.Pattern[str] | None
    reserved: frozenset[str]

    @property
    def id(self) -> str:
        """The catalogue id, such as "x"."""
        return self.facts.id

    @property
    def name(self) -> str:
        """The name people know it by."""
        return self.facts.name

    @property
    def channels(self) -> tuple[Channel, ...]:
        """The ways to report, in the order of the file."""
        return self.facts.channels

    @property
    def names_host(self) -> bool:
        """Whether a handle needs its host (user@host) to say who is meant."""
        return self.facts.federated or "{instance}" in (self.facts.profile.canonical or "")

    def handle_key(self, handle: str) -> str:
        """Fold a handle for equality by this platform's rules: two handles with one key are one account."""
        text = unicodedata.normalize("NFC", handle.strip())
        name, host = split_instance(text) if self.names_host else (text.removeprefix("@"), None)
        for step in self.facts.canonicalise:
            name = _STEPS[step](name)
        return f"{name}@{host}" if host else name


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All platforms by id, and which of them to ask about a host."""

    platforms: Mapping[str, Platform]
    by_host: Mapping[str, tuple[Platform, ...]]
    federated: tuple[Platform, ...]
    uri_prefixes: Mapping[str, str]
    rules: Rules
    texts: Mapping[str, Texts]
    legal: LegalFile

    def get(self, platform: str) -> Platform | None:
        """The platform with this id, or None: matching works without the catalogue."""
        return self.platforms.get(platform)

    def handle_key(self, platform: str | None, handle: str) -> str:
        """Fold a handle for equality; unknown platforms fold case and the leading @."""
        known = self.platforms.get(platform) if platform else None
        return known.handle_key(handle) if known else plain_key(handle)

    def on_host(self, host: str) -> tuple[Platform, ...]:
        """The platforms that own a host name or a parent of it, most specific first."""
        labels = host.split(".")
        found: list[Platform] = []
        for start in range(len(labels)):
            rest = labels[start:]
            found += self.by_host.get(".".join(rest), ())
            # "pinterest.*" stands for every country's domain: pinterest.de, pinterest.co.uk.
            if len(rest) in {2, 3}:
                found += self.by_host.get(f"{rest[0]}.*", ())
        return tuple(dict.fromkeys(found))

    def is_refused(self, url: str) -> bool:
        """Say whether an address is on the list of those that must never be offered."""
        return any(refused.matches(url) for refused in self.rules.do_not_use)

    def text(self, language: str | None) -> Texts:
        """The report texts in a language ("es", "es-MX"), or in English."""
        primary = (language or "").split("-")[0].lower()
        return self.texts.get(primary) or self.texts[FALLBACK_LANGUAGE]


def _field_path(location: tuple[int | str, ...]) -> str:
    path = ""
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}"
    return path.lstrip(".") or "(file)"


def _read(path: Path, model: type[_M]) -> _M:
    try:
        # _LOADER is a safe loader: it makes plain values only.
        raw = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506
        return model.model_validate(raw)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CatalogueError(f"{path.name}: not readable as YAML: {error}") from None
    except ValidationError as error:
        slips = (f"{path.name}: {_field_path(e['loc'])}: {e['msg']}" for e in error.errors())
        raise CatalogueError("\n".join(slips)) from None


def _compile(facts: PlatformFile) -> Platform:
    platform = Platform(
        facts=facts,
        patterns=tuple(re.compile(p) for p in facts.url_patterns),
        handle_pattern=re.compile(facts.handle_regex),
        id_pattern=re.compile(facts.id_regex) if facts.id_regex else None,
        reserved=frozenset(),
    )
    reserved = frozenset(map(platform.handle_key, facts.reserved_handles))
    return Platform(facts, platform.patterns, platform.handle_pattern, platform.id_pattern, reserved)


def _check_addresses(path: Path, facts: PlatformFile, refused: Iterable[Refused]) -> None:
    if path.stem != facts.id:
        raise CatalogueError(f"{path.name}: id: {facts.id!r} must be the name of the file")
    for i, channel in enumerate(facts.channels):
        prefilled = channel.prefill.base if channel.prefill else None
        for url in filter(None, (channel.url, prefilled, channel.address and f"mailto:{channel.address}")):
            if any(r.matches(url) and (r.parameter is None or r.value) for r in refused):
                raise CatalogueError(f"{path.name}: channels[{i}].url: {url} is listed under do_not_use")


def _index_hosts(platforms: Iterable[Platform]) -> Mapping[str, tuple[Platform, ...]]:
    index: dict[str, tuple[Platform, ...]] = {}
    for platform in platforms:
        for host in platform.facts.hosts:
            index[host] = (*index.get(host, ()), platform)
    return MappingProxyType(index)


def read_catalogue(folder: Path) -> Catalogue:
    """Read and check every file of a folder; raises `CatalogueError` naming the file and the field."""
    rules = _read(folder / "_catalogue.yaml", Rules)
    texts = {t.language: t for t in (_read(p, Texts) for p in sorted(folder.glob("_texts_*.yaml")))}
    if FALLBACK_LANGUAGE not in texts:
        raise CatalogueError(f"_texts_{FALLBACK_LANGUAGE}.yaml: missing")
    platforms: dict[str, Platform] = {}
    for path in sorted(folder.glob("[!_]*.yaml")):
        facts = _read(path, PlatformFile)
        _check_addresses(path, facts, rules.do_not_use)
        platforms[facts.id] = _compile(facts)
    return Catalogue(
        platforms=MappingProxyType(platforms),
        by_host=_index_hosts(platforms.values()),
        # Mastodon first: of the servers that share its addresses it is by far the commonest.
        federated=tuple(sorted((p for p in platforms.values() if p.facts.federated), key=lambda p: p.id != "mastodon")),
        uri_prefixes=MappingProxyType({k: v for p in platforms.values() for k, v in p.facts.uri_prefixes.items()}),
        rules=rules,
        texts=MappingProxyType(texts),
        legal=_read(folder / "_legal.yaml", LegalFile),
    )


@cache
def load_catalogue() -> Catalogue:
    """The catalogue that comes with the package; read once."""
    return read_catalogue(DATA)
