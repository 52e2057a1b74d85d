"""Flask-RESTful's package of this name, for imports that say it. The formats are in the package representations."""
