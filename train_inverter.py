#!/usr/bin/env python
"""Train the inverter: see narcissus/lab/cli.py, which the command `narcissus-train` runs as well."""

import sys

from narcissus.lab.cli import main

if __name__ == "__main__":
    sys.exit(main())
