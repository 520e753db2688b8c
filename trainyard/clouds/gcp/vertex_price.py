"""What a Vertex AI job's machines cost at least: Compute Engine's price, without Vertex's own fee."""

from __future__ import annotations

from decimal import Decimal

from trainyard.facts.offer import load_offers
from trainyard.facts.price import Price, Unknown, scaled, usd
from trainyard.facts.vertex import with_fee


def pool_price(machine_type: str, region: str, strategy: str, count: int) -> Price:
    """USD per hour for `count` machines; the region's cheapest zone, for Vertex does not say where they run."""
    offers = [each for each in load_offers("gcp") if (each.machine_type, each.region) == (machine_type, region)]
    if strategy not in ("STANDARD", "STRATEGY_UNSPECIFIED", "SPOT"):
        return Unknown(f"the catalogue holds no price for {strategy}")
    prices = [offer.spot if strategy == "SPOT" else offer.on_demand for offer in offers]
    known = [price for price in prices if usd(price) is not None]
    if not known:
        return Unknown(f"the catalogue has no {machine_type} in {region}")
    return scaled(with_fee(min(known, key=lambda price: usd(price) or Decimal(0))), Decimal(count))
