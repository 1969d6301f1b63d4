"""How conduct says no. The sentences stand in texts/conduct.toml."""

from konter.platform.refusal import refusal_kind

ALREADY_BLACKLISTED = refusal_kind("ALREADY_BLACKLISTED", 409)
BLACKLIST_ENTRY_NOT_FOUND = refusal_kind("BLACKLIST_ENTRY_NOT_FOUND", 404)
BLACKLIST_ENTRY_LIFTED = refusal_kind("BLACKLIST_ENTRY_LIFTED", 409)
SECOND_PERSON_NEEDED = refusal_kind("SECOND_PERSON_NEEDED", 403)
