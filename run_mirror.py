#!/usr/bin/env python
"""Hang the mirror: see narcissus/app/cli.py, which the command `narcissus-mirror` runs as well."""

from narcissus.core.ending import Ending

if __name__ == "__main__":
    listening = Ending()  # a signal during the imports below ends the mirror as well

    from narcissus.app.cli import command

    command(listening)
