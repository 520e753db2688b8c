"""The `trainyard` command: thin, one module a sub-command."""

import sys


def main() -> None:
    """Run the command line; exits the process."""
    if sys.argv[1:2] == ["offers"]:
        from trainyard.cli.offers import main as offers  # it reads its options itself, and starts without the others

        sys.exit(offers(sys.argv[2:]))
    from trainyard.cli.app import app

    app()
