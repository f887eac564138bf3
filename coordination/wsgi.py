"""The web application; refuses to come up with unsafe production settings, whichever server loads it."""

import os

from django.core.wsgi import get_wsgi_application

from coordination.checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "coordination.settings")
application = get_wsgi_application()
refuse_unsafe_start()
