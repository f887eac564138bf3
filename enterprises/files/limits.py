"""How large a file may be. A day's reports of a city are some hundred rows; a year of history some ten thousand."""

MEGABYTE = 1024 * 1024
MOST_BYTES = 10 * MEGABYTE
MOST_UNPACKED = 100 * MEGABYTE
MOST_RATIO = 100
"""Unpacked to packed; real workbooks stay below 40."""
MOST_ENTRIES = 200
MOST_ROWS = 60_000
MOST_COLUMNS = 200
MOST_CELLS = 2_000_000
