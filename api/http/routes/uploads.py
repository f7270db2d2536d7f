"""Files that people upload, what is recognised in them, and the built-in mappings of headers."""

from collections.abc import Iterator
from typing import Annotated

from anyio import CapacityLimiter, from_thread, to_thread
from anyio.lowlevel import RunVar
from fastapi import APIRouter, Path, Query, Request
from starlette.responses import Response

from api.files import Upload
from api.http.answers import answer, tagged
from api.http.bounds import NO_NUL
from api.http.deps import HEAVY, Made, Seen
from api.http.multipart import boundary_of, file_of
from api.http.problems import documented
from api.http.routes.exact import Exact, ExactOnce
from api.http.routes.examples import named
from api.http.schemas.loading import (
    MappingAnswer,
    MappingsAnswer,
    RecognitionAnswer,
    UploadAnswer,
)
from api.jobs.params import UploadId
from graph_service.errors import InputError, NotFoundError, QueryTimeoutError
from loaders import given
from loaders.looking import look
from loaders.mapping import Declared, declared, text_of
from loaders.suggest import usual_header

router = APIRouter(route_class=Exact, tags=["载入"])
writing = APIRouter(route_class=ExactOnce, tags=["载入"])

#: Uploads that are received at one time; each holds a thread of its own kind.
_AT_ONCE = 32
_LIMITER: RunVar[CapacityLimiter] = RunVar("uploads")

Id = Annotated[str, Path(alias="id", min_length=1, max_length=64, description="上传文件的编号")]

_BINARY = {"schema": {"type": "string", "format": "binary", "minLength": 1}}
_FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {
            "file": {"type": "string", "format": "binary", "minLength": 1, "description": "文件"}
        },
    }
}


@writing.post(
    "/uploads",
    status_code=201,
    summary="上传一个文件",
    responses={
        201: {"model": UploadAnswer, "headers": {"Location": {"schema": {"type": "string"}}}},
        **documented("upload_too_large", "files_full", "store_unavailable"),
    },
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/octet-stream": _BINARY, "multipart/form-data": _FORM},
        }
    },
)
async def upload(
    request: Request,
    made: Made,
    viewer: Seen,
    name: Annotated[
        str | None,
        Query(
            min_length=1,
            max_length=255,
            description="文件名；请求体就是文件内容时必须给出，multipart 时以其中的为准",
        ),
        NO_NUL,
    ] = None,
) -> Response:
    """请求体就是文件内容（文件名写在 `name`），或是含一个文件的 multipart/form-data。边收边写到
    盘上；收完才算数。此后用编号提交载入任务。"""
    boundary = boundary_of(request.headers.get("content-type", ""))
    if boundary is None and name is None:
        raise InputError(
            "没有给出文件名", hint="写在地址里，如 ?name=需求.xlsx；或用 multipart/form-data"
        )
    stream = request.stream()

    async def more() -> bytes | None:
        return await anext(stream, None)

    def chunks() -> Iterator[bytes]:
        while (chunk := from_thread.run(more)) is not None:
            yield chunk

    def receive() -> Upload:
        called, content = name or "", chunks()
        if boundary is not None:
            called, content = file_of(boundary, content)
        most = made.settings.upload_bytes
        return made.files.receive(called, _filled(content), most=most, viewer=viewer)

    kept = await to_thread.run_sync(receive, limiter=_limiter())
    return answer(kept.as_dict(), 201, {"Location": f"/api/v1/uploads/{kept.id}"})


@router.get(
    "/uploads/{id}",
    summary="一个上传的文件",
    responses={200: {"model": UploadAnswer}, **documented("not_found")},
)
def upload_of(made: Made, viewer: Seen, id_: Id) -> Response:
    """名称、大小与校验和。过了保留期的文件会被清除。"""
    return answer(made.files.upload(id_, viewer=viewer).as_dict())


@router.get(
    "/uploads/{id}/recognition",
    summary="上传的文件里认出了什么",
    dependencies=[HEAVY],
    responses={
        200: {"model": RecognitionAnswer},
        **documented("not_found", "busy", "query_timeout"),
    },
)
def recognition(
    made: Made,
    viewer: Seen,
    id_: Id,
    mapping: Annotated[
        list[UploadId],
        Query(max_length=20, description="上传的表头对照（.toml）的编号，先于内置的"),
    ] = [],  # noqa: B006 - never changed; FastAPI shows it as the default
) -> Response:
    """按表头与前面的行辨认，什么也不载入。认不出的附上建议的表头对照：改好后上传，写进载入任务
    的 `mappings`。"""
    path = made.files.upload_path(id_, viewer=viewer)
    extra = [given.read(made.files.upload_path(one, viewer=viewer)) for one in mapping]
    try:
        return answer(look([path], extra).as_dict())
    except QueryTimeoutError as error:
        raise QueryTimeoutError(
            "文件太大，没有在时限之内辨认完。",
            hint="可直接提交载入任务，dry_run 只看会有什么变化；或拆成几个文件。",
            **error.values,
        ) from error


@router.get("/mappings", summary="内置的表头对照", responses={200: {"model": MappingsAnswer}})
def mappings() -> Response:
    """认得的各种文件，按载入的次序。"""
    return answer({"mappings": [_summary(one) for one in declared()]})


@router.get(
    "/mappings/{name}",
    summary="一份内置的表头对照",
    responses={
        200: {"model": MappingAnswer},
        304: {"description": "没有变过"},
        **documented("not_found"),
    },
)
def mapping_of(
    request: Request,
    name: Annotated[
        str,
        Path(
            min_length=1,
            max_length=64,
            description="对照的名称",
            openapi_examples=named(demands="demands"),
        ),
    ],
) -> Response:
    """各项认得的表头，以及对照文件本身，可作自己的对照的底本。"""
    found = next((one for one in declared() if one.name == name), None)
    if found is None:
        known = "、".join(one.name for one in declared())
        raise NotFoundError(f"没有名为 {name} 的内置对照", hint=f"可用的有 {known}", name=name)
    return tagged(request, _whole(found))


def _summary(mapping: Declared) -> dict[str, object]:
    return {
        "name": mapping.name,
        "title": mapping.title,
        "rank": mapping.rank,
        "required": list(mapping.required),
    }


def _whole(mapping: Declared) -> dict[str, object]:
    fields = [
        {
            "name": field.name,
            "known_as": usual_header(mapping, field.name),
            "headers": list(field.headers),
            "clean": field.clean,
            "required": field.name in mapping.required,
        }
        for field in mapping.fields.values()
        if field.headers
    ]
    return {
        **_summary(mapping),
        "any": list(mapping.any),
        "fields": fields,
        "toml": text_of(mapping.name),
    }


def _filled(content: Iterator[bytes]) -> Iterator[bytes]:
    """The content; an empty file is refused."""
    empty = True
    for chunk in content:
        empty = empty and not chunk
        yield chunk
    if empty:
        raise InputError("上传的文件没有内容", hint="检查文件是否选对")


def _limiter() -> CapacityLimiter:
    """Threads for uploads, apart from those that small requests need."""
    try:
        return _LIMITER.get()
    except LookupError:
        limiter = CapacityLimiter(_AT_ONCE)
        _LIMITER.set(limiter)
        return limiter
