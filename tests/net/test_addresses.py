"""Which addresses may be asked."""

from __future__ import annotations

import pytest

from app.net.addresses import check_url, is_public, resolve_in_time
from app.net.errors import NetError, RefusedAddressError, TimedOutError, UnreachableError


@pytest.mark.parametrize("address", ["8.8.8.8", "1.1.1.1", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_hosts_on_the_internet_are_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",  # noqa: S104
        "192.0.0.170", "192.88.99.1", "198.18.0.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::1", "::", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::808:808",
        "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "2001:db8::1", "3fff::1", "fc00::1", "fe80::1", "fe80::1%1",
        "fec0::1", "ff02::1", "5f00::1", "100::1", "localhost", "", "8.8.8.8%1", "0x7f000001", "127.1",
    ],
)  # fmt: skip
def test_everything_else_is_not(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com/", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/", "javascript:1",
        "https://user:secret@example.com/", "https://user@example.com/", "https://example.com:22/",
        "https://example.com:99999/", "https://example.com:x/", "https://", "https:///path", "//example.com/", "",
        "https://a.example\\@127.0.0.1:22/", "https://a.example:22\\@b.example/", "https://a.example\n.b.example/",
        "https://a.example:443:22/", "https://@127.0.0.1:22/", "https://[::1", "https://example.com/" + "a" * 5000,
    ],
)  # fmt: skip
def test_strange_addresses_are_refused_before_anything_is_sent(url: str) -> None:
    with pytest.raises(RefusedAddressError):
        check_url(url, {443}, ())


def test_what_the_operator_names_needs_no_tls() -> None:
    assert check_url("http://localhost:8101/x", {443}, {"localhost:8101"}) == ("http", "localhost", 8101)
    assert check_url("https://Example.COM/x", {443}, ()) == ("https", "example.com", 443)
    with pytest.raises(RefusedAddressError):
        check_url("http://localhost:8102/x", {443}, {"localhost:8101"})


def _unknown(_host: str, _port: int) -> list[str]:
    raise OSError("marie.example")


def test_a_name_server_cannot_keep_us_waiting() -> None:
    import threading  # noqa: PLC0415

    gate = threading.Event()

    def slow(_host: str, _port: int) -> list[str]:
        gate.wait(5)
        return ["8.8.8.8"]

    with pytest.raises(TimedOutError):
        resolve_in_time(slow, "example.com", 443, 0.05)
    gate.set()


def test_an_unknown_name_is_told_without_the_name() -> None:
    with pytest.raises(UnreachableError) as caught:
        resolve_in_time(_unknown, "marie.example", 443, 1)
    assert "marie" not in str(caught.value)
    assert isinstance(caught.value, NetError)
