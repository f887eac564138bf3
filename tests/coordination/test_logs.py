"""One line per event, with the number of the request and without personal data."""

import json
import logging
import sys

from django.db import IntegrityError

from coordination import logs
from enterprises import audit


def record(message="done", *, error=None, **extras):
    info = None
    if error is not None:
        try:
            raise error
        except type(error):
            info = sys.exc_info()
    made = logging.LogRecord("coordination.test", logging.INFO, __file__, 1, message, (), info)
    vars(made).update(extras)
    return made


def test_json_is_one_line_with_the_number_of_the_request():
    token = audit.request_id.set("trace-1")
    try:
        line = logs.JsonFormatter().format(record("第一行\n第二行", status=200, path="/", name_of_person="张三"))
    finally:
        audit.request_id.reset(token)
    found = json.loads(line)
    assert "\n" not in line
    assert found["request_id"] == "trace-1"
    assert found["message"] == "第一行\n第二行"
    assert found["status"] == 200
    assert "name_of_person" not in found


def test_the_rows_that_a_database_quotes_are_left_out():
    error = IntegrityError("duplicate key\nDETAIL:  Key (phone)=(13800000000) already exists.\n")
    for formatter in (logs.JsonFormatter(), logs.TextFormatter()):
        line = formatter.format(record(error=error))
        assert "duplicate key" in line
        assert "13800000000" not in line


def test_text_shows_what_was_added():
    assert logs.TextFormatter().format(record(status=200)) == "INFO coordination.test done status=200"
