"""Reads ALISS's import address (`v5/import`): every service there is, 20 a page, with no way to ask for changes alone.

Field names are those of its published models; the whole is read each time and compared with what we have.
"""

from ingest.adapters import aliss

pages = aliss.pages
read = aliss.read
