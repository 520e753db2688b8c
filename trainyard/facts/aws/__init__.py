"""Facts that are Amazon Web Services' own: machine types, images, what is refused by name. Standard library only."""
