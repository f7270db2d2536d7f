"""What can be asked under ``/api/v1``: one module for each group of routes."""

from fastapi import APIRouter

#: In the order in which the documents show them.
ROUTERS: tuple[APIRouter, ...] = ()
