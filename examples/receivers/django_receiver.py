"""A receiver of 8x8's webhooks in Django, in one file: ``python django_receiver.py runserver``.

In a project of your own: the view, its line in ``urlpatterns``, and ``eightbyeight_obs.install()`` in ``settings.py``.
"""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.management import execute_from_command_line
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from receiving import LIMIT, receive

import eightbyeight_obs

eightbyeight_obs.install()

if not settings.configured:
    settings.configure(ROOT_URLCONF=__name__, ALLOWED_HOSTS=["*"], SECRET_KEY="nothing here is signed")


@csrf_exempt
@require_POST
def webhook(request: HttpRequest) -> HttpResponse:
    """Answer 200, whatever arrives: ``read()``, because ``body`` refuses large ones."""
    receive(request.read(LIMIT + 1), request.headers.get("Content-Type"))
    return HttpResponse()


urlpatterns = [path("webhooks/8x8", webhook)]
application = get_wsgi_application()

if __name__ == "__main__":
    execute_from_command_line(sys.argv)
