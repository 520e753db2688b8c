"""Quotas that count: what a thing uses of its cloud's limits, and the refusal when there is not enough left."""
