from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("coordination", "0017_number_work_orders")]
    operations = [
        migrations.AlterField(
            model_name="workorder",
            name="number",
            field=models.CharField(max_length=24, unique=True, verbose_name="编号"),
        ),
    ]
