"""Offers follow what is declared, whichever way that is changed."""

import pytest
from flask import Flask

from negotiate_api import Api, Resource
from representations import CSV, JSON

CHANGES = {
    "set": lambda found: found.__setitem__("text/new", as_text),
    "update": lambda found: found.update({"text/new": as_text}),
    "setdefault": lambda found: found.setdefault("text/new", as_text),
    "or": lambda found: found.__ior__({"text/new": as_text}),
    "delete": lambda found: found.__delitem__("text/csv"),
    "pop": lambda found: found.pop("text/csv"),
    "popitem": lambda found: found.popitem(),
    "clear": lambda found: found.clear(),
}


def as_text(data, code, headers=None):
    return Flask.response_class(str(data), code, headers)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_every_change_of_representations_is_noticed(change):
    app = Flask("declared")
    api = Api(app, representations=[JSON(), CSV()], default_mediatype=None)

    class Things(Resource):
        def get(self):
            return {"a": 1}

    api.add_resource(Things, "/things")
    client = app.test_client()
    before = dict(api.representations)
    assert client.get("/things", headers={"Accept": "text/csv"}).status_code == 200
    change(api.representations)
    assert api.representations != before
    for mediatype in ("text/csv", "text/new"):
        status = client.get("/things", headers={"Accept": mediatype}).status_code
        assert (status == 200) == (mediatype in api.representations)
