"""The resources, a module a subject."""
