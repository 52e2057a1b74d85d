"""Starts a server for development."""

from . import create_app

create_app().run()
