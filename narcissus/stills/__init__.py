"""Photographs coloured as files, of any size: for scripts/colourise.py, the page, and whoever else is handed a file.

photograph.py  a file's bytes -> pixels, and what else must be kept     png.py  pixels -> a PNG, strip by strip
still.py       a photograph in assumed colours
"""
