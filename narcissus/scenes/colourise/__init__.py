"""What colour do they think I am? A photograph or a viewer, drained of colour, in the colours that a pile assumes.

photograph.py  a file's bytes -> pixels and what else must be kept      png.py  pixels -> a PNG, row by row
still.py       a photograph coloured, of any size
"""
