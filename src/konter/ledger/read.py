"""What other domains may read of the ledger under their own locks."""

from konter.ledger.queries import balance_at, lock_owners, read_accounts, read_debited, read_pending

__all__ = ["balance_at", "lock_owners", "read_accounts", "read_debited", "read_pending"]
