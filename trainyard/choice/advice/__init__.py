"""What a training run needs, and which machines would do it at which time and cost."""
