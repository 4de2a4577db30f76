"""A generator from one's own pile of pictures.

crops.py         a photograph -> a square picture, or why not      plan.py         which resolution is learned when
pile.py          all of them, kept and sifted                      adversaries.py  the two networks and one step of theirs
augmentation.py  what keeps few pictures from being learned        training.py     step after step, put down and taken up
samples.py       the page to look at meanwhile                     finish.py       figures, weights, census, card
"""
