"""Where resources are, as Flask-RESTful's users rely on it: every test holds with both libraries."""

from functools import wraps

import pytest
from flask import Blueprint, Flask, request
from flask.views import MethodView
from flask_restful_pair import client_of, either_library, resource

pytestmark = either_library


def named(library, name, **attributes):
    return type(name, (library.Resource,), attributes)


def mounted(library, *blueprint_options, registration=(), **api_options):
    """An application with Resource Thing at /things/<id> of an Api on the blueprint "bp", and that Api."""
    app, blueprint = Flask("app"), Blueprint("bp", "bp", **dict(blueprint_options))
    api = library.Api(blueprint, **api_options)
    api.thing = named(library, "Thing", get=lambda self, **where: {**where, "endpoint": request.endpoint})
    api.add_resource(api.thing, "/things/<int:id>")
    app.register_blueprint(blueprint, **dict(registration))
    return app, api


# URLs


def test_resource_answers_at_each_of_its_urls(library):
    app = Flask("app")
    library.Api(app).add_resource(resource(library, get=lambda self, **where: where), "/", "/all", "/<int:number>")
    client = app.test_client()

    assert [client.get(url).json for url in ("/", "/all", "/7")] == [{}, {}, {"number": 7}]


def test_resource_decorator_takes_what_add_resource_takes_and_gives_the_class(library):
    app = Flask("app")
    api = library.Api(app)

    @api.resource("/things", "/objects", endpoint="all_things")
    class Things(library.Resource):
        def get(self):
            return request.endpoint

    assert issubclass(Things, library.Resource)
    assert [app.test_client().get(url).json for url in ("/things", "/objects")] == ["all_things"] * 2


@pytest.mark.parametrize(("options", "endpoint"), [({}, "cupboard"), ({"endpoint": "shelf"}, "shelf")])
def test_endpoint_is_the_class_name_in_lower_case_unless_it_is_given(library, options, endpoint):
    app = Flask("app")
    api, cupboard = library.Api(app), named(library, "CupBoard", get=lambda self: None)
    api.add_resource(cupboard, "/", **options)

    assert cupboard.endpoint == endpoint
    assert api.owns_endpoint(endpoint)
    assert not api.owns_endpoint("static")


def test_one_class_may_have_several_endpoints(library):
    app = Flask("app")
    api, thing = library.Api(app), resource(library, get=lambda self: request.endpoint)
    api.add_resource(thing, "/a", endpoint="a")
    api.add_resource(thing, "/b", endpoint="b")

    assert [app.test_client().get(url).json for url in ("/a", "/b")] == ["a", "b"]


def test_endpoint_of_one_class_is_refused_to_another(library):
    api = library.Api(Flask("app"))
    api.add_resource(named(library, "First"), "/a", endpoint="taken")

    with pytest.raises(ValueError, match="taken"):
        api.add_resource(named(library, "Second"), "/b", endpoint="taken")


def test_options_of_a_url_rule_go_to_flask(library):
    app = Flask("app")
    thing = resource(library, get=lambda self, **where: where)
    library.Api(app).add_resource(thing, "/a/", defaults={"page": 1}, strict_slashes=False)

    assert app.test_client().get("/a").json == {"page": 1}


def test_application_is_asked_for_each_rule(library):
    class Recording(Flask):
        rules = []

        def add_url_rule(self, rule, endpoint=None, view_func=None, **options):
            self.rules.append((rule, view_func.__name__, options))
            super().add_url_rule(rule, endpoint, view_func, **options)

    app = Recording("app", static_folder=None)
    library.Api(app, prefix="/v1").add_resource(named(library, "Thing", get=None), "/a", "/b", defaults={"c": 1})

    assert app.rules == [("/v1/a", "thing", {"defaults": {"c": 1}}), ("/v1/b", "thing", {"defaults": {"c": 1}})]


def test_prefix_of_the_api_comes_before_its_urls(library):
    assert client_of(library, api_options={"prefix": "/v1"}, url="/a", get="here").get("/v1/a").json == "here"


def test_instance_may_be_added_in_place_of_its_class(library):
    app = Flask("app")
    library.Api(app).add_resource(resource(library, get="here")(), "/", endpoint="thing")

    assert app.test_client().get("/").json == "here"


def test_method_view_of_flask_may_be_added(library):
    app = Flask("app")
    view = type("View", (MethodView,), {"get": lambda self: ({"a": 1}, 201)})
    library.Api(app).add_resource(view, "/")
    response = app.test_client().get("/")

    assert (response.status_code, response.json) == (201, {"a": 1})


def test_resource_is_constructed_once_a_request_with_what_it_was_added_with(library):
    made = []

    class Thing(library.Resource):
        def __init__(self, *args, **kwargs):
            made.append((args, kwargs))

        def get(self):
            return len(made)

    app = Flask("app")
    options = {"resource_class_args": ("store",), "resource_class_kwargs": {"limit": 3}}
    library.Api(app).add_resource(Thing, "/", **options)
    client = app.test_client()

    assert (client.get("/").json, client.get("/").json) == (1, 2)
    assert made == [(("store",), {"limit": 3})] * 2


# Applications and blueprints


def test_api_may_be_made_before_its_application(library):
    app, api = Flask("app"), library.Api(prefix="/v1")
    api.add_resource(resource(library, get="here"), "/a", endpoint="early")
    api.init_app(app)

    assert app.test_client().get("/v1/a").json == "here"


def test_api_may_be_made_before_its_blueprint(library):
    app, blueprint, api = Flask("app"), Blueprint("bp", "bp", url_prefix="/bp"), library.Api()
    api.add_resource(resource(library, get="here"), "/a", endpoint="early")
    api.init_app(blueprint)
    app.register_blueprint(blueprint)

    assert app.test_client().get("/bp/a").json == "here"


def test_api_that_has_no_application_owns_no_endpoint(library):
    assert not library.Api().owns_endpoint("thing")


def test_resource_may_be_added_once_its_blueprint_is_registered(library):
    app, api = mounted(library, ("url_prefix", "/bp"))
    api.add_resource(named(library, "Late", get=lambda self: request.endpoint), "/late")

    assert app.test_client().get("/bp/late").json == "bp.late"


@pytest.mark.parametrize(
    ("blueprint", "registration", "prefix", "url"),
    [
        ((), (), "", "/things/7"),
        ((), (), "/v1", "/v1/things/7"),
        ([("url_prefix", "/bp")], (), "", "/bp/things/7"),
        ([("url_prefix", "/bp")], (), "/v1", "/bp/v1/things/7"),
        ((), [("url_prefix", "/reg")], "", "/reg/things/7"),
        ([("url_prefix", "/bp")], [("url_prefix", "/reg")], "/v1", "/reg/v1/things/7"),
    ],
)
def test_url_is_the_blueprint_s_prefix_then_the_api_s(library, blueprint, registration, prefix, url):
    app, api = mounted(library, *blueprint, registration=registration, prefix=prefix)

    assert app.test_client().get(url).json == {"id": 7, "endpoint": "bp.thing"}
    with app.test_request_context():
        assert api.url_for(api.thing, id=7) == url


@pytest.mark.parametrize(
    ("order", "url"),
    [
        ("bae", "/bp/v1/things/7"),
        ("bea", "/bp/things/7/v1"),
        ("abe", "/v1/bp/things/7"),
        ("aeb", "/v1/things/7/bp"),
        ("eab", "/things/7/v1/bp"),
        ("eba", "/things/7/bp/v1"),
    ],
)
def test_url_part_order_says_how_a_url_is_put_together(library, order, url):
    app, _ = mounted(library, ("url_prefix", "/bp"), prefix="/v1", url_part_order=order)

    assert app.test_client().get(url).status_code == 200


def test_defaults_and_subdomain_of_a_blueprint_hold_for_its_resources(library):
    app, blueprint = Flask("app", subdomain_matching=True), Blueprint("bp", "bp", subdomain="api")
    app.config["SERVER_NAME"] = "example.org"
    thing = resource(library, get=lambda self, page: {"page": page})
    library.Api(blueprint).add_resource(thing, "/")
    app.register_blueprint(blueprint, url_defaults={"page": 2})

    assert app.test_client().get("/", base_url="http://api.example.org").json == {"page": 2}
    assert app.test_client().get("/", base_url="http://example.org").status_code == 404


def test_guard_of_a_blueprint_guards_its_resources(library):
    app, blueprint = Flask("app"), Blueprint("bp", "bp")
    blueprint.before_request(lambda: ("no", 401))
    library.Api(blueprint).add_resource(resource(library, get="secret"), "/")
    app.register_blueprint(blueprint)

    assert (app.test_client().get("/").status_code, app.test_client().get("/").text) == (401, "no")


def test_endpoints_of_a_blueprint_s_api_are_named_with_the_blueprint(library):
    _, api = mounted(library)

    assert api.owns_endpoint("bp.thing")
    assert not api.owns_endpoint("thing")
    assert not api.owns_endpoint("bp.other")
    assert not api.owns_endpoint("other.thing")


@pytest.mark.parametrize("values", [{}, {"q": "a b"}, {"_external": True}, {"_anchor": "top"}], ids=str)
def test_url_for_gives_what_that_of_flask_gives(library, values):
    app = Flask("app")
    api, thing = library.Api(app), named(library, "Thing")
    api.add_resource(thing, "/things/<int:id>")

    with app.test_request_context():
        assert api.url_for(thing, id=7, **values) == app.url_for("thing", id=7, **values)


def test_several_apis_of_one_application_keep_their_endpoints_apart(library):
    app = Flask("app")
    first, second = library.Api(app, prefix="/1"), library.Api(app, prefix="/2")
    first.add_resource(named(library, "A", get=lambda self: "a"), "/")
    second.add_resource(named(library, "B", get=lambda self: "b"), "/")

    assert [app.test_client().get(url).json for url in ("/1/", "/2/")] == ["a", "b"]
    assert [api.owns_endpoint(name) for api in (first, second) for name in ("a", "b")] == [True, False, False, True]


# Methods


def test_class_docstring_and_methods_stay_on_the_view(library):
    app = Flask("app")
    library.Api(app).add_resource(named(library, "Thing", get=None, __doc__="A thing."), "/")

    assert app.view_functions["thing"].__doc__ == "A thing."
    assert app.view_functions["thing"].view_class.__name__ == "Thing"


def test_head_is_answered_by_get(library):
    response = client_of(library, get=({"a": 1}, 200, {"X-A": "1"})).head("/")

    assert (response.status_code, response.get_data(), response.headers["X-A"]) == (200, b"", "1")


def test_method_for_head_and_for_options_may_be_written(library):
    attributes = {
        "get": {},
        "head": ({}, 200, {"X-By": "head"}),
        "options": lambda self: ({}, 200, {"X-By": "options"}),
    }
    client = client_of(library, **attributes)

    assert [client.open("/", method=method).headers["X-By"] for method in ("HEAD", "OPTIONS")] == ["head", "options"]


def test_options_are_told_without_a_method_for_them(library):
    response = client_of(library, get={}, put={}).options("/")

    assert response.status_code < 300
    assert set(response.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "PUT"}


# Decorators


def marking(name, log):
    def decorator(function):
        @wraps(function)
        def marked(*args, **kwargs):
            log.append(name)
            return function(*args, **kwargs)

        return marked

    return decorator


def test_decorators_of_an_api_wrap_every_view_the_last_outermost(library):
    app, log = Flask("app"), []
    api = library.Api(app, decorators=[marking("first", log), marking("last", log)])
    api.add_resource(named(library, "A", get=lambda self: None), "/a")
    api.add_resource(named(library, "B", get=lambda self: None), "/b")
    app.test_client().get("/a")
    app.test_client().get("/b")

    assert log == ["last", "first"] * 2


def test_decorator_of_an_api_sees_the_response(library):
    app = Flask("app")

    def stamped(view):
        @wraps(view)
        def wrapper(*args, **kwargs):
            response = view(*args, **kwargs)
            response.headers["X-Stamp"] = response.content_type
            return response

        return wrapper

    api = library.Api(app)
    api.decorators.append(stamped)
    api.add_resource(resource(library, get={}), "/", endpoint="thing")

    assert app.test_client().get("/").headers["X-Stamp"] == "application/json"


def test_method_decorators_wrap_every_method_the_last_outermost(library):
    log = []
    client = client_of(library, method_decorators=[marking("first", log), marking("last", log)], get=None, post=None)
    client.get("/")
    client.post("/")

    assert log == ["last", "first"] * 2


def test_method_decorators_by_method_wrap_that_alone(library):
    log = []
    client = client_of(library, method_decorators={"post": [marking("post", log)]}, get=None, post=None)
    client.get("/")
    client.post("/")

    assert log == ["post"]


def test_method_decorator_sees_what_the_method_returns_before_it_is_rendered(library):
    def doubled(method):
        return lambda *args, **kwargs: method(*args, **kwargs) * 2

    assert client_of(library, method_decorators=[doubled], get=[1]).get("/").json == [1, 1]


def test_method_decorators_of_the_base_class_may_be_added_to(library):
    log, decorators = [], library.Resource.method_decorators.copy()
    decorators.append(marking("own", log))
    client_of(library, method_decorators=decorators, get=None).get("/")

    assert log == ["own"]


def test_method_that_is_called_directly_is_not_decorated(library):
    log = []
    thing = resource(library, method_decorators=[marking("decorated", log)], get="plain")

    assert (thing().get(), log) == ("plain", [])


def test_resource_dispatches_without_an_api(library):
    thing = resource(library, get={"by": "get"}, post={"by": "post"})
    answers = []
    for method in ("GET", "HEAD", "POST"):
        with Flask("app").test_request_context(method=method):
            answers.append(thing().dispatch_request())

    assert answers == [{"by": "get"}, {"by": "get"}, {"by": "post"}]


def test_decorators_of_the_class_are_flask_s(library):
    log = []
    client_of(library, decorators=[marking("class", log)], get=None).get("/")

    assert log == ["class"]


# What an Api knows of itself


def test_options_of_an_api_may_be_given_by_place_and_are_its_attributes(library):
    app, decorator, errors = Flask("app"), (lambda view: view), {"OutOfTea": {"status": 503}}
    api = library.Api(app, "/v1", "text/csv", [decorator], True, True, "abe", errors)

    assert (api.app, api.blueprint, api.prefix, api.default_mediatype) == (app, None, "/v1", "text/csv")
    assert (api.decorators, api.catch_all_404s, api.serve_challenge_on_401) == ([decorator], True, True)
    assert (api.url_part_order, api.errors) == ("abe", errors)


def test_api_has_the_attributes_of_one_without_options(library):
    api = library.Api()

    assert (api.app, api.blueprint, api.prefix, api.default_mediatype) == (None, None, "", "application/json")
    assert (api.decorators, api.catch_all_404s, api.serve_challenge_on_401) == ([], False, False)
    assert (api.url_part_order, api.errors, api.urls) == ("bae", {}, {})
    assert (api.endpoints, api.resources) == (set(), [])


def test_api_remembers_its_resources_and_endpoints(library):
    api, thing = library.Api(), named(library, "Thing")
    api.add_resource(thing, "/a", "/b", endpoint="here", defaults={"c": 1})

    assert [(entry[0], tuple(entry[1])) for entry in api.resources] == [(thing, ("/a", "/b"))]
    api.init_app(Flask("app"))
    assert api.endpoints == {"here"}
