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
NETWORK_CALLS = Counter("konter_network_calls_total", "Calls to the network by what came of them", ["call", "outcome"])
NETWORK_SECONDS = Histogram(
    "konter_network_call_seconds",
    "Time of one call to the network",
    ["call"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 5),
)
NETWORK_CIRCUIT = Gauge("konter_network_circuit", "The network's circuit breaker: 0 closed, 1 trying, 2 open")
PRODUCTS_TROUBLED = Gauge("konter_products_troubled", "Products that are slow or closed by their own sales", ["state"])
SALES_CHECKING = Gauge("konter_sales_checking", "Sales whose outcome is not known")
SALES_CHECKING_AGE = Gauge("konter_sales_checking_age_seconds", "Age of the oldest sale whose outcome is not known")
SALE_LOOKS = Counter(
    "konter_sale_looks_total",
    "Looks at sales whose outcome was not known, by what was asked and answered",
    ["how", "answer"],
)
NETWORK_CLAIMS = Counter(
    "konter_network_claims_total", "What the network told of its own accord, by how it was taken", ["word"]
)
