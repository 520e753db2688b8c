"""The scripts and systemd units that fragments put on a node, as they are."""
