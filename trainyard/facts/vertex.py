"""What Vertex AI's custom jobs run on: machines with their accelerators in the API's words, how long, at which price.

Sources, as stored 2026: cloud.google.com/vertex-ai/docs/training (configure-compute, schedule-jobs-dws, use-spot-vms,
use-reservations) and Google's description of aiplatform.v1 (revision 20261106), whose list of accelerators ends with
TPU v5e: newer TPUs cannot be told to a job.
"""

from __future__ import annotations

from decimal import Decimal

from trainyard.facts.price import Agreed, AtLeast, Known, Price, Unknown

LACKS_FEE = "Vertex AI's own fee"


def with_fee(price: Price, fee: Decimal | None = None) -> Price:
    """Compute Engine's price as a job's: with the fee as a share of it, or at least that much where none is known."""
    if isinstance(price, Unknown):
        return price
    if fee is not None and not isinstance(price, AtLeast):
        return Agreed(usd_hour=price.usd_hour * (1 + fee))
    if isinstance(price, AtLeast):
        return AtLeast(
            usd_hour=price.usd_hour, date=price.date, source=price.source, lacks=f"{price.lacks} and {LACKS_FEE}"
        )
    if isinstance(price, Known):
        return AtLeast(usd_hour=price.usd_hour, date=price.date, source=price.source, lacks=LACKS_FEE)
    return Unknown(f"{LACKS_FEE} is not known")
