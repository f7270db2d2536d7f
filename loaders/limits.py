"""Bounds on what a file may ask of us; beyond them a file is an error, never a full memory.

They lie far above what offices send: Excel's own bounds are 1,048,576 rows, 16,384 columns and
32,767 characters a cell.
"""

MIB = 1 << 20

#: A file, as it lies on disk.
FILE_BYTES = 1024 * MIB
#: What an archive or a workbook may unpack to, all that is nested in it included.
UNPACKED_BYTES = 2048 * MIB
#: How much larger than packed one member may be; smaller members than ``RATIO_FROM`` may be more.
RATIO = 200
RATIO_FROM = 32 * MIB
#: Members of an archive, and archives inside archives (a .zip in a .zip is depth 2).
MEMBERS = 2_000
DEPTH = 2
#: Rows times columns of the rectangle that a workbook's sheet spans.
SHEET_CELLS = 30_000_000
#: Merged ranges, hidden rows, and cells that cannot be used, of one sheet.
SHEET_MARKS = 1_500_000
#: Characters of a line of text, and of a cell.
LINE_CHARS = 4 * MIB
CELL_CHARS = 100_000
