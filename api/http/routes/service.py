"""The service itself."""

from fastapi import APIRouter, Request
from starlette.responses import Response

from api import settings as source
from api.http.answers import tagged
from api.http.deps import Made, Seen
from api.http.routes.exact import Exact
from api.http.schemas.service import SettingsAnswer

router = APIRouter(route_class=Exact, tags=["服务"])

#: Secrets, and where things lie on the machine.
HIDDEN = frozenset(
    {
        "secret",
        "store",
        "neo4j_user",
        "neo4j_password",
        "neo4j_password_file",
        "neo4j_ca",
        "cache",
        "models",
        "examples",
        "files",
    }
)


@router.get(
    "/settings",
    summary="服务所用的设置",
    responses={200: {"model": SettingsAnswer}, 304: {"description": "没有变过"}},
)
def settings(request: Request, made: Made, viewer: Seen) -> Response:
    """各项上限与取值；密钥和本机的路径不在其中。"""
    hidden = {source.variable(name) for name in HIDDEN}
    shown = source.listed(made.settings) if viewer.sees_all else []
    return tagged(request, {"settings": [row for row in shown if row["name"] not in hidden]})
