"""The `trainyard` command: thin, one module a sub-command."""

import sys


def main() -> None:
    """Run the command line; exits the process."""
    if sys.argv[1:2] == ["offers"]:
        from trainyard.cli.offers import app as offers  # asked often, and answered before the others are read

        offers(args=sys.argv[2:], prog_name="trainyard offers")
    from trainyard.cli.app import app

    app()
