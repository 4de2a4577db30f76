"""What is promised of the wall that breeds, measured: scripts/evaluate_creatures.py runs it.

heredity.py   variety, resemblance and humanity after many births     pace.py   the wall's clock, births and all
crashes.py    kill -9 at random moments                               page.py   the figures as a page
"""
