"""Files of the middle storey: what is owed and licensed, and daily reports."""

from supplies.imports.obligations import (
    import_certificates,
    import_duties,
    import_exemptions,
    import_packs,
    import_pools,
)
from supplies.imports.reports import OF_REPORTS, Read, Reading, grouped, import_reports

__all__ = [
    "OF_REPORTS",
    "Read",
    "Reading",
    "grouped",
    "import_certificates",
    "import_duties",
    "import_exemptions",
    "import_packs",
    "import_pools",
    "import_reports",
]
