"""What other domains may use to write ledger changes together with rows of their own, in one statement.

A command puts CHANGES in front of its own CTEs, gives `change_parameters` first, ends in CHANGES_COUNTS, and calls
`assert_written`. See docs/adr/0005-one-statement-per-batch.md.
"""

from konter.ledger.model import Changes
from konter.ledger.queries import (
    CHANGES,
    CHANGES_COUNTS,
    CHANGES_LAST_PARAMETER,
    assert_written,
    bulk_credits,
    change_parameters,
    receipts_insert,
    write_changes,
)

__all__ = [
    "CHANGES",
    "CHANGES_COUNTS",
    "CHANGES_LAST_PARAMETER",
    "Changes",
    "assert_written",
    "bulk_credits",
    "change_parameters",
    "receipts_insert",
    "write_changes",
]
