"""The programs of tcc's and sdcc's suites do under cpc what they do under gcc, unless clang fails alike."""

from __future__ import annotations

import multiprocessing

import pytest

from tests.suites import sdcc, tcc
from tests.suites.case import Case
from tests.suites.runner import BAD, Verdict, judge
from tests.torture.compilers import load_cpc


def _judge(job: tuple[Case, str]) -> Verdict | None:
    return judge(*job)


@pytest.mark.lab
@pytest.mark.timeout(7200)
@pytest.mark.parametrize("suite", ["tcc", "sdcc"])
def test_suite(suite: str) -> None:
    jobs = [(case, level) for case in {"tcc": tcc, "sdcc": sdcc}[suite].cases() for level in ("0", "2")]
    with multiprocessing.get_context("fork").Pool(2, load_cpc) as pool:
        verdicts = [verdict for verdict in pool.imap_unordered(_judge, jobs, chunksize=4) if verdict]
    assert len(verdicts) > 100
    faults = [v for v in verdicts if v.kind in BAD and v.clang == "passed"]
    assert [(v.name, v.level, v.kind) for v in faults] == []
