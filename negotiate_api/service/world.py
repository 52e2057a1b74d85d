"""The resources of World: each table as Rows, each row as a dict with links to the rows it belongs to."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar

from flask import url_for

from negotiate_api import Api, Resource, Rows, fields, marshal

from .errors import NoSuchRow
from .models import Base, City, Country, CountryName, Currency, Language, db, table_of
from .rows import PREFIX, count, rows_of

M = TypeVar("M", bound=Base)


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


class World(Resource):
    """Five linked tables of the world: real data, in every script."""

    def get(self) -> Any:
        return [marshal(table, TABLE) for table in (Countries, Cities, CountryNames, Languages, Currencies)]


class Table(Resource):
    """All rows of a model."""

    model: ClassVar[type[Base]]

    def get(self) -> Rows:
        return rows_of(self.model)


class Countries(Table):
    """Countries and territories, with their main currency and language. NA is Namibia, NO is Norway, 004 is a code."""

    model = Country


class Cities(Table):
    """Cities of 15,000 people or more, and capitals, with their names in their own script."""

    model = City


class CountryNames(Table):
    """Names of the countries in 32 languages."""

    model = CountryName


class Languages(Table):
    """Languages and their varieties, with the script they are written in."""

    model = Language


class Currencies(Table):
    """Currencies, present and past, with their symbols and decimal places."""

    model = Currency


class OneCountry(Resource):
    """A country or territory."""

    def get(self, code: str) -> Any:
        return marshal(row(Country, "country", code), COUNTRY)


class CitiesOfCountry(Resource):
    """The cities of a country, the largest first."""

    def get(self, code: str) -> Rows:
        country = row(Country, "country", code)
        return rows_of(City, City.country_code == country.code, order=(City.population.desc(), City.id))


class NamesOfCountry(Resource):
    """The names of a country in 32 languages."""

    def get(self, code: str) -> Rows:
        country = row(Country, "country", code)
        return rows_of(CountryName, CountryName.country_code == country.code)


class OneCity(Resource):
    """A city."""

    def get(self, id: int) -> Any:  # noqa: A002 - the name of the column
        return marshal(row(City, "city", id), CITY)


class OneCountryName(Resource):
    """The name of a country in a language."""

    suffixes = True

    def get(self, country: str, language: str) -> Any:
        return marshal(row(CountryName, "country name", country, language), COUNTRY_NAME)


class OneLanguage(Resource):
    """A language, with the countries whose main language it is."""

    suffixes = True

    def get(self, code: str) -> Any:
        return marshal(row(Language, "language", code), LANGUAGE)


class OneCurrency(Resource):
    """A currency, with the countries whose main currency it is."""

    def get(self, code: str) -> Any:
        return marshal(row(Currency, "currency", code), CURRENCY)


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


def register(api: Api) -> None:
    """Add the resources."""
    for endpoint, (resource, path) in RESOURCES.items():
        api.add_resource(resource, PREFIX + path, endpoint=endpoint)
