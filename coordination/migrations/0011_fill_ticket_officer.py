"""Tickets that a liaison officer raised are his to follow up."""

from django.db import migrations
from django.db.models import F


def fill(apps, schema_editor):
    ticket = apps.get_model("coordination", "Ticket")
    ticket.objects.filter(raised_as="liaison", officer=None).update(officer=F("raised_by"))


class Migration(migrations.Migration):
    dependencies = [("coordination", "0010_visit")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
