"""What scripts/fetch_models.py is made of.

catalogue.py  which networks exist, and what is known of their files
download.py   a file from an address, resumable, whole or not at all
trust.py      the hashes of files that were imported once
"""
