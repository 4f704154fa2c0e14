"""Pages to articles. Pure, no I/O; run in worker processes."""
