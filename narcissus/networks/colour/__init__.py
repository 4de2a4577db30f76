"""The colours that one pile of pictures assumes of a grey one.

slices.py   which part of the pile is asked           bins.py      chroma as a choice among colours
network.py  lightness -> distribution over colours    emulsion.py  colour -> lightness, as a film records it
How it was learned: narcissus/lab/colour.
"""
