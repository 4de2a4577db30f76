"""How creatures descend from one another: names, chance and crossing, in whole numbers that no machine rounds.

names.py   a creature's name, and the chance that belongs to it      genome.py    what a creature inherits, 8x8 cells
crossing.py   a child of two, and an immigrant                       population.py   who hangs where, and who is next
"""
