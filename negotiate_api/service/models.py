"""The tables of World. Columns, their order and their meaning are those of data/README.md."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import BigInteger, Double, ForeignKey, Integer, MetaData, String, Table
from sqlalchemy.dialects.mysql import VARCHAR
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

NAMES = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "ix": "ix_%(table_name)s_%(column_0_name)s",
    "uq": "uq_%(table_name)s_%(column_0_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}


class Base(DeclarativeBase):
    """What the models have in common: a row is created, saved and deleted in a transaction of its own."""

    metadata = MetaData(naming_convention=NAMES)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    @classmethod
    def create(cls, **values: Any) -> Self:
        """A new row, saved."""
        return cls(**values).save()

    def save(self) -> Self:
        """Write the row."""
        db.session.add(self)
        db.session.commit()
        return self

    def delete(self) -> None:
        """Remove the row."""
        db.session.delete(self)
        db.session.commit()


OPTIONS = {"mysql_charset": "utf8mb4", "mariadb_charset": "utf8mb4"}

db = SQLAlchemy(model_class=Base)

if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model


def symbols(length: int) -> String:
    """The type of codes, compared and sorted by their characters in every database: "no" is not "NO"."""
    plain = String(length).with_variant(String(length, collation="C"), "postgresql")
    return plain.with_variant(VARCHAR(length, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb")


class Language(Model):
    """Languages and their varieties, with the script they are written in."""

    __tablename__ = "languages"
    __table_args__ = OPTIONS

    code: Mapped[str] = mapped_column(symbols(20), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    native_name: Mapped[str | None] = mapped_column(String(100))
    script: Mapped[str | None] = mapped_column(symbols(4))
    direction: Mapped[str | None] = mapped_column(symbols(3))

    countries: Mapped[list[Country]] = relationship(back_populates="language", order_by="Country.code")


class Currency(Model):
    """Currencies, present and past, with their symbols and decimal places."""

    __tablename__ = "currencies"
    __table_args__ = OPTIONS

    code: Mapped[str] = mapped_column(symbols(3), primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    symbol: Mapped[str | None] = mapped_column(String(20))
    digits: Mapped[int]

    countries: Mapped[list[Country]] = relationship(back_populates="currency", order_by="Country.code")


class Country(Model):
    """Countries and territories, with their main currency and language."""

    __tablename__ = "countries"
    __table_args__ = OPTIONS

    code: Mapped[str] = mapped_column(symbols(2), primary_key=True)
    iso3: Mapped[str] = mapped_column(symbols(3))
    numeric: Mapped[str | None] = mapped_column(symbols(3))
    name: Mapped[str] = mapped_column(String(100))
    native_name: Mapped[str | None] = mapped_column(String(100))
    capital: Mapped[str | None] = mapped_column(String(100))
    continent: Mapped[str] = mapped_column(symbols(2))
    area_km2: Mapped[int | None]
    population: Mapped[int] = mapped_column(BigInteger)
    currency_code: Mapped[str | None] = mapped_column("currency", symbols(3), ForeignKey(Currency.code), index=True)
    phone: Mapped[str | None] = mapped_column(String(30))
    tld: Mapped[str | None] = mapped_column(String(10))
    postal_code_pattern: Mapped[str | None] = mapped_column(String(300))
    language_code: Mapped[str | None] = mapped_column("language", symbols(20), ForeignKey(Language.code), index=True)

    currency: Mapped[Currency | None] = relationship(back_populates="countries")
    language: Mapped[Language | None] = relationship(back_populates="countries")


class City(Model):
    """Cities of 15,000 people or more, and capitals."""

    __tablename__ = "cities"
    __table_args__ = OPTIONS

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    name: Mapped[str] = mapped_column(String(200))
    native_name: Mapped[str | None] = mapped_column(String(200))
    country_code: Mapped[str] = mapped_column("country", symbols(2), ForeignKey(Country.code), index=True)
    region: Mapped[str | None] = mapped_column(symbols(20))
    latitude: Mapped[float] = mapped_column(Double)
    longitude: Mapped[float] = mapped_column(Double)
    population: Mapped[int] = mapped_column(BigInteger)
    timezone: Mapped[str] = mapped_column(String(60))

    country: Mapped[Country] = relationship()


class CountryName(Model):
    """Names of the countries in 32 languages."""

    __tablename__ = "country_names"
    __table_args__ = OPTIONS

    country_code: Mapped[str] = mapped_column("country", symbols(2), ForeignKey(Country.code), primary_key=True)
    language_code: Mapped[str] = mapped_column(
        "language", symbols(20), ForeignKey(Language.code), primary_key=True, index=True
    )
    name: Mapped[str] = mapped_column(String(200))

    country: Mapped[Country] = relationship()
    language: Mapped[Language] = relationship()


class WorldVersion(Model):
    """Which version of the data the tables of World hold; one row."""

    __tablename__ = "world_version"
    __table_args__ = OPTIONS

    digest: Mapped[str] = mapped_column(symbols(64), primary_key=True)


WORLD: tuple[type[Base], ...] = (Country, City, CountryName, Language, Currency)
"""The models of World, in the order they are listed."""


def table_of(model: type[Base]) -> Table:
    """The table of a model."""
    assert isinstance(model.__table__, Table)
    return model.__table__
