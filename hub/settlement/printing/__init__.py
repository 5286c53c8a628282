"""Printed documents: PDF from a template and texts, with a font that is named by its path, read back before it leaves.

The typesetter drops a character that no font has without a word. So nothing is printed by a font of the machine, and every
text that was given must come back whole from the finished file, or there is no file.
"""

from hub.settlement.printing.fonts import BOLD, FAMILY, FILES, REGULAR, are_present
from hub.settlement.printing.reading_back import lost_texts
from hub.settlement.printing.typesetting import render_pdf

__all__ = ["BOLD", "FAMILY", "FILES", "REGULAR", "are_present", "lost_texts", "render_pdf"]
