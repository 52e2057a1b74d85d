"""The input types and fields that several resources use."""

from negotiate_api import fields


def name(text):
    """A name: text that is not blank, without spaces around it."""
    if not text.strip():
        raise ValueError("A name cannot be blank.")
    return text.strip()


class Title(fields.Raw):
    """Text with a capital at the start of each word."""

    def format(self, value):
        return value.title()
