"""Figures for `/metrics`; each is declared once, here."""

from prometheus_client import Counter, Gauge, Histogram

LANE_BATCH = Histogram(
    "konter_lane_batch_size", "Requests decided in one batch", ["lane"], buckets=(1, 2, 4, 8, 16, 32, 64, 128, 256, 512)
)
LANE_SECONDS = Histogram(
    "konter_lane_batch_seconds",
    "Time of one batch from lock to commit",
    ["lane"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
LANE_WAITING = Gauge("konter_lane_waiting", "Requests waiting for their batch", ["lane"])
LANE_REPEATS = Counter(
    "konter_lane_repeats_total", "Batches run again after a lost lock or a poisoned request", ["lane"]
)
OUTCOMES = Counter("konter_outcomes_total", "Outcomes of commands by code", ["command", "code"])
OUTBOX_WAITING = Gauge("konter_outbox_waiting", "Outbox rows not yet done", ["topic"])
OUTBOX_AGE = Gauge("konter_outbox_age_seconds", "Age of the oldest outbox row that is due", ["topic"])
OUTBOX_FAILED = Counter("konter_outbox_failed_total", "Outbox rows given up after the last attempt", ["topic"])
HTTP_SECONDS = Histogram(
    "konter_http_seconds",
    "Time to answer a request",
    ["method", "route", "status"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3),
)
BOOKS_BREAKS = Gauge("konter_books_breaks", "Proofs of the books that failed at the last nightly check")
