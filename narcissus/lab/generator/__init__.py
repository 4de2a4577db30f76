"""A generator from one's own pile of pictures.

crops.py         a photograph -> a square picture, or why not    pile.py      all of them, kept and sifted
census.py        whom the pile shows                             plan.py      which resolution is learned when
adversaries.py   the two networks, and one step of theirs        training.py  step after step, put down and taken up
augmentation.py  against learning few pictures by heart          session.py   until the clock or somebody ends it
samples.py       the page to look at meanwhile                   finish.py    weights, census, card
figures.py       how good its pictures are                       card.py      the words of the card
adam.py          Adam without momentum
"""
