"""Files in: CSV and XLSX read by what is in them, shaped into rows, and applied all or nothing."""

from enterprises.files.application import BadRows, Imported, apply, explained
from enterprises.files.columns import Column
from enterprises.files.refusals import BadFile
from enterprises.files.table import Problem, Row, Table, read, records

__all__ = [
    "BadFile",
    "BadRows",
    "Column",
    "Imported",
    "Problem",
    "Row",
    "Table",
    "apply",
    "explained",
    "read",
    "records",
]
