"""Trainyard: AI-training compute as reviewed code, on Pulumi."""
