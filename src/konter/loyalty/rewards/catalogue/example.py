"""An example of a file of rewards: a merchant, and a reward of each kind. Pure.

Its rows are notes, so that the file may be sent as it is and offers nothing; without the `#` each is taken.
"""

from collections.abc import Sequence
from datetime import date

NOTE = "#"


def example_rows(first_day: date, *, brand: str, tier: str) -> Sequence[dict[str, str]]:
    """Rows as cells by column. `first_day`: on which their offers begin; `brand` and `tier`: such as the rules know."""
    begins = first_day.isoformat()
    terms = {"terms_id": "Satu kali untuk setiap penukaran.", "terms_en": "Once for each redemption."}
    return (
        {"row": "merchant", "code": "TOKOCONTOH", "name": "Toko Contoh"},
        {
            "row": "reward",
            "code": "DATACONTOH",
            "kind": "telco",
            "sort": "10",
            "points": "100",
            "name_id": "Data 1 GB",
            "name_en": "Data 1 GB",
            "valid_from": begins,
            "source": "data",
            "quantity": "1 GB",
            "days": "7",
            "quota": "2",
            "quota_per": "month",
            "kinds": "prepaid",
            "brands": brand,
            **terms,
        },
        {"row": "bucket", "code": "DATACONTOH", "source": "sms", "quantity": "50 SMS", "days": "7"},
        {
            "row": "reward",
            "code": "NADACONTOH",
            "kind": "digital",
            "sort": "20",
            "points": "30",
            "name_id": "Nada sambung 30 hari",
            "name_en": "Ring-back tone 30 days",
            "valid_from": begins,
            "days": "30",
            "provider": "tones",
            "item": "RBT30",
            **terms,
        },
        {
            "row": "reward",
            "code": "KOPICONTOH",
            "kind": "merchant",
            "sort": "30",
            "points": "12",
            "name_id": "Kopi gratis",
            "name_en": "Free coffee",
            "valid_from": begins,
            "days": "30",
            "last_day": f"{first_day.year + 1}-12-31",
            "merchant": "TOKOCONTOH",
            "stock": "500",
            "tier": tier,
            **terms,
        },
    )
