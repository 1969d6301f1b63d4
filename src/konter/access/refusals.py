"""How access says no. Codes are stable; the sentences stand in texts/access.toml."""

from konter.platform.refusal import refusal_kind

BAD_CREDENTIALS = refusal_kind("BAD_CREDENTIALS", 401)
ACCOUNT_LOCKED = refusal_kind("ACCOUNT_LOCKED", 423)
INITIAL_PASSWORD_EXPIRED = refusal_kind("INITIAL_PASSWORD_EXPIRED", 403)
APP_BLOCKED = refusal_kind("APP_BLOCKED", 403)
OTP_WRONG = refusal_kind("OTP_WRONG", 401)
OTP_EXPIRED = refusal_kind("OTP_EXPIRED", 410)
OTP_RESEND_TOO_SOON = refusal_kind("OTP_RESEND_TOO_SOON", 429)
OTP_TOO_MANY = refusal_kind("OTP_TOO_MANY", 429)
LOGIN_NOT_FOUND = refusal_kind("LOGIN_NOT_FOUND", 404)
SESSION_EXPIRED = refusal_kind("SESSION_EXPIRED", 401)
SESSION_NOT_FOUND = refusal_kind("SESSION_NOT_FOUND", 404)
PASSWORD_CHANGE_REQUIRED = refusal_kind("PASSWORD_CHANGE_REQUIRED", 403)
TERMS_NOT_ACCEPTED = refusal_kind("TERMS_NOT_ACCEPTED", 403)
PIN_NOT_SET = refusal_kind("PIN_NOT_SET", 403)
PIN_ALREADY_SET = refusal_kind("PIN_ALREADY_SET", 409)
WRONG_PASSWORD = refusal_kind("WRONG_PASSWORD", 401)
WRONG_PIN = refusal_kind("WRONG_PIN", 401)
PIN_LOCKED = refusal_kind("PIN_LOCKED", 423)
WEAK_PASSWORD = refusal_kind("WEAK_PASSWORD", 422)
WEAK_PIN = refusal_kind("WEAK_PIN", 422)
