"""Offers of all clouds: a catalogue with an index, questions to it, and newer prices over the snapshot."""
