"""A server with users: a database, passwords, HTTP Basic authentication, each in a file of its own.

$ curl http://127.0.0.1:5000/api/helloworld
{"status": 1, "message": "Hello World!"}
$ curl http://127.0.0.1:5000/api/create -d name=test -d password=test
{"message": "The database is ready!"}
$ curl http://127.0.0.1:5000/api/user
{"message": "Unauthorized Access"}
$ curl --basic -u test:test http://127.0.0.1:5000/api/user
{"users": [{"id": 1, "name": "test"}]}
"""

from .app import create_app

__all__ = ["create_app"]
