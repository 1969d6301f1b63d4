"""How an import says no to a whole file. The sentences stand in texts/importing.toml."""

from konter.platform.refusal import refusal_kind

CHANNEL_FILE_REFUSED = refusal_kind("CHANNEL_FILE_REFUSED", 422)
