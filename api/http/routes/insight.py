"""Seeing a chain as a whole: communities, gaps, saved sets, comparisons."""

from typing import Annotated

from fastapi import APIRouter, Body, Path, Query
from pydantic import Field
from starlette.responses import Response

from api import insight
from api.filters import Maybe
from api.http import bounds
from api.http.answers import answer
from api.http.bounds import NO_NUL
from api.http.deps import HEAVY, TIMED, Made, Page, Seen
from api.http.problems import documented
from api.http.routes.exact import Exact, ExactOnce
from api.http.routes.examples import named
from api.http.routes.workbooks import TABLE, attached
from api.http.schemas.community_sets import (
    ChangeBody,
    CommunityComparison,
    ComparisonBody,
    SaveBody,
    SetAnswer,
    SetContentAnswer,
    SetsAnswer,
    SideBody,
)
from api.http.schemas.insight import CommunitiesAnswer, CommunityAnswer, FoundAnswer, GapsAnswer
from api.insight import Divided, DividedBody, Side
from graph_service.explore.service import MOST_SUGGESTIONS
from graph_service.insight.saved import SavedSets

router = APIRouter(route_class=Exact, tags=["产业链"])
writing = APIRouter(route_class=ExactOnce, tags=["产业链"])

_PROBLEMS = documented("not_found", "busy", "query_timeout")

Asked = Annotated[Divided, Query()]
Id = Annotated[
    str, Path(alias="id", min_length=1, max_length=64, description="群落的编号，由列表得到"), NO_NUL
]
SetId = Annotated[
    str, Path(alias="id", min_length=1, max_length=64, description="存档的编号"), NO_NUL
]
Within = Annotated[
    Maybe[Annotated[str, Field(min_length=1, max_length=64), NO_NUL]],
    Query(description="只看范围里的这个群落；缺省为整个范围"),
]

Judge = Annotated[
    bool,
    Query(
        description="在后台判断在榜需求有没有合适的候选（每项约需匹配两次的时间）；进度见 judging"
    ),
]


@router.get(
    "/communities",
    summary="范围里的产业群落",
    dependencies=[HEAVY],
    responses={200: {"model": CommunitiesAnswer}, **_PROBLEMS},
)
def communities(made: Made, viewer: Seen, asked: Asked, judge: Judge = False) -> Response:
    """分层 Leiden 算法划分，种子固定；各群落附位置、链主、突出的产品与向外的联系。图谱不变时只算
    一次；一时算不完的在后台接着算（`query_timeout`，过一会儿再问）。名称是机器拟的；两家之间由产品
    推得的供需都标为推断。"""
    found = made.insight.communities(asked.scope(), asked.resolution, judge=judge, viewer=viewer)
    return answer(found)


@router.get(
    "/communities/table",
    summary="群落的表（Excel）",
    dependencies=[HEAVY],
    responses={**TABLE, **_PROBLEMS},
)
def communities_table(made: Made, viewer: Seen, asked: Asked, judge: Judge = False) -> Response:
    """群落、成员、联系、群落之间、在榜需求各一张，逐行写明来源与日期，推断的标明。"""
    return attached(
        insight.communities_table(
            made.insight, asked.scope(), asked.resolution, judge=judge, viewer=viewer
        ),
        "communities.xlsx",
    )


@router.get(
    "/communities/organizations",
    summary="按名称找范围里的机构在哪个群落",
    dependencies=[HEAVY],
    responses={200: {"model": FoundAnswer}, **_PROBLEMS},
)
def community_organizations(
    made: Made,
    viewer: Seen,
    asked: Asked,
    q: Annotated[
        bounds.Query,
        Query(
            description="已输入的文字：汉字、全拼或首字母",
            openapi_examples=named(hanzi="汀澜", initials="tl"),
        ),
    ],
    limit: Annotated[int, Query(ge=1, le=MOST_SUGGESTIONS, description="最多几家")] = 10,
) -> Response:
    """名称以输入开头的在前；各附它所在的各级群落。范围与设置须与列出群落时相同。"""
    found = made.insight.find(q, asked.scope(), asked.resolution, limit=limit, viewer=viewer)
    return answer(found)


@router.get(
    "/communities/{id}",
    summary="打开一个群落",
    dependencies=[HEAVY],
    responses={200: {"model": CommunityAnswer}, **_PROBLEMS},
)
def community(
    made: Made,
    viewer: Seen,
    id_: Id,
    asked: Asked,
    links: Annotated[int, Query(ge=0, le=20_000, description="最多几条机构之间的联系")] = 300,
    judge: Judge = False,
) -> Response:
    """范围与设置须与列出它时相同。大的群落再细分；两家为何相连用 `GET /paths` 看。"""
    found = made.insight.community(
        id_, asked.scope(), asked.resolution, links=links, judge=judge, viewer=viewer
    )
    return answer(found)


@router.get(
    "/communities/{id}/table",
    summary="一个群落的表（Excel）",
    dependencies=[HEAVY],
    responses={**TABLE, **_PROBLEMS},
)
def community_table(
    made: Made, viewer: Seen, id_: Id, asked: Asked, judge: Judge = False
) -> Response:
    """与整个范围的表同样的几张，只有这一个群落的。"""
    return attached(
        insight.community_table(
            made.insight, id_, asked.scope(), asked.resolution, judge=judge, viewer=viewer
        ),
        "community.xlsx",
    )


@router.get(
    "/gaps",
    summary="补链清单：缺什么，谁最接近补上",
    dependencies=[HEAVY],
    responses={200: {"model": GapsAnswer}, **_PROBLEMS},
)
def gaps(
    made: Made,
    viewer: Seen,
    asked: Asked,
    community: Within = None,
    limit: Annotated[int, Query(ge=1, le=200, description="每种最多几项")] = 20,
    judge: Judge = False,
) -> Response:
    """企业需要而范围内没有人生产、只有一家生产的产品，没有链主的产业链，没有合适候选的需求；
    各附最接近的企业与成果及其路径，推断的都标明。"""
    found = made.insight.gaps(
        asked.scope(),
        community=community,
        resolution=asked.resolution,
        limit=limit,
        judge=judge,
        viewer=viewer,
    )
    return answer(found)


@router.get(
    "/gaps/table",
    summary="补链清单的表（Excel）",
    dependencies=[HEAVY],
    responses={**TABLE, **_PROBLEMS},
)
def gaps_table(
    made: Made, viewer: Seen, asked: Asked, community: Within = None, judge: Judge = False
) -> Response:
    """逐行写明来源与日期；每种至多 1,000 项。"""
    return attached(
        insight.gaps_table(
            made.insight,
            asked.scope(),
            community=community,
            resolution=asked.resolution,
            judge=judge,
            viewer=viewer,
        ),
        "gaps.xlsx",
    )


@writing.post(
    "/community-sets",
    status_code=201,
    summary="把现在的划分存档",
    dependencies=[HEAVY],
    responses={
        201: {"model": SetAnswer, "headers": {"Location": {"schema": {"type": "string"}}}},
        **_PROBLEMS,
    },
)
def save_communities(
    made: Made,
    viewer: Seen,
    asked: Annotated[
        SaveBody,
        Body(openapi_examples=named(quarter={"name": "2026 年三季度", "note": "首次划分"})),
    ],
) -> Response:
    """连同名称、说明、日期、范围与设置；能看图谱的人都看得到，以后可与别的划分比较。"""
    found = made.insight.picture(asked.scope.scope(), asked.scope.resolution, viewer=viewer)
    told = SavedSets(made.store).save(found, asked.name, asked.note, viewer=viewer)
    return answer(told, 201, {"Location": f"/api/v1/community-sets/{told['id']}"})


@router.get(
    "/community-sets",
    summary="逐页列出存档的划分",
    dependencies=[TIMED],
    responses={200: {"model": SetsAnswer}, **documented("query_timeout")},
)
def community_sets(made: Made, viewer: Seen, page: Page) -> Response:
    """新的在前。"""
    found = SavedSets(made.store).page(after=page.after, limit=page.limit, viewer=viewer)
    return answer({"sets": list(found.sets), "next": page.next(found.cursor)})


@router.get(
    "/community-sets/{id}",
    summary="一份存档的划分",
    dependencies=[TIMED],
    responses={200: {"model": SetContentAnswer}, **documented("not_found", "query_timeout")},
)
def community_set(made: Made, viewer: Seen, id_: SetId) -> Response:
    """各群落与当时的成员。"""
    return answer(SavedSets(made.store).get(id_, viewer=viewer))


@writing.patch(
    "/community-sets/{id}",
    summary="改一份存档的名称或说明",
    responses={200: {"model": SetAnswer}, **documented("not_found", "conflict")},
)
def change_community_set(
    made: Made,
    viewer: Seen,
    id_: SetId,
    asked: Annotated[ChangeBody, Body(openapi_examples=named(note={"note": "已与统计局核对"}))],
) -> Response:
    """略去的不变。"""
    told = SavedSets(made.store).change(id_, name=asked.name, note=asked.note, viewer=viewer)
    return answer(told)


@writing.delete(
    "/community-sets/{id}",
    summary="删去一份存档",
    responses={200: {"model": SetAnswer}, **documented("not_found", "conflict")},
)
def delete_community_set(made: Made, viewer: Seen, id_: SetId) -> Response:
    """答以删去的那一份；图谱不受影响。"""
    return answer(SavedSets(made.store).delete(id_, viewer=viewer))


_TWO = Annotated[
    ComparisonBody,
    Body(
        openapi_examples=named(
            finer={"before": {"scope": {"resolution": 0.5}}, "after": {"scope": {"resolution": 2}}}
        )
    ),
]


@router.post(
    "/community-comparisons",
    summary="两次划分的对照：谁来谁走，拆分与合并",
    dependencies=[HEAVY],
    responses={200: {"model": CommunityComparison}, **_PROBLEMS},
)
def community_comparison(made: Made, viewer: Seen, asked: _TWO) -> Response:
    """每一边是一份存档，或某个范围与设置现在的划分；怎样对应写在 method 里。"""
    found = insight.comparison(made, _side(asked.before), _side(asked.after), viewer=viewer)
    return answer(found)


@router.post(
    "/community-comparisons/table",
    summary="两次划分对照的表（Excel）",
    dependencies=[HEAVY],
    responses={**TABLE, **_PROBLEMS},
)
def community_comparison_table(made: Made, viewer: Seen, asked: _TWO) -> Response:
    """对应、拆分与合并各一张。"""
    found = insight.comparison(made, _side(asked.before), _side(asked.after), viewer=viewer)
    return attached(insight.comparison_table(found), "comparison.xlsx")


def _side(asked: SideBody) -> Side:
    scope: DividedBody = asked.scope
    return Side(asked.set, scope.scope(), scope.resolution)
