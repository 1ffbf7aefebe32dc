"""Settings come from the environment, with the prefix, and are refused where they make no sense."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import Settings


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLONECHECK_API_KEYS", "one, two,")
    monkeypatch.setenv("CLONECHECK_ALLOWED_HOSTS", "clonecheck.example")
    settings = Settings()
    assert [key.get_secret_value() for key in settings.api_keys] == ["one", "two"]
    assert settings.allowed_hosts == ("clonecheck.example",)


def test_the_default_database_lives_in_the_data_folder(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path).url == f"sqlite:///{tmp_path / 'clonecheck.db'}"


@pytest.mark.parametrize(
    ("name", "value"), [("PRIOR_BITS", "3"), ("SCAN_DAYS", "0"), ("CORPUS", "No Spaces"), ("SCAN_WORKERS", "x")]
)
def test_nonsense_is_refused(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"CLONECHECK_{name}", value)
    with pytest.raises(ValidationError):
        Settings()


def test_proxies_are_addresses_or_networks() -> None:
    assert Settings(trusted_proxies="10.0.0.0/8, ::1").trusted_proxies == ("10.0.0.0/8", "::1")  # type: ignore[arg-type]
    for value in ("*", "proxy.example", "10.0.0.1/8"):
        with pytest.raises(ValidationError, match="trusted_proxies"):
            Settings(trusted_proxies=(value,))


def test_keys_are_not_printed() -> None:
    settings = Settings(api_keys="hunter2", database_url="postgresql://me:hunter2@db/x")  # type: ignore[arg-type]
    assert "hunter2" not in repr(settings)


@pytest.mark.parametrize("url", ["mysql://root@db/x", "nonsense", "postgresql+asyncpg://db/x"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(ValidationError, match="postgresql://"):
        Settings(database_url=url)


def test_citus_needs_a_server() -> None:
    with pytest.raises(ValidationError, match="CLONECHECK_DATABASE_URL"):
        Settings(citus=True)
    assert Settings(citus=True, database_url="postgresql://db/x").citus
