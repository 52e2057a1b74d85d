"""The wheel that `pip install .` makes, installed where nothing of the repository is in sight."""

import ast
import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import venv
from importlib.metadata import PathDistribution, packages_distributions
from pathlib import Path
from urllib.request import urlopen
from zipfile import Path as ZipPath
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from representations import DEFAULTS

ROOT = Path(__file__).parent.parent
PACKAGES = ("negotiate_api", "representations")
SECONDS = 60
"""How long anything here may take before it is given up."""

PROGRAM = """
import json, sys
from flask import Flask
from negotiate_api import DEFAULTS, Api, Resource, Rows

app = Flask("elsewhere")
api = Api(app, catch_all_404s=True)

class Table(Resource):
    def get(self):
        return Rows(("id", "name"), [(1, "Ada")])

class Item(Resource):
    def get(self):
        return {"name": "Ada"}

api.add_resource(Table, "/table")
api.add_resource(Item, "/item")
client = app.test_client()
suffixes = [format_.suffixes[0] for format_ in DEFAULTS]
paths = [f"{path}.{suffix}" for suffix in suffixes for path in ("/table", "/item", "/none")]
answers = {path: client.get(path) for path in paths}
print(json.dumps({path: [a.status_code, a.mimetype, b"Ada" in a.data] for path, a in answers.items()}))
"""


def run(*line, **options):
    return subprocess.run(line, capture_output=True, text=True, timeout=SECONDS, check=False, **options)


def files(folder):
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and path.suffix != ".pyc"}


def environment(**variables):
    left_out = ("NEGOTIATE_", "PYTHON", "DATABASE_URL", "REDIS_URL", "SECRET_KEY")
    return {**{name: value for name, value in os.environ.items() if not name.startswith(left_out)}, **variables}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel; built from a copy, as setuptools leaves traces where it builds."""
    source = tmp_path_factory.mktemp("source")
    for name in (*PACKAGES, "data"):
        shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE", "NOTICE"):
        shutil.copy(ROOT / name, source)
    made = run(
        *(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation"),
        *("--wheel-dir", str(source / "wheels"), str(source)),
    )
    assert made.returncode == 0, made.stderr
    return next((source / "wheels").glob("*.whl"))


@pytest.fixture(scope="module")
def metadata(wheel):
    """What the wheel says of itself."""
    with ZipFile(wheel) as archive:
        name = next(name for name in archive.namelist() if name.endswith("/METADATA"))
        yield PathDistribution(ZipPath(archive, f"{Path(name).parent}/")).metadata


@pytest.fixture(scope="module")
def home(wheel, tmp_path_factory):
    """A virtual environment with the wheel, and with what it depends on from the one that runs the tests."""
    folder = tmp_path_factory.mktemp("home")
    venv.create(folder)
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "dependencies.pth").write_text(sysconfig.get_path("purelib"))
    pip = (sys.executable, "-m", "pip", "--python", str(folder / "bin" / "python"))
    done = run(*pip, "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    assert done.returncode == 0, done.stderr
    return folder


def requirements(metadata, *extras):
    """The requirements that a wheel has, or has with extras."""
    found = map(Requirement, metadata.get_all("Requires-Dist"))
    return [r for r in found if not r.marker or any(r.marker.evaluate({"extra": extra}) for extra in extras)]


def test_wheel_holds_the_packages_and_the_data_and_nothing_else(wheel):
    expected = {f"{package}/{name}" for package in PACKAGES for name in files(ROOT / package)}
    expected |= {f"negotiate_api/service/data/{name}" for name in files(ROOT / "data")}

    with ZipFile(wheel) as archive:
        held = {name for name in archive.namelist() if ".dist-info/" not in name}

    assert held == expected


def test_wheel_holds_the_licences_of_all_that_is_in_it(wheel):
    with ZipFile(wheel) as archive:
        held = {name.partition(".dist-info/licenses/")[2] for name in archive.namelist()}

    assert held >= {"LICENSE", "NOTICE", *(f"data/{path.name}" for path in (ROOT / "data").glob("LICENSE.*"))}


def test_metadata_says_which_python_and_which_extras(metadata):
    assert metadata["Requires-Python"] == ">=3.11"
    extras = {"async", "fast", "mariadb", "postgresql", "publish", "redis", "service"}
    assert set(metadata.get_all("Provides-Extra")) == extras


@pytest.mark.parametrize(
    ("folders", "extras"),
    [
        (["representations"], ()),
        (["negotiate_api"], ()),
        (["negotiate_api/publish"], ("publish", "fast")),
        (["negotiate_api/service"], ("service",)),
    ],
    ids=["representations", "negotiate_api", "publish", "service"],
)
def test_metadata_names_whatever_is_imported(metadata, folders, extras):
    declared = {canonicalize_name(r.name) for r in requirements(metadata, *extras)}
    distributions = packages_distributions()
    sources = [
        path
        for folder in folders
        for path in (ROOT / folder).rglob("*.py")
        if extras or not {"publish", "service"}.intersection(path.relative_to(ROOT).parts)
    ]
    imported = {name for path in sources for name in imports(ast.parse(path.read_text("utf-8")))}
    third_parties = imported - set(sys.stdlib_module_names) - set(PACKAGES)

    undeclared = {name for name in third_parties if declared.isdisjoint(map(canonicalize_name, distributions[name]))}

    assert undeclared <= WITH_FLASK


WITH_FLASK = {"werkzeug", "markupsafe", "blinker", "aniso8601", "pytz", "six"}
"""What Flask and Flask-RESTful bring, and show in their own interfaces."""


def imports(tree):
    """The top-level packages that a module imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield node.module.partition(".")[0]


def test_what_runs_the_service_meets_the_metadata(metadata):
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    pinned = {canonicalize_name(r.name): r for r in (Requirement(line) for line in lines if line[:1].isalpha())}

    for needed in requirements(metadata, "service", "fast", "mariadb", "postgresql", "redis"):
        (version,) = pinned[canonicalize_name(needed.name)].specifier
        assert needed.specifier.contains(version.version), needed


def test_build_needs_no_more_than_the_tests_have():
    (needed,) = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["build-system"]["requires"]
    pinned = re.search(r"^setuptools==(\S+)$", (ROOT / "requirements-dev.txt").read_text("utf-8"), re.MULTILINE)

    assert Requirement(needed).specifier.contains(pinned[1])


def test_installed_library_answers_in_every_format(home, tmp_path):
    done = run(str(home / "bin" / "python"), "-c", PROGRAM, cwd=tmp_path, env=environment())

    assert done.stderr == ""
    assert json.loads(done.stdout) == {
        f"{path}.{format_.suffixes[0]}": [status, format_.mediatype, status == 200]
        for format_ in DEFAULTS
        for path, status in (("/table", 200), ("/item", 200), ("/none", 404))
    }


def test_installed_service_serves_its_data_and_keeps_its_own_with_the_users(home, tmp_path):
    place, kept = tmp_path / "place", tmp_path / "kept"
    place.mkdir()
    before = files(home)
    line = [str(home / "bin" / "negotiate-api"), "--port", "0", "--workers", "1"]
    variables = environment(XDG_DATA_HOME=str(kept), PYTHONDONTWRITEBYTECODE="1")

    with subprocess.Popen(line, cwd=place, env=variables, stdout=subprocess.PIPE, text=True) as process:
        try:
            found = (re.search(r"^Serving World on (\S+)/", text) for text in process.stdout)
            url = next(match[1] for match in found if match)
            with urlopen(f"{url}/api/world/countries/NA.json", timeout=SECONDS) as answer:
                country = json.load(answer)
        finally:
            process.terminate()

    assert country["name"] == "Namibia"
    assert {"secret_key", "negotiate_api.sqlite"} <= files(kept / "negotiate_api")
    assert files(place) == set()
    assert files(home) == before


def test_service_without_its_extra_says_what_to_install(home, tmp_path):
    program = "import sys; sys.modules['sqlalchemy'] = None; from negotiate_api.service.__main__ import main; main()"
    done = run(str(home / "bin" / "python"), "-c", program, cwd=tmp_path, env=environment())

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "The service needs sqlalchemy: pip install 'negotiate_api[service]'\n"
