"""What is Azure's own among the facts: sizes, images."""
