"""The lists of pins agree with each other, and each holds what it is for."""

from __future__ import annotations

import re

from tests.conftest import ROOT

_PIN = re.compile(r"^([a-z0-9._-]+)==(\S+)( ; [^\\]+)?", re.MULTILINE)


def _read_pins(name: str) -> set[tuple[str, ...]]:
    return set(_PIN.findall((ROOT / "requirements" / name).read_text()))


def test_the_image_has_what_the_service_has_and_the_driver_of_postgresql() -> None:
    run, image = _read_pins("run.lock"), _read_pins("image.lock")
    assert len(run) > 30
    assert run - image == set()
    assert {name for name, *_ in image - run} >= {"psycopg", "psycopg-binary"}
    assert not {name for name, *_ in image} & {"pyarrow", "pytest"}


def test_the_image_is_built_from_files_that_are_there() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert "-r requirements/image.lock" in dockerfile
    copied = re.findall(r"^COPY ([^-].*) \S+$", dockerfile, re.MULTILINE)
    assert len(copied) >= 4
    for name in " ".join(copied).split():
        assert (ROOT / name).exists(), name
