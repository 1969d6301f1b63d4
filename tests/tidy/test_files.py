"""What stands beside the code: locks, links, commands, requirement ids."""

import re
from pathlib import Path

import pytest
from tests.tidy.sources import ROOT, source, sources
from tools import requirements

LINK = re.compile(r"\]\(([^)#\s]+)[^)]*\)")
TICKED_PATH = re.compile(r"`((?:src|tests|docs|tools|migrations|bench)/[\w./-]+)`")
DOCUMENTS = [each.path for each in sources() if each.path.endswith(".md")]
DOMAINS = ["access", "catalogue", "channel", "conduct", "ledger", "messaging", "rules", "sales", "subscriber", "terms"]
README_LINES_MAX = 20
ADDRESS = re.compile(r"https?://|git\+|--(extra-)?index-url|--find-links| @ ")


def requirement_blocks(lock: str) -> list[str]:
    """One block of lines for each package of a pip requirements file."""
    return re.split(r"\n(?=\S)", lock.strip())


def test_every_package_is_locked_by_hash() -> None:
    blocks = requirement_blocks(source("requirements.lock").text)
    assert len(blocks) > 50
    assert not [block.split()[0] for block in blocks if "==" not in block or "--hash=sha256:" not in block]


def test_the_lock_names_no_address() -> None:
    assert not ADDRESS.findall(source("requirements.lock").text)
    assert '"resolved"' not in source("package-lock.json").text


def test_what_pyproject_pins_is_what_is_locked() -> None:
    locked = {block.split()[0].split("[")[0] for block in requirement_blocks(source("requirements.lock").text)}
    pinned = re.findall(r'^  "([\w.-]+)(?:\[\w+\])?==([\w.]+)"', source("pyproject.toml").text, re.MULTILINE)
    assert len(pinned) > 20
    assert not [f"{name}=={version}" for name, version in pinned if f"{name}=={version}" not in locked]


@pytest.mark.parametrize("path", DOCUMENTS)
def test_a_document_names_only_files_that_exist(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")
    folder = (ROOT / path).parent
    links = [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]
    assert not [link for link in links if not (folder / link).exists()]
    assert not [named for named in TICKED_PATH.findall(text) if not (ROOT / named).exists()]


@pytest.mark.parametrize("domain", DOMAINS)
def test_every_domain_says_what_it_is(domain: str) -> None:
    """Its nouns and what always holds, short enough to be read each time."""
    readme = ROOT / "src" / "konter" / domain / "README.md"
    assert 5 <= readme.read_text(encoding="utf-8").count("\n") <= README_LINES_MAX


def test_every_adr_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "docs" / "adr").glob("*.md"))]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_every_migration_has_its_own_number() -> None:
    numbers = [path.name[:4] for path in sorted((ROOT / "migrations").glob("*.sql"))]
    assert numbers == [f"{n:04}" for n in range(1, len(numbers) + 1)]


def test_every_command_says_what_it_does() -> None:
    makefile = source("Makefile").text
    declared = re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)
    described = re.findall(r"^([a-z-]+):.*## \S.*\.$", makefile, re.MULTILINE)
    assert declared is not None
    assert declared[1].split() == described


def test_the_checks_of_every_day_are_those_of_ci() -> None:
    assert source(".ci/run").text.endswith("make check\nmake test\n")
    assert (ROOT / ".ci" / "run").stat().st_mode & 0o111


def test_no_test_proves_a_requirement_that_does_not_exist() -> None:
    known = requirements.known()
    assert len(known) == 292
    assert not {id_: tests for id_, tests in requirements.proofs().items() if id_ not in known}


def test_every_proof_is_found_by_its_name() -> None:
    """The list is read from the sources; what it names must be what pytest runs."""
    for tests in requirements.proofs().values():
        for test in tests:
            path, _, name = test.partition("::")
            assert f"def {name.rpartition('::')[2]}(" in Path(ROOT / path).read_text(encoding="utf-8")
