"""Speed, measured: each figure beside its reference in the same run, as a ratio; `make bench` prints the table."""
