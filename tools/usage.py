"""What a process has used up to now, with its threads and children: for `make test` and `make bench`."""

import contextlib
import re
from pathlib import Path

import psutil

ONE_THREAD = dict.fromkeys(  # environment variables
    ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)


def usage(pid):
    """Processor seconds, and the peak memory of the largest process in GB; None where nothing says it."""
    seconds, peaks = 0, []
    with contextlib.suppress(psutil.Error):  # it has ended
        kernel = psutil.Process(pid)
        times = kernel.cpu_times()
        seconds = times.children_user + times.children_system if hasattr(times, "children_user") else 0
        for process in (kernel, *kernel.children(recursive=True)):
            with contextlib.suppress(psutil.Error, OSError):
                times = process.cpu_times()
                seconds += times.user + times.system
                peaks.append(peak_memory(process))
    return seconds or None, max(filter(None, peaks), default=None)


def peak_memory(process):
    """In GB. What Linux gives as `ru_maxrss` would start at the size of the process that started this one."""
    if psutil.LINUX:
        status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        return sum(map(int, re.findall(r"^VmHWM:\s*(\d+) kB", status, re.M))) * 1024 / 1e9
    return getattr(process.memory_info(), "peak_wset", 0) / 1e9 or None  # Windows has it, macOS does not
