"""docs/tickets.md shows the table that the code follows."""

from pathlib import Path

from django.conf import settings

from tests.coordination.tickets.documentation import table


def test_the_documents_table_is_the_codes() -> None:
    text = (Path(settings.BASE_DIR) / "docs" / "tickets.md").read_text(encoding="utf-8")
    assert table() in text, "write the new table into docs/tickets.md: tests.coordination.tickets.documentation.table()"
