"""What runs on a node: cloud-init user data put together from fragments, one concern a fragment."""
