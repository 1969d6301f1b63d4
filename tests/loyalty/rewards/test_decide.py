"""The decision alone: never more than the stock, never below zero, never above a quota, whatever is asked."""

import itertools
import uuid
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.loyalty.shipped import shipped_rules

from konter.catalogue.model import Bucket
from konter.ledger.model import Account, Books
from konter.loyalty.points.model import ASSET, POINTS
from konter.loyalty.rewards.catalogue.model import (
    GivesBuckets,
    GivesCode,
    GivesProvided,
    Offer,
    Used,
    quota_refusal,
)
from konter.loyalty.rewards.redemption.model import FreeCode, Known, RedeemRequest, RedeemState, decide_redemptions
from konter.loyalty.tiers.model import rank_of
from konter.platform.audit import SYSTEM
from konter.subscriber.model import Subscription

NOW = datetime(2026, 2, 10, 5, tzinfo=UTC)
RULES = shipped_rules("id-2014")
ENDS = (datetime(2026, 3, 31, 17, tzinfo=UTC), datetime(2027, 3, 31, 17, tzinfo=UTC))
GIVES = {
    "buckets": GivesBuckets(buckets=(Bucket(source="data", asset="BYTES", amount=1, validity_days=1),)),
    "code": GivesCode(merchant="KOPI", days=None),
    "provided": GivesProvided(provider="tones", item="RBT", days=30),
}


def offer(code: str = "R0", **changed: object) -> Offer:
    fields = {
        "reward": code,
        "kind": "telco",
        "valid_from": datetime(2014, 3, 1, tzinfo=UTC),
        "valid_until": None,
        "name_id": "Hadiah",
        "name_en": "Reward",
        "sort": 0,
        "points": 20,
        "gives": GIVES["buckets"],
        "terms_id": "",
        "terms_en": "",
        "stock": None,
        "quota": None,
        "quota_per": None,
        "brands": (),
        "kinds": (),
        "tier": "",
    }
    return Offer(**{**fields, **changed})


def subscription(number: int) -> Subscription:
    return Subscription(
        id=(number + 1) << 8,
        cell=0,
        msisdn=6281200000000 + number,
        brand="nusa",
        kind="prepaid",
        locale="id",
        main_id=1,
        active_until=NOW + timedelta(days=30),
    )


offers = st.lists(
    st.builds(
        lambda points, stock, quota, gives: {
            "points": points,
            "stock": stock,
            "quota": quota,
            "quota_per": "month" if quota else None,
            "gives": GIVES[gives],
        },
        st.integers(1, 40),
        st.none() | st.integers(0, 5),
        st.none() | st.integers(1, 3),
        st.sampled_from(sorted(GIVES)),
    ),
    min_size=1,
    max_size=3,
)
asked = st.lists(st.tuples(st.integers(0, 2), st.integers(0, 2), st.integers(0, 40)), min_size=5, max_size=40)
balances = st.lists(st.tuples(st.integers(0, 300), st.integers(0, 300)), min_size=3, max_size=3)


@pytest.mark.requirement("P-20", "P-29", "G-P19")
@given(offers, asked, balances, st.integers(0, 4), st.integers(0, 3))
def test_stock_points_and_quota_hold_whatever_is_asked(
    drawn: list[dict], wanted: list[tuple[int, int, int]], points: list[tuple[int, int]], codes: int, had: int
) -> None:
    rewards = [offer(f"R{n}", **fields) for n, fields in enumerate(drawn)]
    people = [subscription(n) for n in range(3)]
    vintages = [
        Account(1000 + n * 2 + year, 0, people[n].id, POINTS, "", ASSET, ENDS[year], points[n][year], 0, 0)
        for n, year in itertools.product(range(3), range(2))
    ]
    requests, known = [], []
    for person, reward, ref in wanted:
        chosen = rewards[reward % len(rewards)]
        requests.append(
            RedeemRequest(
                subscription_id=people[person].id,
                client_ref=uuid.UUID(int=ref),
                reward=chosen.reward,
                channel="web",
                actor=SYSTEM,
            )
        )
        used = Used(day=0, month=had, year=had, ever=had)
        member = (people[person], False, "")
        known.append(Known(member=member, offer=chosen, closed=False, used=used, redemption=None))
    counted = [each for each in rewards if each.counted]
    state = RedeemState(
        known,
        Books(vintages, seqs=itertools.count(10_000), at=NOW),
        taken={each.reward: 1 for each in counted},
        codes={
            each.reward: [FreeCode(n, "sealed", None) for n in range(codes)]
            for each in counted
            if isinstance(each.gives, GivesCode)
        },
        rules=RULES,
        seqs=itertools.count(50_000),
        now=NOW,
    )
    outcomes = decide_redemptions(state, requests)
    new = [each.redemption for each in outcomes if each.redemption is not None and not each.replay]

    for reward in rewards:
        mine = [each for each in new if each.reward == reward.reward]
        if reward.stock is not None:
            assert 1 + len(mine) <= max(reward.stock, 1)
        if isinstance(reward.gives, GivesCode):
            assert len(mine) == len({each.delivery.code_id for each in mine}) <= codes
        if reward.quota is not None:
            for person in people:
                assert had + sum(each.subscription_id == person.id for each in mine) <= max(reward.quota, had)
    for person, (old, young) in zip(people, points, strict=True):
        mine = [each for each in new if each.subscription_id == person.id]
        left = [each.balance for each in vintages if each.owner_id == person.id]
        assert min(left) >= 0
        assert old + young - sum(left) == sum(each.points for each in mine)
        assert left[1] == young or left[0] == 0, "the older vintage first"
        assert all(sum(part.points for part in each.why.vintages) == each.points for each in mine)
    assert len({(each.subscription_id, each.client_ref) for each in new}) == len(new)


@pytest.mark.parametrize(
    ("at", "per", "opens"),
    [
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), "day", datetime(2026, 12, 31, 17, tzinfo=UTC)),
        (datetime(2026, 12, 31, 16, 59, tzinfo=UTC), "month", datetime(2026, 12, 31, 17, tzinfo=UTC)),
        (datetime(2026, 12, 31, 17, tzinfo=UTC), "month", datetime(2027, 1, 31, 17, tzinfo=UTC)),
        (datetime(2026, 12, 31, 17, tzinfo=UTC), "year", datetime(2027, 12, 31, 17, tzinfo=UTC)),
    ],
)
def test_when_a_quota_opens_again(at: datetime, per: str, opens: datetime) -> None:
    used = Used().one_more()
    refusal = quota_refusal(offer(quota=1, quota_per=per), used, rules=RULES, now=at)
    assert refusal is not None
    assert refusal.data["opens_at"] == opens


def test_a_tier_that_the_rules_do_not_know_holds_nobody_back() -> None:
    """The tiers of two rulesets have other names; a reward of the one is open to all under the other."""
    assert [rank_of(tier, RULES) for tier in ("mass", "gold", "priority", "platinum", "")] == [0, 2, 3, 0, 0]


def test_names_and_terms_in_two_languages() -> None:
    mine = msgspec.structs.replace(offer(), terms_id="Sekali.", terms_en="Once.")
    assert (mine.name("id"), mine.name("en"), mine.terms("id"), mine.terms("en")) == (
        "Hadiah",
        "Reward",
        "Sekali.",
        "Once.",
    )
