"""Fuzzing from the API's own description: no request, however odd, gets a 500 or an answer that is not described."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance

from app.main import create_app
from app.settings import Settings
from app.storage.migrate import upgrade

_FOLDER = tempfile.TemporaryDirectory()
_APP = create_app(Settings(data_dir=Path(_FOLDER.name)))
upgrade(_APP.state.db)
schema = schemathesis.openapi.from_asgi("/openapi.json", _APP)


@pytest.mark.slow
@pytest.mark.timeout(600)
@schema.exclude(path_regex="/events$").parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_request_breaks_an_operation(case: schemathesis.Case[Any]) -> None:
    headers = {"Host": "localhost"}
    case.call_and_validate(
        headers=headers,
        checks=[not_a_server_error, content_type_conformance, response_schema_conformance],
    )
