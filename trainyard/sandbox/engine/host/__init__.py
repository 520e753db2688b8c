"""Stands in for Pulumi's released Python language host, which is in no package registry."""
