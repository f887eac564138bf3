"""Correction blocks: a file of corrected past days, looked at first, then taken in as one numbered block (R5, R7).

The bureau never edits over an enterprise's own figures: where nobody or only the bureau has filed it files on behalf,
else it puts a proposal before the enterprise (supplies.proposals).
"""

from supplies.correction_blocks.sheets import Entry, Sheet, block, blocks, workbook_of
from supplies.correction_blocks.taking import NotTaken, look, take, template
from supplies.correction_blocks.weighing import Preview, Weighed

__all__ = [
    "Entry", "NotTaken", "Preview", "Sheet", "Weighed", "block", "blocks", "look", "take", "template", "workbook_of",
]  # fmt: skip
