"""The committed API description is this code's, and says what clients rely on."""

from __future__ import annotations

import json

from tests.api.description import FILE, describe

CONTRACT = {
    "/v1/scans": {"get", "post"},
    "/v1/scans/{scan_id}": {"get", "delete"},
    "/v1/scans/{scan_id}/events": {"get"},
    "/v1/scans/{scan_id}/cancel": {"post"},
    "/v1/scans/{scan_id}/suspects/{suspect_id}/decision": {"put"},
    "/v1/accounts": {"post"},
    "/v1/accounts/lookup": {"post"},
    "/v1/accounts/erase": {"post"},
    "/v1/subjects": {"get", "post"},
    "/v1/subjects/{id}": {"get", "patch", "delete"},
    "/v1/subjects/preview": {"post"},
    "/v1/checks": {"post"},
    "/v1/compare": {"post"},
    "/v1/hashes": {"post"},
    "/v1/sources": {"get"},
    "/v1/platforms": {"get"},
    "/v1/routes": {"post"},
    "/livez": {"get"},
    "/readyz": {"get"},
}


def test_the_committed_description_has_not_drifted() -> None:
    assert FILE.read_text(encoding="utf-8") == describe(), "run `make docs` and read the difference"


def test_the_description_covers_the_contract() -> None:
    described = json.loads(describe())
    assert described["openapi"].startswith("3.1")
    for path, methods in CONTRACT.items():
        assert methods <= described["paths"][path].keys(), path


def test_operation_ids_are_explicit_and_distinct() -> None:
    paths = json.loads(describe())["paths"]
    ids = [operation["operationId"] for methods in paths.values() for operation in methods.values()]
    assert len(set(ids)) == len(ids)
    assert all("_v1_" not in operation_id for operation_id in ids)


def test_handles_never_stand_in_a_url() -> None:
    assert not [path for path in json.loads(describe())["paths"] if "handle" in path or "name" in path]
