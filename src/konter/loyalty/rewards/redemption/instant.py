"""The providers of a demo: they activate everything at once, as nobody is behind them."""

from collections.abc import Mapping, Sequence

from konter.loyalty.rewards.redemption.provider import RewardOrder, RewardProvider, Said

DEMO_CODES = ("tones", "games", "content")  # as the demo's rewards name them


class InstantProvider:
    """Says done to every order, under a reference made of it, so that a repetition is told the same."""

    async def order(self, orders: Sequence[RewardOrder]) -> Sequence[Said]:
        """Activate."""
        return [Said(state="done", reference=f"DEMO-{order.redemption_id}") for order in orders]

    async def cancel(self, orders: Sequence[RewardOrder]) -> Sequence[Said]:
        """Whatever is overdue here was never ordered: an order is answered at once."""
        return [Said(state="refused") for _ in orders]


def demo_providers() -> Mapping[str, RewardProvider]:
    """What a demo and tests activate rewards with."""
    return dict.fromkeys(DEMO_CODES, InstantProvider())
