"""Where the money of a sale is: the facts in order of time, what anybody may see of them, and the words."""

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from tests.conftest import NOON

from konter.platform.i18n import LOCALES, catalogue
from konter.platform.ids import Msisdn, OutletId, SaleId, TransferId, UserId
from konter.sales.delivery import model as delivery
from konter.sales.history.timeline import ASKED, CHECKED, Look, Looks, for_anybody, timeline
from konter.sales.history.wording import event_text, why_refunded
from konter.sales.model import Sale, Why
from konter.sales.network.model import OTHER_AMOUNT, OTHER_REASON
from konter.subscriber import refusals

SECOND = timedelta(seconds=1)
WIB = "Asia/Jakarta"


def sale(**changed) -> Sale:
    """A sale over the network that is open since noon."""
    open_sale = Sale(
        id=SaleId(256),
        cell=0,
        outlet_id=OutletId(256),
        user_id=UserId(512),
        client_ref=UUID(int=1),
        request_hash=b"",
        product="PULSA50",
        msisdn=Msisdn(6281200000001),
        subscription_id=768,
        nominal_rp=50_000,
        price_rp=51_500,
        cost_rp=49_500,
        tax_rp=0,
        balance_before_rp=100_000,
        balance_after_rp=50_500,
        status="checking",
        delivery=None,
        why=Why(price_valid_from=NOON, price_area="", price_segment="", ppn=(11, 100)),
        rule="test@1",
        at=NOON,
        resolved_at=None,
        deadline=NOON + timedelta(hours=24),
        route="network",
        transfer_id=TransferId(1024),
    )
    return msgspec.structs.replace(open_sale, **changed)


def story(
    of: Sale, looks: Looks | None = None, *, after: timedelta = timedelta(hours=1), reversed_at=None
) -> list[str]:
    return [each.what for each in timeline(of, looks or Looks(), reversed_at=reversed_at, now=NOON + after)]


@pytest.mark.requirement("D-43", "D-44")
def test_a_sale_in_one_step_is_accepted_paid_and_delivered() -> None:
    done = sale(route="direct", status="done", resolved_at=NOON, deadline=None)
    assert story(done) == ["accepted", "paid", "delivered"]
    assert story(done, reversed_at=NOON + SECOND) == ["accepted", "paid", "delivered", "reversed"]


@pytest.mark.requirement("D-43", "D-46")
def test_looks_stand_between_sending_and_the_end() -> None:
    looks = Looks(
        (
            Look(NOON + 30 * SECOND, CHECKED, "AWAY"),
            Look(NOON + 40 * SECOND, ASKED, None),
            Look(NOON + 120 * SECOND, CHECKED, "ACCEPTED"),
            Look(NOON + 600 * SECOND, CHECKED, "OTHER_AMOUNT"),
        ),
        before=3,
    )
    refunded = sale(status="refunded", reason="VOIDED", resolved_at=NOON + 900 * SECOND)
    assert story(refunded, looks) == [
        *("accepted", "transit", "sent"),
        *("more", "looked", "asked", "working", "amount"),
        "refunded",
    ]


@pytest.mark.requirement("D-43")
def test_what_is_held_is_sent_when_the_hold_ends_and_never_when_it_was_cancelled() -> None:
    held = sale(hold_until=NOON + 60 * SECOND)
    assert story(held, after=59 * SECOND) == ["accepted", "transit", "held"]
    assert story(held, after=60 * SECOND) == ["accepted", "transit", "held", "sent"]
    cancelled = msgspec.structs.replace(held, status="refunded", reason="CANCELLED", resolved_at=NOON + 9 * SECOND)
    assert story(cancelled) == ["accepted", "transit", "held", "cancelled"]


def test_anybody_sees_nothing_of_the_outlets_wallet_and_people() -> None:
    looks = Looks((Look(NOON + SECOND, ASKED, None), Look(NOON + SECOND, CHECKED, "AWAY")))
    events = timeline(sale(), looks, reversed_at=None, now=NOON + SECOND)
    assert [each.what for each in for_anybody(events)] == ["accepted", "sent", "looked"]


@pytest.mark.parametrize("locale", LOCALES)
def test_every_event_has_its_words(locale: str) -> None:
    looks = Looks((Look(NOON, ASKED, None),), before=7)
    told = [
        event_text(each, locale=locale, zone=WIB)
        for each in timeline(sale(hold_until=NOON + SECOND), looks, reversed_at=NOON, now=NOON)
    ]
    assert len(set(told)) == len(told) == 6
    assert any("12:00:01" in text for text in told)
    assert any("7" in text for text in told)


@pytest.mark.requirement("D-43")
@pytest.mark.parametrize("locale", LOCALES)
def test_every_reason_of_konter_has_a_sentence_and_the_networks_own_is_told_as_it_is(locale: str) -> None:
    ours = [delivery.VOIDED, delivery.DEADLINE, delivery.CANCELLED, OTHER_AMOUNT, OTHER_REASON]
    ours += ["UNKNOWN_SUBSCRIBER", "SUBSCRIBER_EXPIRED", "NOT_PREPAID", "NOT_OUR_NUMBER"]
    assert all(hasattr(refusals, code) for code in ours[5:])
    assert [why_refunded(code, locale=locale) for code in ours] == [catalogue()[f"why.{code}"][locale] for code in ours]
    assert "HLR_47" in why_refunded("HLR_47", locale=locale)
