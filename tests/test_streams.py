"""Streams: what they are read in, whoever reads them and whenever."""

import errno
import gc
from contextlib import ExitStack

import pytest
from flask import Flask, g, request

from negotiate_api import Api, Resource, Rows
from representations import msgpack

SIZE = 20_000


def make_app():
    app = Flask("streams")
    app.torn = []
    app.teardown_request(lambda error: app.torn.append("request"))
    app.teardown_appcontext(lambda error: app.torn.append("application"))

    class Numbers(Resource):
        def get(self, name):
            g.offset = 7
            return Rows(("n", "path"), ((n + g.offset, request.path) for n in range(SIZE)))

    Api(app).add_resource(Numbers, "/<any(numbers,others):name>")
    return app


def read_by_client(app, stack):
    return app.test_client().get("/numbers")


def read_in_client(app, stack):
    return stack.enter_context(app.test_client()).get("/numbers")


def read_in_application_context(app, stack):
    stack.enter_context(app.app_context())
    return app.test_client().get("/numbers")


def read_in_request_context(app, stack):
    stack.enter_context(app.test_request_context("/numbers"))
    return app.full_dispatch_request()


def read_of_dispatch(app, stack):
    stack.enter_context(app.test_request_context("/numbers"))
    return app.make_response(app.dispatch_request())


@pytest.mark.parametrize(
    "respond",
    [read_by_client, read_in_client, read_in_application_context, read_in_request_context, read_of_dispatch],
)
def test_stream_has_its_request_wherever_it_is_read(respond):
    app = make_app()
    with ExitStack() as stack:
        rows = respond(app, stack).get_json()
    assert (len(rows), rows[0], rows[-1]["n"]) == (SIZE, {"n": 7, "path": "/numbers"}, SIZE + 6)
    assert sorted(app.torn) == ["application", "request"]


def test_streams_read_by_turns_keep_their_requests_apart():
    app = make_app()
    client = app.test_client()
    responses = [client.get(f"/{name}", buffered=False) for name in ("numbers", "others")]
    texts = [b"", b""]
    streams = [iter(response.response) for response in responses]
    for _ in range(3):
        texts = [text + next(stream) for text, stream in zip(texts, streams, strict=True)]
    assert b'"/numbers"' in texts[0]
    assert b'"/others"' not in texts[0]
    assert b'"/others"' in texts[1]
    for response in responses:
        response.close()
    assert sorted(app.torn) == ["application"] * 2 + ["request"] * 2


def test_request_is_torn_down_where_a_function_after_it_fails():
    app = make_app()
    app.logger.disabled = True  # pytest would keep the traceback, and that the response

    @app.after_request
    def fail(response):
        raise RuntimeError("broken")

    for _ in range(3):
        app.test_client().get("/numbers")
        gc.collect()
    assert sorted(app.torn) == ["application"] * 3 + ["request"] * 3


def test_rows_that_find_no_room_on_the_disk_are_503_in_words(monkeypatch):
    def write(file, data):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(msgpack.SpooledTemporaryFile, "write", write)
    response = make_app().test_client().get("/numbers", headers={"Accept": "application/vnd.msgpack"})
    assert (response.status_code, b"no room left" in response.data) == (503, True)
