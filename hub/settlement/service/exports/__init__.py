"""What leaves as a file: tables as CSV and XLSX, and the ledger as a beancount journal."""

from hub.settlement.service.exports.journal import (
    Scope,
    account_name,
    journal_lines,
    scope_of,
)
from hub.settlement.service.exports.printed import MOST_PDF, pdf_bytes, printed
from hub.settlement.service.exports.tables import (
    MOST_CSV,
    MOST_XLSX,
    Column,
    Table,
    csv_lines,
    xlsx_bytes,
)

__all__ = [
    "MOST_CSV", "MOST_PDF", "MOST_XLSX", "Column", "Scope", "Table", "account_name", "csv_lines", "journal_lines", "pdf_bytes", "printed", "scope_of",
    "xlsx_bytes",
]  # fmt: skip
