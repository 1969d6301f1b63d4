"""PostgreSQL from a wheel, run beside Konter when no KONTER_DATABASE_URL is given. See ADR 0002."""

from konter.platform.embedded.run import EmbeddedError
from konter.platform.embedded.server import EmbeddedServer, start_embedded
from konter.platform.embedded.system import wheel_bin_dir

__all__ = ["EmbeddedError", "EmbeddedServer", "start_embedded", "wheel_bin_dir"]
