"""SARIF as its JSON schema wants it.  The schema is fetched, so this runs in the lab."""

from __future__ import annotations

import json
import shutil
import subprocess
import tarfile
from pathlib import Path

import jsonschema
import pytest

from cpc.report import write
from tests.report.test_report import findings  # noqa: F401  # a fixture

_PACKAGE = "@microsoft/jest-sarif@1.0.0-beta.0"  # has the schema among its files


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> object:
    if shutil.which("npm") is None:
        pytest.skip("npm, which fetches the schema, is not installed")
    folder = tmp_path_factory.mktemp("schema")
    subprocess.run(["npm", "pack", "--silent", _PACKAGE], cwd=folder, check=True, capture_output=True)
    (archive,) = folder.glob("*.tgz")
    with tarfile.open(archive) as tar:
        name = next(m for m in tar.getnames() if "sarif-2.1.0" in m and m.endswith(".json"))
        stream = tar.extractfile(name)
        assert stream is not None
        return json.load(stream)


@pytest.mark.lab
def test_valid(findings: list, schema: dict, tmp_path: Path) -> None:  # type: ignore[type-arg]  # noqa: F811
    for some in (findings, []):
        jsonschema.validate(json.loads(write("sarif", some)), schema)
