"""The app with all its commands, in the order that help shows them."""

from api.cli import (
    adapt,
    alike,
    bulk,
    data,
    demo,
    export,
    exposure,
    feedback,
    graph,
    insight,
    jobs,
    measure,
    reading,
    resolve,
    search,
    serve,
    setup,
    store,
    train,
    worker,
)
from api.cli.frame import app

__all__ = ["app"]

_MODULES = (
    data, search, alike, exposure, reading, graph, insight, export, measure, train, adapt, demo,
    setup, serve, worker, store, resolve, feedback, jobs, bulk,
)  # fmt: skip
for module in _MODULES:
    module.register(app)
