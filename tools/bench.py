"""What the notebooks cost, and how fast the panel and its page answer, measured and judged: `make bench`.

Each notebook is executed alone, in one thread, and its processor seconds are counted in yardsticks: what a
fixed piece of work (tools/yardstick.py) takes here, in the same run. So the limits hold from one machine to
the next, and two commits can be compared: `make bench ARGS="--against old.json"`. What was measured is written
to .cache/bench.json. Exits with 1 if a limit is passed.
"""

import argparse
import importlib.util
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path

import nbformat

from tests.browser import chromium
from tools import bench_page, bench_panel, publish
from tools.usage import ONE_THREAD

TOP = Path(__file__).resolve().parents[1]
README = TOP / "README.md"
RECORDS = TOP / "tools" / "times"  # the runs that README.md reports
OUTPUT = TOP / ".cache" / "bench.json"
GIVEN_UP = 3600  # seconds, for a notebook

# Seconds of a yardstick on the machine that the limits are meant for. Estimated, not measured there: the ten
# notebooks of commit 6cf6adc took 865 processor seconds there, and 37.8 yardsticks on another machine. (Single
# notebooks say from 17, where little is trained, to 27.)
REFERENCE = 22.9
# The panel's work scales otherwise: a change took 77 ms there, and 32 ms beside a yardstick of 7.1 s.
PANEL_REFERENCE = 17.0
THERE = {"yardsticks": REFERENCE, "panel yardsticks": PANEL_REFERENCE}  # seconds of each unit of time
SLOW = "two cores of an AMD EPYC (Zen 3)"

# Limits, in seconds on that machine; processor seconds of one thread for the notebooks
FIRST_NOTEBOOK, NOTEBOOK, TOGETHER = 40, 80, 495  # together: 45 a lesson
FIRST_PICTURE, LOADING = 15, 2  # from the start of the first notebook; for the images
STRENGTH, STRENGTH_95, FIRST_PANEL = 0.040, 0.080, 10  # of the panel: a change with six images; its start
# and limits that need no conversion
MEMORY = {"photos": 1.2, "cifar10": 1.5}  # GB, a kernel at its peak
RATIO, DRAG = 1.5, 300  # a key press beside the bare echo; ms until the last position after a drag
# and of the page, in ms: in Chromium, on two cores of the kind that continuous integration has
PAGE_ROWS = {
    "strength": ("page, key press to new pixels: median", 60),
    "handful": ("page, new noise to new pixels: median", 250),
    "opened": ("page, from opening to the first pictures: median", 1500),
    "photo": ("page, a photo of 300 x 200 denoised: median", 4000),
}


# ---------------------------------------------------------------- measuring


def output_of(*command, **options):
    return subprocess.check_output(command, cwd=TOP, stderr=subprocess.DEVNULL, **options).decode()


def yardstick():
    """Processor seconds that a yardstick takes here and now."""
    return sum(json.loads(output_of(sys.executable, "-m", "tools.yardstick")).values())


def loading():
    """Processor seconds in which a lesson gets its images, once they are on the computer."""
    program = ("import time; from helpers.data import load_images; load_images(); start = time.process_time(); "
               "load_images(); print(time.process_time() - start)")
    return float(output_of(sys.executable, "-c", program, env=publish.surroundings()).split()[-1])


def notebook_costs(names):
    """What each notebook used, and the yardsticks that were measured in between."""
    yardsticks, costs = [yardstick()], {}
    with tempfile.TemporaryDirectory(dir=TOP / ".cache") as folder:
        for number, name in enumerate(names, 1):
            print(f"{name} ...", end=" ", flush=True)
            notebook = publish.NOTEBOOKS / f"{name}.ipynb"
            executed = publish.run(notebook, Path(folder) / notebook.name, GIVEN_UP, **ONE_THREAD)
            notes = nbformat.read(executed, as_version=4).metadata
            costs[name] = notes["used"] | {"first_picture": notes.get("used_for_first_picture")}
            print(f"{notes['used']['processor_seconds']:.0f} processor seconds")
            if number % 4 == 0:
                yardsticks.append(yardstick())
    return costs, [*yardsticks, yardstick()]


def commit():
    """The commit that is measured, with a + where files have been changed since; None without git."""
    try:
        changed = output_of("git", "status", "--porcelain", "--untracked-files=no")
        return output_of("git", "rev-parse", "--short", "HEAD").strip() + "+" * bool(changed)
    except (OSError, subprocess.CalledProcessError):
        return None


def processor():
    """The name of the processor."""
    file = Path("/proc/cpuinfo")
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    names = re.findall(r"^model name\s*: (.*)", text, re.M)
    return names[0] if names else platform.processor() or platform.machine()


def measure(only, names, machine):
    """Everything that is measured, as it is written to the JSON."""
    every = sorted(path.stem for path in publish.NOTEBOOKS.glob("[0-9]*.ipynb"))
    if unknown := set(names) - set(every):
        sys.exit(f"There is no notebook {', '.join(sorted(unknown))}; there are {', '.join(every)}.")
    chosen = [] if only in ("panel", "page") else names or every
    costs, yardsticks = notebook_costs(chosen)
    length = statistics.median(yardsticks)
    images = publish.surroundings()["DENOISING_DATA"]
    rows = judge_notebooks(costs, length, images, list(costs) == every)
    if costs:
        rows.append(timed("loading the images", loading(), LOADING, length))
    if only != "notebooks" and chromium() and importlib.util.find_spec("playwright"):
        with tempfile.TemporaryDirectory(dir=TOP / ".cache") as folder:
            rows += judge_panel(bench_panel.measure(Path(folder)), length) if only != "page" else []
            rows += judge_page(bench_page.measure(Path(folder))) if only != "panel" else []
    elif only != "notebooks":
        print("Panel and page were not measured: that needs a Chromium, and pip install -e '.[browser]'.")
    return {
        "machine": machine or processor(), "processor": processor(), "cores": os.cpu_count(),
        "commit": commit(), "date": date.today().isoformat(), "images": images,
        "yardstick": {
            "seconds": length, "all": yardsticks,
            "seconds_there": REFERENCE, "there": f"{SLOW}; estimated from recorded runs, not measured there",
        },
        "notebooks": costs, "rows": rows,
    }


# ---------------------------------------------------------------- judging


def timed(what, seconds, limit, length, unit="yardsticks"):
    """A row of the table, (what, value, unit, limit): time in yardsticks of this length."""
    return what, seconds / length, unit, limit / THERE[unit]


def judge_notebooks(costs, length, images, every):
    """The rows for the notebooks."""
    rows, total = [], 0
    for name, cost in costs.items():
        limit = FIRST_NOTEBOOK if name.startswith("00") else NOTEBOOK
        rows.append(timed(name, cost["processor_seconds"], limit, length))
        total += cost["processor_seconds"]
    if every:
        rows.append(timed("all together", total, TOGETHER, length))
    for name, cost in costs.items():
        if name.startswith("00"):
            first = cost["first_picture"]["processor_seconds"]
            rows.append(timed(f"{name}: until its first picture", first, FIRST_PICTURE, length))
    for name, cost in costs.items():
        if cost["peak_memory"]:
            rows.append((f"{name}: peak memory", cost["peak_memory"], "GB", MEMORY[images]))
    return rows


def judge_panel(found, length):
    """The rows for the panel; what the kernel does alone is in yardsticks."""
    echo, panel = (statistics.median(found[name]) for name in ("echo", "panel"))
    kernel = [milliseconds / 1000 for milliseconds in found["kernel"]]
    middle, slow = statistics.median(kernel), statistics.quantiles(kernel, n=20)[-1]
    unit = "panel yardsticks"
    return [
        ("key press to new pixels: bare echo slider, median", echo, "ms", None),
        ("key press to new pixels: the panel, median", panel, "ms", None),
        ("  ratio", panel / echo, "", RATIO),
        ("last position after a drag of 40 steps in a second", max(found["drag"]), "ms", DRAG),
        timed("kernel, strength change with 6 images: median", middle, STRENGTH, length, unit),
        timed("kernel, the same: 95th percentile", slow, STRENGTH_95, length, unit),
        timed("first panel on screen", found["first"], FIRST_PANEL, length, unit),
    ]


def judge_page(found):
    """The rows for the page, in milliseconds."""
    rows = {name: row for name, row in PAGE_ROWS.items() if name in found}
    return [(what, statistics.median(found[name]), "ms", limit) for name, (what, limit) in rows.items()]


def too_much(row):
    _, value, _, limit = row
    return limit is not None and value > limit


# ---------------------------------------------------------------- telling


def table(found, old=None):
    """The rows as text, each with its change since another run."""
    before = {what: value for what, value, *_ in old["rows"]} if old else {}
    length = found["yardstick"]["seconds"]
    lines = [f"A yardstick is {length:.2f} s here and about {REFERENCE:g} s on {SLOW}, there for short."]
    if old:
        lines.append(f"In brackets the change since {old['commit']} of {old['date']} ({old['processor']}).")
    for row in found["rows"]:
        what, value, unit, limit = row
        line = f"{what:52}{value:9.{0 if value >= 1000 else 3}{'f' if value >= 1000 else 'g'}} {unit:16}"
        factor = THERE.get(unit, 1)
        line += f"{value * factor:9.3g} s there" if factor != 1 else " " * 17
        line += f", at most {limit * factor:g}" if limit is not None else ""
        line += f"  ({(value / before[what] - 1) * 100:+.0f}%)" if before.get(what) else ""
        lines.append(line + "  TOO MUCH" * too_much(row))
    return "\n".join(lines)


def overview(runs):
    """The table for README.md: seconds of one core, and gigabytes, for each notebook."""
    names = list(runs[0]["notebooks"])
    numbers = " | ".join(str(int(name[:2])) for name in names)
    lines = [f"| seconds of one core, for notebook | {numbers} | all | memory |"]
    lines.append("|:--|" + "--:|" * (len(names) + 2))
    for run in runs:
        seconds = [run["notebooks"][name]["processor_seconds"] for name in names]
        memory = max(run["notebooks"][name]["peak_memory"] or 0 for name in names)
        machines = {f"{run['machine']}, {run['date']}": 1}
        if run is runs[-1]:
            machines[f"computed from it: a slow machine, {SLOW}"] = REFERENCE / run["yardstick"]["seconds"]
        for machine, factor in machines.items():
            cells = " | ".join(f"{factor * s:.0f}" for s in (*seconds, sum(seconds)))
            lines.append(f"| {machine} | {cells} | {memory:.1f} GB |")
    return "\n".join(lines)


def into_readme(text, runs):
    """README.md with the table of these runs in its place."""
    begin, end = "<!-- times -->", "<!-- end of the times -->"
    before, rest = text.split(begin)
    return f"{before}{begin}\n{overview(runs)}\n{end}{rest.split(end)[1]}"


def recorded():
    """The runs that are kept."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(RECORDS.glob("*.json"))]


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="notebooks, as 02_noise_models; without names, all")
    parser.add_argument("--only", choices=("notebooks", "panel", "page"), help="measure nothing else")
    parser.add_argument("--against", type=Path, metavar="FILE", help="compare with the JSON of another run")
    parser.add_argument("--record", metavar="NAME", help="keep the run as tools/times/NAME.json, for README.md")
    parser.add_argument("--machine", help="what README.md calls this machine: 'a laptop (Core i5-1240P)'")
    parser.add_argument("--write", action="store_true", help="write the kept runs into README.md, and no more")
    wanted = parser.parse_args(arguments)
    if wanted.write:
        README.write_text(into_readme(README.read_text(encoding="utf-8"), recorded()), encoding="utf-8")
        return
    old = json.loads(wanted.against.read_text(encoding="utf-8")) if wanted.against else None
    found = measure(wanted.only, wanted.names, wanted.machine)
    for file in (OUTPUT, RECORDS / f"{wanted.record}.json")[: 1 + bool(wanted.record)]:
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(table(found, old))
    sys.exit(any(map(too_much, found["rows"])))


if __name__ == "__main__":
    main()
