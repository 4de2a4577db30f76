"""How a filter is trained from one picture, and measured.

style_picture.py  the picture to learn from      patches.py  sliced Wasserstein distance of patches
contents.py       the pictures to learn on       loss.py     what the training makes small
learn.py          the training, step by step     state.py    a training put down and taken up again
preview.py        the picture to look at         finish.py   filter, card and report written
gpdm.py           the same without a network     figures.py  what is measured of a filter
drawings.py       pictures that code draws       evaluation.py  all figures, beside what is asked
rows.py           figures kept while measured    figures_page.py  the page of them
card.py           a filter's card and sample     report.py   the page about one training
faces.py          whether faces stay faces       session.py  one training from start to end
"""
