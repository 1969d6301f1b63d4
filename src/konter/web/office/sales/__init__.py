"""Sales: one with its story, the queues about money, items of the reconciliation, and what is sold."""
