"""What `scripts/bench.py` measures: one module for each section of its table, each a generator of rows."""
