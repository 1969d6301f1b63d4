"""On what the figures were taken."""

import platform
import subprocess
from pathlib import Path

import psutil  # type: ignore[import-untyped]

GB = 1 << 30


def machine(folder: Path) -> dict[str, str]:
    """Processor, memory, disk, versions; what cannot be found out is left out."""
    facts = {
        "processor": _processor(),
        "cores": str(len(psutil.Process().cpu_affinity())),
        "memory": f"{psutil.virtual_memory().total / GB:.0f} GB",
        "disk": _disk(folder),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "revision": _revision(),
    }
    return {name: value for name, value in facts.items() if value}


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()


def _disk(folder: Path) -> str:
    """The file system that holds the database."""
    holding = [part for part in psutil.disk_partitions(all=True) if folder.is_relative_to(part.mountpoint)]
    return max(holding, key=lambda part: len(part.mountpoint)).fstype if holding else ""


def _revision() -> str:
    try:
        done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout.strip()
