"""Settings, from the environment and a `.env` file, read once at start and passed on."""

import os
import secrets
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from cryptography.fernet import Fernet
from dotenv import dotenv_values

from konter.platform.folders import make_private
from konter.platform.forms import whole

Mode = Literal["live", "demo", "test"]
WebAddress = Annotated[str, msgspec.Meta(pattern=whole("(https?://.+)?"))]
AtLeastOne = Annotated[int, msgspec.Meta(ge=1)]  # with none of them everything waits for ever
LANGUAGE = "KONTER_LANG"  # of the terminal, and of nothing that is set up


class SettingsError(ValueError):
    """A setting is missing or malformed; the text says which and how to mend it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Everything an installation may set. Names in the environment are `KONTER_` plus the field's name in capitals."""

    data: Path
    mode: Mode = "live"
    database_url: str = ""  # empty: the embedded PostgreSQL under `data`
    pepper: str = ""  # hex, 32 bytes: the key of PIN, OTP and token hashes, kept outside the database
    seal_keys: str = ""  # comma-separated Fernet keys, newest first: what waits in the outbox is sealed with them
    host: str = "127.0.0.1"
    port: int = 8080
    base_url: str = ""  # how outlets reach this server; empty: http://host:port
    workers: AtLeastOne = 1
    pool_size: AtLeastOne = 8
    lane_batch_max: AtLeastOne = 256
    lane_queue_max: AtLeastOne = 4096
    cell_groups: Annotated[int, msgspec.Meta(ge=1, le=16)] = 1  # lanes per step; sales between groups take two steps
    body_bytes_max: AtLeastOne = 64 * 1024
    secure_cookies: bool = False  # set behind TLS
    trusted_proxies: str = "127.0.0.1,::1"  # comma-separated addresses whose X-Forwarded-For is believed
    log_level: str = "info"
    worker_metrics_port: int = 0  # the worker's own /metrics on `host`; 0: none
    network_url: WebAddress = ""  # the network that delivers every sale; empty: Konter itself delivers
    network_token: str = ""  # what Konter and the network show each other, as bearer
    network_timeout_s: Annotated[float, msgspec.Meta(gt=0, le=60)] = 2.0  # what takes longer has no known outcome
    network_calls_max: AtLeastOne = 64  # calls to the network at once, per process
    network_port: int = 0  # of the simulated network, on 127.0.0.1; 0: any free one

    @property
    def address(self) -> str:
        """The base address of links in messages and pages, without a slash at the end."""
        return (self.base_url or f"http://{self.host}:{self.port}").rstrip("/")


def load_settings(env_file: Path | None = None, **given: object) -> Settings:
    """Settings from `.env`, over them the environment, over them what the caller gives. Raises SettingsError."""
    values: dict[str, object] = {"data": ".konter"}
    sources = (dotenv_values(env_file or Path(".env")), dict(os.environ))
    for source in sources:
        for name, value in source.items():
            if name.startswith("KONTER_") and name != LANGUAGE and value is not None:
                values[name.removeprefix("KONTER_").lower()] = value
    values.update({name: value for name, value in given.items() if value is not None})
    values["data"] = Path(str(values["data"])).resolve()
    known = set(Settings.__struct_fields__)
    if unknown := sorted(set(values) - known):
        raise SettingsError(f"unknown setting KONTER_{unknown[0].upper()}; known are {', '.join(sorted(known))}")
    try:
        return msgspec.convert(values, Settings, strict=False, dec_hook=lambda _, value: value)
    except msgspec.ValidationError as error:
        raise SettingsError(f"KONTER_{str(error).split('$.')[-1].strip('`').upper()}: {error}") from error


def with_local_secrets(settings: Settings) -> Settings:
    """Make pepper and sealing key on first use and keep them under `data/secrets.env` (0600).

    For the demo, tests and a first look. A live installation sets both itself, outside the data folder's backups.
    """
    if settings.pepper and settings.seal_keys:
        return settings
    file = settings.data / "secrets.env"
    if not file.exists():
        make_private(settings.data)
        draft = file.with_suffix(f".{os.getpid()}")
        draft.touch(mode=0o600)
        draft.write_text(f"PEPPER={secrets.token_hex(32)}\nSEAL_KEYS={Fernet.generate_key().decode()}\n")
        try:
            os.link(draft, file)  # two starts at once: the first one's secrets stand
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    kept = dotenv_values(file)
    return msgspec.structs.replace(
        settings,
        pepper=settings.pepper or kept["PEPPER"] or "",
        seal_keys=settings.seal_keys or kept["SEAL_KEYS"] or "",
    )


def to_environment(settings: Settings) -> dict[str, str]:
    """The settings as variables for child processes, so that they need not read files again."""
    values = msgspec.structs.asdict(settings)
    return {f"KONTER_{name.upper()}": str(value) for name, value in values.items()}
