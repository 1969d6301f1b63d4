"""Why no operator of a given size is built."""

from konter.platform.refusal import refusal_kind

DEMO_SIZE_OUT_OF_RANGE = refusal_kind("DEMO_SIZE_OUT_OF_RANGE", 422)
DEMO_SALES_WITHOUT_MONEY = refusal_kind("DEMO_SALES_WITHOUT_MONEY", 422)
DEMO_OTHER_SIZE = refusal_kind("DEMO_OTHER_SIZE", 409)
DEMO_DISK_FULL = refusal_kind("DEMO_DISK_FULL", 507)
