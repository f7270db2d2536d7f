"""The app with all its commands, in the order that help shows them."""

from api.cli import data, demo, export, graph, measure, resolve, search, serve, setup, store
from api.cli.frame import app

__all__ = ["app"]

for module in (data, search, graph, export, measure, demo, setup, serve, store, resolve):
    module.register(app)
