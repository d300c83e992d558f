"""`make bench`: its limits hold from one machine to the next, and README.md says what was recorded."""

import json
import os

import pytest

from tools import bench, yardstick
from tools.usage import ONE_THREAD

LENGTH = 10.0  # seconds of a yardstick on the machine of these tests
USED = {"seconds": 12.0, "processor_seconds": 10.0, "peak_memory": 1.0, "first_picture": {"processor_seconds": 2.0}}


def costs(**changes):
    names = ("00_start_here", "04_skip_connections")
    return {name: USED | changes.get(name[:2], {}) for name in names}


def found(**changes):
    rows = bench.judge_notebooks(costs(**changes), LENGTH, "photos", every=True)
    return {"machine": "a laptop", "processor": "Some CPU", "commit": "abc1234", "date": "2026-01-31",
            "yardstick": {"seconds": LENGTH}, "notebooks": costs(**changes), "rows": rows}


def test_a_machine_that_is_slow_in_all_it_does_passes_all_the_same():
    quick = bench.judge_notebooks(costs(), LENGTH, "photos", True)
    slow = {name: cost | {"processor_seconds": 7 * cost["processor_seconds"]} for name, cost in costs().items()}
    assert not any(map(bench.too_much, quick))
    assert not any(map(bench.too_much, bench.judge_notebooks(slow, 7 * LENGTH, "photos", True)))
    assert any(map(bench.too_much, bench.judge_notebooks(slow, LENGTH, "photos", True)))


@pytest.mark.parametrize("number, change, fault", [
    ("00", {"processor_seconds": 41 / bench.REFERENCE * LENGTH}, "00_start_here"),
    ("04", {"processor_seconds": 81 / bench.REFERENCE * LENGTH}, "04_skip_connections"),
    ("00", {"first_picture": {"processor_seconds": 16 / bench.REFERENCE * LENGTH}}, "until its first picture"),
    ("04", {"peak_memory": 1.3}, "04_skip_connections: peak memory"),
])  # fmt: skip
def test_what_is_over_a_limit_is_named(number, change, fault):
    (line,) = [line for line in bench.table(found(**{number: change})).splitlines() if "TOO MUCH" in line]
    assert fault in line
    assert "TOO MUCH" not in bench.table(found())


def test_the_page_is_judged_in_milliseconds_by_its_median():
    found = {"strength": [59, 1000, 20], "handful": [251, 251, 1], "opened": [1400] * 3}
    rows = bench.judge_page(found)
    assert [value for _, value, *_ in rows] == [59, 251, 1400] and list(map(bench.too_much, rows)) == [False, True, False]
    assert "new noise" in rows[1][0] and len(bench.judge_page(found | {"photo": [10]})) == 4


def test_the_memory_that_is_allowed_depends_on_the_images():
    big = costs(**{"04": {"peak_memory": 1.4}})
    assert any(map(bench.too_much, bench.judge_notebooks(big, LENGTH, "photos", True)))
    assert not any(map(bench.too_much, bench.judge_notebooks(big, LENGTH, "cifar10", True)))


def test_another_run_can_be_compared_with():
    lines = bench.table(found(**{"04": {"processor_seconds": 12.0}}), json.loads(json.dumps(found()))).splitlines()
    assert "abc1234 of 2026-01-31" in lines[1]
    assert [line for line in lines if line.startswith("04_skip_connections ") and "(+20%)" in line]
    assert [line for line in lines if line.startswith("00_start_here ") and "(+0%)" in line]


def test_a_run_is_written_and_judged(monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(bench, "OUTPUT", tmp_path / "bench.json")
    for seconds, verdict in ((10.0, 0), (1000.0, 1)):
        monkeypatch.setattr(bench, "measure", lambda *wanted: found(**{"04": {"processor_seconds": seconds}}))
        with pytest.raises(SystemExit) as ended:
            bench.main(["--only=notebooks"])
        assert ended.value.code == verdict
        written = json.loads(bench.OUTPUT.read_text(encoding="utf-8"))
        assert written["notebooks"]["04_skip_connections"]["processor_seconds"] == seconds
        assert "a yardstick is 10.00 s here" in capsys.readouterr().out.lower()


def test_the_table_of_readme_is_made_from_the_recorded_runs():
    readme = bench.README.read_text(encoding="utf-8")
    runs = bench.recorded()
    assert runs and bench.into_readme(readme, runs) == readme
    changed = bench.into_readme(readme, [found(), found(**{"04": {"processor_seconds": 77.0}}) | {"machine": "another"}])
    assert "| a laptop, 2026-01-31 | 10 | 10 | 20 | 1.0 GB |" in changed and "| another, 2026-01-31 | 10 | 77 | 87 | 1.0 GB |" in changed
    assert f"| {10 * bench.REFERENCE / LENGTH:.0f} | {77 * bench.REFERENCE / LENGTH:.0f} |" in changed


def test_a_yardstick_is_the_sum_of_its_parts_in_one_thread(monkeypatch):
    monkeypatch.setattr(yardstick.os, "environ", dict(os.environ))
    seconds = yardstick.work(steps=1, products=1)
    assert list(seconds) == ["start", "network", "convolutions", "matrices"] and min(seconds.values()) >= 0
    assert all(yardstick.os.environ[name] == "1" for name in ONE_THREAD)
    monkeypatch.setattr(bench, "output_of", lambda *command: json.dumps(seconds))
    assert bench.yardstick() == sum(seconds.values())
