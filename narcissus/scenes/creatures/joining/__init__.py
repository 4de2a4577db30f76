"""A visitor joins the wall: a face that holds still, a ring of three seconds, a hybrid, and a second act that keeps it.

candidates.py  which faces may be somebody
signs.py     what a frame shows of a face          capture.py   when a face is captured: a state machine
observer.py  perception's side of it               visit.py     offered, kept or forgotten: the display's side
codes.py     four words that delete it             card.py      the ring and the profile on the wall
easel.py     the card, lettered by the worker      opening.py   its parts, loaded and put together
joining.py   both sides, as the wall's guest
"""
