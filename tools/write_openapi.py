"""Writes the API's description to docs/api/openapi.json, from the application itself. A test compares the two."""

import json
from pathlib import Path

from konter.api.description import describe
from konter.asgi import create_app
from konter.platform.config import Settings

DOCUMENT = Path(__file__).parent.parent / "docs" / "api" / "openapi.json"


def openapi_text() -> str:
    """The description of a live installation's API: without the simulator. The database is not asked."""
    app = create_app(Settings(data=Path("/nowhere"), mode="live"), database_url="")
    return json.dumps(describe(app), indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def main() -> None:
    """Write it."""
    DOCUMENT.parent.mkdir(parents=True, exist_ok=True)
    DOCUMENT.write_text(openapi_text(), encoding="utf-8")
    print(f"wrote {DOCUMENT.name}")


if __name__ == "__main__":
    main()
