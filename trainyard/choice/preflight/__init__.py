"""Preflight: what a cloud would refuse a stack for, asked of it before anything is made; only reads."""
