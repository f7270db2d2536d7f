"""Finding things, and what fits them."""

from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from starlette.responses import Response

from api.bootstrap import Services
from api.feedback import beside
from api.filters import QueryFilters
from api.finding import find
from api.http import bounds
from api.http.answers import answer
from api.http.bounds import NodeId, Top
from api.http.deps import HEAVY, TIMED, Made, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact
from api.http.routes.examples import (
    DEMAND,
    FIRM,
    OTHER_RESULT,
    RESULT,
    TEXT,
    named,
)
from api.http.routes.workbooks import TABLE, attached
from api.http.schemas.matching import (
    GROUP,
    CompareBody,
    ComparisonAnswer,
    MatchAnswer,
    MatchBody,
    SearchAnswer,
    SuggestionsAnswer,
)
from api.jobs.params import RecipeName
from api.matched import match_sheets
from graph_service.explore.service import MOST_SUGGESTIONS
from graph_service.exporting.sheets import workbook
from graph_service.matching.recipes import recipe as recipe_named
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query as Subject
from graph_service.matching.types import Target
from graph_service.model import Label, Viewer
from graph_service.visibility import seen

router = APIRouter(route_class=Exact, tags=["匹配"])

_MATCHING = documented("not_found", "busy", "query_timeout", "model_missing", "fingerprint")
_LABELS = "种类，可给多个；缺省为全部"


@router.get(
    "/search",
    summary="按名称、编号、字词和语义查找节点",
    dependencies=[HEAVY],
    responses={200: {"model": SearchAnswer}, **documented("busy", "query_timeout", "fingerprint")},
)
def search(
    made: Made,
    viewer: Seen,
    q: Annotated[
        bounds.Query,
        Query(
            description="名称、编号、统一社会信用代码或描述",
            openapi_examples=named(words="激光冲击强化", firms="关节轴承"),
        ),
    ],
    where: Annotated[QueryFilters, Query()],
    label: Annotated[
        list[Label],
        Query(description=_LABELS, openapi_examples=named(firms=["Organization"])),
    ] = [],  # noqa: B006 - never changed; FastAPI shows it as the default
    limit: Annotated[Top, Query(description="最多几个")] = 20,
) -> Response:
    """名称、编号对得上的在前，其余按字词与语义的名次合并排列。没有向量模型时只按字词，并在
    `warning` 说明。"""
    found = find(made, q, where=where.where(label), limit=limit, viewer=viewer)
    return answer(found.as_dict())


@router.get(
    "/suggestions",
    summary="边输入边提示名称",
    dependencies=[TIMED],
    responses={200: {"model": SuggestionsAnswer}, **documented("query_timeout")},
)
def suggestions(
    made: Made,
    viewer: Seen,
    q: Annotated[
        bounds.Query,
        Query(
            description="已输入的文字：汉字、全拼或首字母",
            openapi_examples=named(hanzi="汀澜", initials="tl"),
        ),
    ],
    label: Annotated[list[Label], Query(description=_LABELS)] = [],  # noqa: B006
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTIONS, description="最多几个")] = 10,
) -> Response:
    """名称以输入开头的在前，其次是含有它的。"""
    found = made.explorer.suggest(q, labels=label, limit=limit, viewer=viewer)
    return answer({"query": q, "suggestions": [one.as_dict() for one in found]})


_ASKED = Body(
    openapi_examples=named(
        demand={"demand": DEMAND, "to": "results", "top": 3},
        result={"result": RESULT, "to": "demands", "recipe": "hybrid"},
        partners={"organization": FIRM, "to": "partners", "top": 5},
        text={
            "text": TEXT,
            "to": "organizations",
            "filter": {"kind": ["企业"], "tier": ["专精特新", "小巨人"]},
        },
    )
)


@router.post(
    "/match",
    summary="为一项需求、一项成果、一家机构或一段文字找匹配对象",
    dependencies=[HEAVY],
    responses={200: {"model": MatchAnswer}, **_MATCHING},
)
def match(made: Made, viewer: Seen, asked: Annotated[MatchBody, _ASKED]) -> Response:
    """在 `demand`、`result`、`organization`、`text` 中给出一个，且只给一个。每个候选都带依据：
    得分 = 先验 + 各项之和；路径中推断的关系都标明。"""
    return answer(_matched(made, viewer, asked))


@router.post(
    "/match/table",
    summary="匹配对象的表（Excel）",
    dependencies=[HEAVY],
    responses={**TABLE, **_MATCHING},
)
def match_table(made: Made, viewer: Seen, asked: Annotated[MatchBody, _ASKED]) -> Response:
    """与 `POST /match` 同样的候选：说明、候选、指标、依据、路径各一张，路径逐步写明观测或推断、来源
    与日期。"""
    told = _matched(made, viewer, asked)
    query = asked.subject.query
    title = query.text or ""
    if query.node_id is not None:
        title = seen(made.store, viewer).nodes([query.node_id])[query.node_id].title
    return attached(workbook(match_sheets(told, title, date.today())), "match.xlsx")  # noqa: DTZ011 - the day of the reader's office


@router.get(
    "/nodes/{id}/matches",
    summary="为一个节点找匹配对象",
    dependencies=[HEAVY],
    responses={200: {"model": MatchAnswer}, **_MATCHING},
)
def node_matches(
    made: Made,
    viewer: Seen,
    id_: Annotated[
        NodeId,
        Path(
            alias="id",
            description="节点编号；其中的 / 与 % 写成 %2F 与 %25",
            openapi_examples=named(demand=DEMAND, result=RESULT),
        ),
    ],
    to: Annotated[
        Target,
        Query(
            description="找什么：成果、揭榜方或用户企业、供应链伙伴、需求",
            openapi_examples=named(demand="results", result="demands"),
        ),
    ],
    where: Annotated[QueryFilters, Query()],
    recipe: Annotated[RecipeName, Query(description="匹配方案")] = "full",
    top: Annotated[Top, Query(description="给出前几名")] = 10,
    group: Annotated[bool, Query(description=GROUP)] = True,
) -> Response:
    """与 `POST /match` 相同，节点写在地址里。"""
    asked = Subject.of_node(id_)
    found = _matcher(made, recipe).match(
        asked,
        to=to,
        recipe=recipe,
        top=top,
        where=where.where(),
        group=group,
        viewer=viewer,
    )
    return answer(beside(made.store, found, asked, viewer=viewer))


@router.post(
    "/comparisons",
    summary="把几个候选放在一起比较",
    dependencies=[HEAVY],
    responses={200: {"model": ComparisonAnswer}, **_MATCHING},
)
def compare(
    made: Made,
    viewer: Seen,
    asked: Annotated[
        CompareBody,
        Body(
            openapi_examples=named(
                demand={
                    "demand": DEMAND,
                    "to": "results",
                    "candidates": [RESULT, OTHER_RESULT],
                }
            )
        ),
    ],
) -> Response:
    """2 至 4 个候选逐项对照：每一项依据的数值与得分、段落、路径，以及各自在全部候选中的名次。
    得分与名次和 `POST /match` 给出的相同。"""
    asked.subject.check(made.store, viewer)
    found = _matcher(made, asked.recipe).compare(
        asked.subject.query,
        to=asked.to,
        candidates=asked.candidates,
        recipe=asked.recipe,
        viewer=viewer,
    )
    return answer(beside(made.store, found, asked.subject.query, viewer=viewer))


def _matched(made: Services, viewer: Viewer, asked: MatchBody) -> dict[str, Any]:
    asked.subject.check(made.store, viewer)
    found = _matcher(made, asked.recipe).match(
        asked.subject.query,
        to=asked.to,
        recipe=asked.recipe,
        top=asked.top,
        where=asked.filter.where(),
        group=asked.group,
        viewer=viewer,
    )
    return beside(made.store, found, asked.subject.query, viewer=viewer)


def _matcher(made: Services, recipe: RecipeName) -> Matcher:
    return made.matcher(by_words=not recipe_named(recipe).needs_vectors)
