"""Settings: from file, environment and caller, in that order; what is wrong is named."""

import os
import stat
from pathlib import Path

import pytest

from konter.platform.config import SettingsError, load_settings, with_local_secrets
from konter.platform.secrets import Keys


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("KONTER_")]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


def env_file(tmp_path: Path, text: str) -> Path:
    file = tmp_path / "my.env"
    file.write_text(text)
    return file


def test_it_works_without_any_setting(tmp_path: Path) -> None:
    settings = load_settings()
    assert (settings.mode, settings.port, settings.data) == ("live", 8080, (tmp_path / ".konter").resolve())
    assert settings.address == "http://127.0.0.1:8080"


def test_the_language_of_the_terminal_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONTER_LANG", "en")
    assert load_settings().mode == "live"


def test_the_caller_goes_over_the_environment_and_that_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = env_file(tmp_path, "KONTER_PORT=1001\nKONTER_WORKERS=3\nKONTER_POOL_SIZE=5\nOTHER=1\n")
    monkeypatch.setenv("KONTER_PORT", "1002")
    monkeypatch.setenv("KONTER_WORKERS", "4")
    settings = load_settings(file, port=1003, host=None)
    assert (settings.port, settings.workers, settings.pool_size, settings.host) == (1003, 4, 5, "127.0.0.1")


def test_a_file_named_env_in_the_folder_is_read(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("KONTER_MODE=demo\nKONTER_SECURE_COOKIES=true\n")
    settings = load_settings()
    assert (settings.mode, settings.secure_cookies) == ("demo", True)


def test_a_setting_nobody_knows_is_named_and_so_are_those_that_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KONTER_PROT", "1")
    with pytest.raises(SettingsError, match=r"unknown setting KONTER_PROT; known are .*port"):
        load_settings()


@pytest.mark.parametrize(
    ("name", "value"),
    [("PORT", "many"), ("PORT", ""), ("MODE", "prod"), ("SECURE_COOKIES", "perhaps"), ("WORKERS", "1.5")],
)
def test_a_malformed_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"KONTER_{name}", value)
    with pytest.raises(SettingsError, match=f"^KONTER_{name}: "):
        load_settings()


def test_links_begin_with_the_base_url_without_a_slash() -> None:
    assert load_settings(base_url="https://jual.example/").address == "https://jual.example"


def test_secrets_are_made_once_kept_and_only_the_owner_reads_them(tmp_path: Path) -> None:
    first = with_local_secrets(load_settings())
    second = with_local_secrets(load_settings())
    assert (first.pepper, first.seal_keys) == (second.pepper, second.seal_keys)
    assert len(first.pepper) == 64
    file = tmp_path / ".konter" / "secrets.env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [each.name for each in file.parent.iterdir()] == ["secrets.env"]
    Keys(pepper=first.pepper, seal_keys=first.seal_keys)


@pytest.mark.parametrize(("user", "mode"), [(1000, 0o700), (0, 0o711)])
def test_a_new_data_folder_is_nobody_elses_to_list(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, user: int, mode: int
) -> None:
    monkeypatch.setattr("konter.platform.folders.os.geteuid", lambda: user)
    with_local_secrets(load_settings(data=tmp_path / "over" / "data"))
    assert stat.S_IMODE((tmp_path / "over" / "data").stat().st_mode) == mode


def test_a_data_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data").chmod(0o750)
    with_local_secrets(load_settings(data=tmp_path / "data"))
    assert stat.S_IMODE((tmp_path / "data").stat().st_mode) == 0o750


def test_secrets_that_are_set_are_not_replaced(tmp_path: Path) -> None:
    settings = with_local_secrets(load_settings(pepper="aa" * 32))
    assert settings.pepper == "aa" * 32
    assert settings.seal_keys
    both = with_local_secrets(load_settings(pepper="bb" * 32, seal_keys="k", data=str(tmp_path / "other")))
    assert (both.pepper, both.seal_keys) == ("bb" * 32, "k")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("NETWORK_CALLS_MAX", "0"),
        ("NETWORK_TIMEOUT_S", "0"),
        ("NETWORK_TIMEOUT_S", "inf"),
        ("NETWORK_TIMEOUT_S", "nan"),
        ("NETWORK_URL", "localhost:99"),
        ("LANE_BATCH_MAX", "0"),
        ("POOL_SIZE", "-1"),
    ],
)
def test_a_value_with_which_sales_would_wait_for_ever(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(f"KONTER_{name}", value)
    with pytest.raises(SettingsError, match=f"KONTER_{name}"):
        load_settings()
