"""Numbers for the work orders there are, and to each running signing clock its order. One way: nothing is taken back."""

from django.db import migrations


def number(apps, schema_editor):
    order_model, clock_model = apps.get_model("coordination", "WorkOrder"), apps.get_model("coordination", "Clock")
    counted = {}
    for order in order_model.objects.select_related("ticket").order_by("id").iterator():
        counted[order.ticket_id] = counted.get(order.ticket_id, 0) + 1
        order.number = f"{order.ticket.number}-{counted[order.ticket_id]:02d}"
        order.save(update_fields=["number"])
        if order.part == "lead" and order.state == "awaiting":
            clock_model.objects.filter(ticket=order.ticket_id, kind="C", stopped_at=None).update(order=order)


class Migration(migrations.Migration):
    dependencies = [("coordination", "0016_routing_and_work_order")]
    operations = [migrations.RunPython(number, migrations.RunPython.noop, elidable=True)]
