"""What can be asked under ``/api/v1``: one module for each group of routes."""

from fastapi import APIRouter

from api.http.routes import (
    demands,
    feedback,
    graph,
    insight,
    jobs,
    learned,
    matching,
    models,
    reading,
    resolution,
    service,
    uploads,
)

#: In the order in which the documents show them.
ROUTERS: tuple[APIRouter, ...] = (
    matching.router,
    demands.router,
    reading.router,
    graph.router,
    insight.router,
    insight.writing,
    uploads.writing,
    uploads.router,
    jobs.writing,
    jobs.router,
    resolution.router,
    resolution.writing,
    feedback.router,
    feedback.writing,
    learned.router,
    learned.writing,
    models.router,
    models.writing,
    service.router,
)
