"""How machines, and whoever looks after them, are refused. The sentences stand in texts/clients.toml."""

from konter.platform.refusal import refusal_kind

BAD_API_KEY = refusal_kind("BAD_API_KEY", 401)
SCOPE_MISSING = refusal_kind("SCOPE_MISSING", 403)
UNKNOWN_SCOPE = refusal_kind("UNKNOWN_SCOPE", 422)
CLIENT_NAME_TAKEN = refusal_kind("CLIENT_NAME_TAKEN", 409)
CLIENT_NOT_FOUND = refusal_kind("CLIENT_NOT_FOUND", 404)
TOO_MANY_KEYS = refusal_kind("TOO_MANY_KEYS", 409)
API_KEY_NOT_FOUND = refusal_kind("API_KEY_NOT_FOUND", 404)
