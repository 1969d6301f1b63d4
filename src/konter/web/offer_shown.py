"""What somebody was shown of an offer before confirming it, as the form brings it back."""

from datetime import datetime

import msgspec

from konter.loyalty.rewards.catalogue.model import Offer
from konter.platform.cursor import micros_of, micros_text
from konter.web.pages import Form

POINTS_DIGITS_MAX = 9


class Shown(msgspec.Struct, frozen=True):
    """The price, and since when the offer is as it was: a redemption of another one is refused."""

    points: int
    offer_from: datetime | None

    @classmethod
    def in_form(cls, form: Form) -> "Shown | None":
        """From the hidden fields; None where they are no price."""
        points = form.text("poin")
        if not (points.isascii() and points.isdigit() and len(points) <= POINTS_DIGITS_MAX):
            return None
        return cls(int(points), micros_of(form.text("sejak")))

    def fields(self) -> dict[str, str]:
        """The hidden fields, by name."""
        return {"poin": str(self.points), "sejak": micros_text(self.offer_from) if self.offer_from is not None else ""}


def shown_of(offer: Offer) -> Shown:
    """What a page shows of an offer."""
    return Shown(offer.points, offer.valid_from)
