"""The resources of apps.py with Django REST framework, at its fastest; `make bench` installs it.

Without middleware, authentication and the pages for browsers. Its Response takes the dict as it is: no serializer.
"""

from __future__ import annotations

from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from .people import ITEM, PAGES

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from rest_framework.response import Response  # noqa: E402 - it reads the settings
from rest_framework.views import APIView  # noqa: E402


class Person(APIView):
    def get(self, request: Any, number: int) -> Response:
        return Response(ITEM)


class Page(APIView):
    def get(self, request: Any, size: int) -> Response:
        return Response(PAGES[size])


urlpatterns = [path("people/<int:number>", Person.as_view()), path("pages/<int:size>", Page.as_view())]
application = WSGIHandler()
