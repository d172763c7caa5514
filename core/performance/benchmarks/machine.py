"""What a benchmark runs on."""

import os
import platform
from pathlib import Path

import psutil

from core.performance.benchmarks.schemas import Machine

_CPU_INFO = Path("/proc/cpuinfo")


def machine(place: Path) -> Machine:
    """Describe this machine; blocks for a moment.

    Args:
        place: The folder of the file that is measured.
    """
    return Machine(
        system=f"{platform.system()} {platform.release()}",
        processor=_processor(),
        cores=os.cpu_count() or 1,
        memory_bytes=psutil.virtual_memory().total,
        python=platform.python_version(),
        place=str(place),
    )


def _processor() -> str:
    try:
        for line in _CPU_INFO.read_text("utf-8", "replace").splitlines():
            name, _colon, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        return platform.processor()
    return platform.processor() or platform.machine()
