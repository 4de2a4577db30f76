"""How the network that colours is taught and measured.

piles.py   pictures to learn from, and their slices     ageing.py   what film and time do to a photograph
learn.py   the training, step by step                   state.py    a training put down and taken up again
"""
