"""Real projects, built by cpc: their own tests pass, and what they print is what gcc's build prints."""

from __future__ import annotations

import pytest

from tests.projects.recipes import PROJECTS, Project
from tests.projects.runner import run_project


@pytest.mark.lab
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_project(project: Project) -> None:
    report = run_project(project)
    assert report.passed, report.fault
