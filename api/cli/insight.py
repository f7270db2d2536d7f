"""``jiebang communities`` and ``jiebang gaps``: a chain seen as a whole."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.asking import DATE
from api.cli.frame import JsonOption, StoreOption
from api.cli.insight_words import print_communities, print_community, print_gaps
from api.cli.output import console, print_json
from graph_service.errors import InputError
from graph_service.model import EVERYONE, EdgeType

if TYPE_CHECKING:
    from graph_service.insight.scope import Scope

DistrictOption = Annotated[
    list[str] | None, typer.Option("--district", metavar="NAME", help="只看这个区县的机构，可重复")
]
ChainOption = Annotated[
    str | None, typer.Option("--chain", metavar="ID", help="只看这条产业链（节点编号）的机构")
]
TypeOption = Annotated[
    list[str] | None,
    typer.Option(
        "--type",
        metavar="TYPE",
        help="凭哪种关系相连，可重复：SUPPLIES、PARTNERED、CONTROLS、NEEDS、UPSTREAM_OF、OWNS、"
        "MAKES；缺省为除末项外的全部",
    ),
]
InferredOption = Annotated[
    bool, typer.Option("--inferred", help="推断的事实也计入；缺省只用观测到的")
]
UntilOption = Annotated[
    str | None,
    typer.Option("--until", metavar="DATE", help="只看不晚于这一天开始的关系，如 2024-06"),
]
ResolutionOption = Annotated[
    float,
    typer.Option(min=0.05, max=20, metavar="X", help="分辨率，越大群落越小，如 0.5、1、2"),
]
UnmetOption = Annotated[
    bool,
    typer.Option("--unmet", help="判断哪些在榜需求没有合适的候选；每项约需匹配两次的时间"),
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE", help="另写成 .xlsx：各表、来源与日期")
]


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("communities")(communities)
    app.command("gaps")(gaps)


def communities(
    *,
    districts: DistrictOption = None,
    chain: ChainOption = None,
    types: TypeOption = None,
    inferred: InferredOption = False,
    until: UntilOption = None,
    resolution: ResolutionOption = 1.0,
    community: Annotated[
        str | None,
        typer.Option("--community", metavar="ID", help="打开这个群落：其中的机构、产品与需求"),
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=5000, metavar="N", help="打开群落时最多列几家")
    ] = 20,
    unmet: UnmetOption = False,
    out: OutOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """划分产业群落（分层 Leiden 算法，种子固定）：各群落的机构、链主、突出的产品、向外的联系。

    名称是机器拟的；两家之间由产品推得的供需都算推断。
    """
    from api.bootstrap import services
    from api.insight import communities_table, community_table

    scope = _scope(districts, chain, types, inferred, until)
    _check_out(out)
    with services(store, read_only=True) as made:
        insight = made.insight_of(judging=unmet)
        asked: dict[str, Any] = {"resolution": resolution, "viewer": EVERYONE}
        if community is None:
            found = insight.communities(scope, **asked)
        else:
            found = insight.community(community, scope, **asked)
        if out is not None and community is None:
            _write(out, communities_table(insight, scope, judge=unmet, **asked))
        elif out is not None and community is not None:
            _write(out, community_table(insight, community, scope, judge=unmet, **asked))
    if as_json:
        print_json(found)
        return
    if community is None:
        print_communities(found, unmet=unmet)
    else:
        print_community(found, limit, unmet=unmet)
    _tell(out)


def gaps(
    *,
    districts: DistrictOption = None,
    chain: ChainOption = None,
    types: TypeOption = None,
    inferred: InferredOption = False,
    until: UntilOption = None,
    community: Annotated[
        str | None, typer.Option("--community", metavar="ID", help="只看范围里的这个群落")
    ] = None,
    resolution: ResolutionOption = 1.0,
    limit: Annotated[
        int, typer.Option("--limit", min=1, max=1000, metavar="N", help="每种最多几项")
    ] = 20,
    unmet: UnmetOption = False,
    out: OutOption = None,
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """补链清单：没有人生产或只有一家生产的产品、没有链主的产业链、没有合适候选的需求。

    各附最接近补上的企业与成果，及其路径；推断的都标明。
    """
    from api.bootstrap import services
    from api.insight import gaps_table

    scope = _scope(districts, chain, types, inferred, until)
    _check_out(out)
    with services(store, read_only=True) as made:
        insight = made.insight_of(judging=unmet)
        asked: dict[str, Any] = {"community": community, "resolution": resolution}
        found = insight.gaps(scope, limit=limit, viewer=EVERYONE, **asked)
        if out is not None:
            _write(out, gaps_table(insight, scope, judge=unmet, viewer=EVERYONE, **asked))
    if as_json:
        print_json(found)
        return
    print_gaps(found, unmet=unmet)
    _tell(out)


def _scope(
    districts: list[str] | None,
    chain: str | None,
    types: list[str] | None,
    inferred: bool,
    until: str | None,
) -> "Scope":
    import re

    from api.asking import choose
    from graph_service.insight.scope import USUAL, Scope

    if until is not None and not re.fullmatch(DATE, until):
        raise InputError(
            f"--until 的日期 {until!r} 不能用", hint="写成 2024、2024-06 或 2024-06-01", value=until
        )
    chosen = frozenset(choose(EdgeType, name, "--type") for name in types or ())
    return Scope(frozenset(districts or ()), chain, chosen or USUAL, inferred, until)


def _check_out(out: Path | None) -> None:
    """Refuse what could not be written in the end, before anything is computed."""
    if out is None:
        return
    if out.suffix.lower() != ".xlsx":
        hint = "只写 Excel，请以 .xlsx 结尾"
    elif out.exists():
        hint = "换一个还没有的名字；不覆盖已有的文件"
    elif not out.absolute().parent.is_dir():
        hint = "没有这个文件夹，请先建好或换一处"
    else:
        return
    raise InputError(f"不能写到 {out}", hint=hint, file=out)


def _write(out: Path, content: bytes) -> None:
    from graph_service.errors import StoreUnavailableError

    try:
        out.write_bytes(content)
    except OSError as error:
        raise StoreUnavailableError(
            f"写不进去：{out}", hint="请检查文件夹的权限和磁盘空间。", file=out, reason=error
        ) from error


def _tell(out: Path | None) -> None:
    if out is not None:
        console().print(f"已写到 {out}")
