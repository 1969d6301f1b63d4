"""The linters that hold script and style to Chrome 30 do catch what it cannot run."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


def lint(tool: str, name: str, text: str) -> subprocess.CompletedProcess[str]:
    assert (ROOT / "node_modules" / ".bin" / tool).exists(), "run `npm ci` first, as `make check` does"
    given = ["--stdin", "--stdin-filename", f"src/konter/web/outlet/static/{name}"]
    if tool == "eslint":
        given += ["--max-warnings", "0"]
    return subprocess.run(
        [str(ROOT / "node_modules" / ".bin" / tool), *given],
        cwd=ROOT,
        input=text,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.requirement("D-18")
@pytest.mark.parametrize("name", ["outlet.js", "sw.js"])
def test_our_script_runs_on_chrome_30(name: str) -> None:
    text = (ROOT / "src/konter/web/outlet/static" / name).read_text()
    assert lint("eslint", name, text).returncode == 0


@pytest.mark.requirement("D-18")
@pytest.mark.parametrize(
    "line",
    [
        "let a = 1; self.a = a;",
        "self.a = () => 1;",
        "self.a = `x`;",
        "self.fetch('/');",
        "self.a = new Promise(self.b);",
    ],
)
def test_newer_script_is_caught(line: str) -> None:
    assert lint("eslint", "new.js", f"{line}\n").returncode == 1


@pytest.mark.requirement("D-18")
def test_our_style_works_on_chrome_30() -> None:
    text = (ROOT / "src/konter/web/outlet/static/outlet.css").read_text()
    assert lint("stylelint", "outlet.css", text).returncode == 0


@pytest.mark.requirement("D-18")
@pytest.mark.parametrize(
    "rule",
    [
        "a{display:grid}",
        "a{color:var(--x)}",
        "a{position:sticky}",
        "a:is(b){color:#000}",
        "a:focus-visible{color:#000}",
    ],
)
def test_newer_style_is_caught(rule: str) -> None:
    assert lint("stylelint", "new.css", f"{rule}\n").returncode == 2
