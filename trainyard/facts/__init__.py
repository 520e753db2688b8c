"""What is known before any cloud is asked: offers, prices, times, names. Standard library only."""
