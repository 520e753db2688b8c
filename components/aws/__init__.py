"""Reusable resources on Amazon Web Services."""
