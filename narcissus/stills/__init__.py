"""Photographs as files, of any size: for the scripts, the page, and whoever else is handed a file.

photograph.py  a file's bytes -> pixels, and what else must be kept     png.py        pixels -> a PNG, strip by strip
still.py       a photograph in assumed colours                          painting.py   a photograph through a filter
tiles.py       a filter over a picture of any size, without seams       collection.py many of them seen at once
files.py       which files are meant, and what each becomes             in_turn.py    work side by side, in order
"""
