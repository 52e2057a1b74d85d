"""Django REST framework: a model, a ModelSerializer, and its renderers for CSV, XML and YAML.

/flights is a ListAPIView without pages, /values what QuerySet.values() gives, without a serializer.
"""

from __future__ import annotations

import os
from typing import Any

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.urls import path

from benchmarks.flights import COLUMNS, TEXT

settings.configure(
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["rest_framework"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": os.environ["BENCHMARK_DATABASE"]}},
    REST_FRAMEWORK={
        "DEFAULT_AUTHENTICATION_CLASSES": [],
        "DEFAULT_RENDERER_CLASSES": [
            "rest_framework.renderers.JSONRenderer",
            "rest_framework_csv.renderers.CSVRenderer",
            "rest_framework_xml.renderers.XMLRenderer",
            "rest_framework_yaml.renderers.YAMLRenderer",
        ],
        "UNAUTHENTICATED_USER": None,
    },
)
django.setup()

from django.db import models  # noqa: E402 - these read the settings
from rest_framework.generics import ListAPIView  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.serializers import ModelSerializer  # noqa: E402
from rest_framework.views import APIView  # noqa: E402


class Flight(models.Model):  # type: ignore[misc]
    class Meta:
        app_label, db_table, managed = "flights", "flights", False


for name in COLUMNS[1:]:
    Flight.add_to_class(name, models.TextField(null=True) if name in TEXT else models.IntegerField(null=True))


class FlightSerializer(ModelSerializer):  # type: ignore[misc]
    class Meta:
        model, fields = Flight, COLUMNS


class Flights(ListAPIView):  # type: ignore[misc]
    queryset, serializer_class = Flight.objects.all(), FlightSerializer


class Values(APIView):  # type: ignore[misc]
    def get(self, request: Any) -> Response:
        return Response(list(Flight.objects.values(*COLUMNS)))


urlpatterns = [path("flights", Flights.as_view()), path("values", Values.as_view())]
application = WSGIHandler()
