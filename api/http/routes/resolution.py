"""Which organisations may be one, for a person to decide."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from api.deciding import embed_few, pair_dict, pairs_dict
from api.http import bounds
from api.http.answers import answer
from api.http.deps import HEAVY, Made, Page, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact, ExactOnce
from api.http.routes.examples import named
from api.http.schemas.deciding import (
    AcceptBody,
    Level,
    Pair,
    PairsAnswer,
    RejectBody,
    Status,
)
from graph_service.resolution.review import Review

router = APIRouter(route_class=Exact, tags=["谁是谁"])
writing = APIRouter(route_class=ExactOnce, tags=["谁是谁"])

Id = Annotated[str, Path(alias="id", min_length=1, max_length=64, description="这一对的编号")]
_DECIDED = {200: {"model": Pair}, **documented("not_found", "conflict", "pair_state")}


@router.get(
    "/resolution/pairs",
    summary="逐页列出核对清单",
    dependencies=[HEAVY],
    responses={200: {"model": PairsAnswer}, **documented("busy", "query_timeout")},
)
def pairs(
    made: Made,
    viewer: Seen,
    page: Page,
    state: Annotated[
        list[Status],
        Query(
            description="哪些：待核对、已合并、不是同一家；缺省为待核对",
            openapi_examples=named(decided=["accepted", "rejected"]),
        ),
    ] = ["open"],  # noqa: B006 - never changed; FastAPI shows it as the default
    level: Annotated[list[Level], Query(description="只看很可能的，或存疑的")] = [],  # noqa: B006
    name: Annotated[
        str, Query(max_length=200, description="只看名称里有这些字的"), bounds.NO_NUL
    ] = "",
) -> Response:
    """最可能的在前，逐对给出依据；先提交 resolve 任务找出可能的。各项分值加先验等于对数几率。"""
    found, total = Review(made.store).list(
        status=state,
        level=level,
        name=name,
        after=None if page.after is None else tuple(page.after),
        size=page.limit + 1,
        viewer=viewer,
    )
    listed = found[: page.limit]
    more = len(found) > page.limit
    last = [listed[-1].data["score"], listed[-1].id] if more else None
    return answer({**pairs_dict(listed, total), "next": page.next(last)})


@router.get(
    "/resolution/pairs/{id}",
    summary="核对清单里的一对",
    responses={200: {"model": Pair}, **documented("not_found")},
)
def pair(made: Made, viewer: Seen, id_: Id) -> Response:
    """双方、依据与所作的决定。"""
    return answer(pair_dict(Review(made.store).pair(id_, viewer=viewer)))


@writing.post(
    "/resolution/pairs/{id}/accept",
    summary="是同一家",
    responses=_DECIDED,
)
def accept_pair(
    made: Made,
    viewer: Seen,
    id_: Id,
    asked: Annotated[AcceptBody, Body()] = AcceptBody(),  # noqa: B008 - frozen
) -> Response:
    """此后读到的是一个机构，两个名称、两个编号都指向它；可以撤销。"""
    by = asked.by or viewer.name
    done = Review(made.store).accept(id_, by=by, keep=asked.keep, viewer=viewer)
    embed_few(made)
    return answer(pair_dict(done))


@writing.post(
    "/resolution/pairs/{id}/reject",
    summary="不是同一家",
    responses=_DECIDED,
)
def reject_pair(
    made: Made,
    viewer: Seen,
    id_: Id,
    asked: Annotated[RejectBody, Body()] = RejectBody(),  # noqa: B008 - frozen
) -> Response:
    """以后不再提出；可以撤销。"""
    done = Review(made.store).reject(id_, by=asked.by or viewer.name, viewer=viewer)
    return answer(pair_dict(done))


@writing.post(
    "/resolution/pairs/{id}/undo",
    summary="撤销决定",
    responses=_DECIDED,
)
def undo_pair(made: Made, viewer: Seen, id_: Id) -> Response:
    """已合并的恢复为合并前的两家，这一对回到清单。"""
    done = Review(made.store).undo(id_, viewer=viewer)
    embed_few(made)
    return answer(pair_dict(done))
