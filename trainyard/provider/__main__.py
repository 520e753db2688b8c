"""Starts the plugin: the engine gives its own address, the first line on stdout is our port."""

import sys
from pathlib import Path

# The engine runs this folder as a program, so Python puts it first on the path; the package's parent belongs there.
sys.path[0] = str(Path(__file__).resolve().parents[2])

if __name__ == "__main__":
    from trainyard.provider.protocol import without_sdk

    without_sdk()
    from trainyard.provider.provider import TrainyardProvider
    from trainyard.servicer import serve

    serve(TrainyardProvider(engine_address=sys.argv[1] if len(sys.argv) > 1 else ""))
