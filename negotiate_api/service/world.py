"""The resources of World: each table as it is published, each row as a dict with links to the rows it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from flask import current_app, url_for

from negotiate_api import Api, Resource, fields, marshal
from negotiate_api.publish import Publication, Table, etags
from negotiate_api.publish.resources import Collection, Pairs
from negotiate_api.publish.schema import reflection

from .errors import NoSuchRow
from .models import WORLD, Base, City, Country, CountryName, Currency, Language, db, table_of
from .rows import count

M = TypeVar("M", bound=Base)

PREFIX = "/api/world"

EXTENSION = "negotiate_api.world"
"""Key of the Publication in app.extensions."""

CHOSEN = frozenset(("sort", "group", "distinct"))
"""Query parameters beside which rows have no order of their own."""


def link(endpoint: str, **attributes: str) -> Any:
    """A field: the path of an endpoint, whose variables are attributes of the object."""

    def path(row: Any) -> str:
        return url_for(endpoint, **{name: getattr(row, attribute) for name, attribute in attributes.items()})

    return fields.Raw(attribute=path)


def columns(model: type[Base]) -> dict[str, Any]:
    """A field for each column of a model, in order."""
    keys = ((column.name, model.__mapper__.get_property_by_column(column).key) for column in table_of(model).columns)
    return {name: fields.Raw(attribute=key) for name, key in keys}


def named(endpoint: str) -> dict[str, Any]:
    """The fields of a row that another one refers to."""
    return {"code": fields.Raw, "name": fields.Raw, "uri": link(endpoint, code="code")}


def one(endpoint: str) -> Any:
    """A field: a row that another one refers to, or null."""
    return fields.Nested(named(endpoint), allow_null=True)


def many(endpoint: str) -> Any:
    """A field: the rows that refer to another one."""
    return fields.List(fields.Nested(named(endpoint)))


COUNTRY = {
    "uri": link("country", code="code"),
    **columns(Country),
    "currency": one("currency"),
    "language": one("language"),
    "cities": link("country_cities", code="code"),
    "names": link("country_names_of", code="code"),
}
CITY = {"uri": link("city", id="id"), **columns(City), "country": one("country")}
COUNTRY_NAME = {
    "uri": link("country_name", country="country_code", language="language_code"),
    **columns(CountryName),
    "country": one("country"),
    "language": one("language"),
}
LANGUAGE = {"uri": link("language", code="code"), **columns(Language), "countries": many("country")}
CURRENCY = {"uri": link("currency", code="code"), **columns(Currency), "countries": many("country")}

TABLE = {
    "name": fields.Raw(attribute="model.__tablename__"),
    "description": fields.Raw(attribute="__doc__"),
    "rows": fields.Raw(attribute=lambda table: count(table.model)),
    "uri": fields.Raw(attribute=lambda table: url_for(table.model.__tablename__)),
}


def row(model: type[M], noun: str, *key: Any) -> M:
    """The row of a model with this key. Raises NoSuchRow."""
    legible = all(str(part).isprintable() for part in key)  # PostgreSQL takes no U+0000
    found = db.session.get(model, key if len(key) > 1 else key[0]) if legible else None
    if found is None:
        raise NoSuchRow(noun, *key)
    return found


def tagged(shown: Any) -> Any:
    """An item, answered with its tag. Raises PreconditionFailed."""
    etags.tagged(etags.state(shown))
    return shown


class World(Resource):
    """Five linked tables of the world: real data, in every script."""

    def get(self) -> Any:
        return [marshal(table, TABLE) for table in (Countries, Cities, CountryNames, Languages, Currencies)]


class Rows(Collection):
    """The rows of a model: all, or as the query asks."""

    model: ClassVar[type[Base]]

    def __init__(self, api: Api) -> None:
        self.api = api

    @property
    def publication(self) -> Publication:  # type: ignore[override]
        return published(self.api)

    @property
    def table(self) -> Table:  # type: ignore[override]
        return self.publication.tables[self.model.__tablename__]


class Countries(Rows):
    """Countries and territories, with their main currency and language. NA is Namibia, NO is Norway, 004 is a code."""

    model = Country


class Cities(Rows):
    """Cities of 15,000 people or more, and capitals, with their names in their own script."""

    model = City


class CountryNames(Rows):
    """Names of the countries in 32 languages."""

    model = CountryName

    def links(self, columns: Sequence[str]) -> Mapping[str, Any]:
        own = f"{self.publication.url(self.table.name)}/{{country}}/{{language}}"
        found = {"name": own} if {"country", "language"}.issubset(columns) else {}
        return {**super().links(columns), **found}


class Languages(Rows):
    """Languages and their varieties, with the script they are written in."""

    model = Language


class Currencies(Rows):
    """Currencies, present and past, with their symbols and decimal places."""

    model = Currency


class OneCountry(Resource):
    """A country or territory."""

    def get(self, code: str) -> Any:
        return tagged(marshal(row(Country, "country", code), COUNTRY))


class OfCountry(Rows):
    """The rows that belong to a country."""

    sort = ""

    def get(self, code: str) -> Any:  # type: ignore[override]
        self.code = row(Country, "country", code).code
        return super().get()

    def arguments(self) -> Pairs:
        found = [*super().arguments(), ("country__exact", self.code)]
        has_order = not self.sort or any(name in CHOSEN for name, _ in found)
        return found if has_order else [*found, ("sort", self.sort)]


class CitiesOfCountry(OfCountry):
    """The cities of a country, the largest first."""

    model = City
    sort = "-population"


class NamesOfCountry(OfCountry, CountryNames):
    """The names of a country in 32 languages."""


class OneCity(Resource):
    """A city."""

    def get(self, id: int) -> Any:  # noqa: A002 - the name of the column
        return tagged(marshal(row(City, "city", id), CITY))


class OneCountryName(Resource):
    """The name of a country in a language."""

    suffixes = True

    def get(self, country: str, language: str) -> Any:
        return tagged(marshal(row(CountryName, "country name", country, language), COUNTRY_NAME))


class OneLanguage(Resource):
    """A language, with the countries whose main language it is."""

    suffixes = True

    def get(self, code: str) -> Any:
        return tagged(marshal(row(Language, "language", code), LANGUAGE))


class OneCurrency(Resource):
    """A currency, with the countries whose main currency it is."""

    def get(self, code: str) -> Any:
        return tagged(marshal(row(Currency, "currency", code), CURRENCY))


RESOURCES = {
    "world": (World, "/"),
    "countries": (Countries, "/countries"),
    "country": (OneCountry, "/countries/<string(length=2):code>"),
    "country_cities": (CitiesOfCountry, "/countries/<string(length=2):code>/cities"),
    "country_names_of": (NamesOfCountry, "/countries/<string(length=2):code>/names"),
    "cities": (Cities, "/cities"),
    "city": (OneCity, "/cities/<int(max=2147483647):id>"),
    "country_names": (CountryNames, "/country_names"),
    "country_name": (OneCountryName, "/country_names/<string(length=2):country>/<language>"),
    "languages": (Languages, "/languages"),
    "language": (OneLanguage, "/languages/<code>"),
    "currencies": (Currencies, "/currencies"),
    "currency": (OneCurrency, "/currencies/<string(length=3):code>"),
}
"""Endpoint -> resource and its path below PREFIX."""


def published(api: Api) -> Publication:
    """The tables as they are published: looked at when they are first asked for, as they may not be there before."""
    found: Publication | None = current_app.extensions.get(EXTENSION)
    if found is None:
        tables, seconds = reflection.reflect(db.engine, tables=WORLD), current_app.config["QUERY_SECONDS"]
        found = Publication(api, db.engine, tables, PREFIX, query_seconds=seconds)
        found.resources = {name: RESOURCES[name][0] for name in found.tables}
        current_app.extensions[EXTENSION] = found
    return found


def register(api: Api) -> None:
    """Add the resources."""
    for endpoint, (resource, path) in RESOURCES.items():
        given = {"api": api} if issubclass(resource, Rows) else {}
        api.add_resource(resource, PREFIX + path, endpoint=endpoint, resource_class_kwargs=given)
