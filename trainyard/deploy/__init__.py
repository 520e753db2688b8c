"""`trainyard up`: the engine run again, on the next candidate where the cloud has no room, until all is there."""
