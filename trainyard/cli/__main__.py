"""`python -m trainyard.cli` is `trainyard`."""

from trainyard.cli import main

main()
