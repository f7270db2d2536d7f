"""``jiebang adapt``: train the encoder on what is loaded, use what came of it, and go back."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from api.cli.frame import JsonOption, StoreOption
from api.cli.output import console, print_json, table
from graph_service.errors import InputError
from graph_service.model import EVERYONE

if TYPE_CHECKING:
    from api.bootstrap import Services


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    app.command("adapt")(adapt)


def adapt(
    *,
    show: Annotated[bool, typer.Option("--list", help="列出有哪些模型，正在用哪一个")] = False,
    use: Annotated[
        str | None,
        typer.Option("--use", metavar="ID", help="算好这个模型的全部向量，再换用它；base 为原来的"),
    ] = None,
    back: Annotated[
        bool, typer.Option("--roll-back", help="立即回到前一个模型，再做一次即又换过来")
    ] = False,
    drop: Annotated[
        str | None,
        typer.Option("--drop", metavar="ID", help="删去这个模型与它的向量；base 只删向量"),
    ] = None,
    steps: Annotated[
        int,
        typer.Option(min=1, max=10_000, metavar="N", help="最多训练几批，每批 32 对文字"),
    ] = 259,
    seed: Annotated[
        int,
        typer.Option(min=0, max=2**31 - 1, metavar="N", help="随机种子：同样的种子，同样的模型"),
    ] = 1,
    negatives: Annotated[
        int,
        typer.Option(min=0, max=5, metavar="N", help="每对另找几段相近而不对的文字来对照"),
    ] = 0,
    device: Annotated[
        str, typer.Option(metavar="auto|cpu|cuda", help="在哪里训练；auto 有 GPU 就用")
    ] = "auto",
    store: StoreOption = None,
    as_json: JsonOption = False,
) -> None:
    """用载入的内容训练向量模型，度量后留下；量出来比原来差的不能换用。

    需要 models 附加组件；换用与使用都不需要。训练可随时按 Ctrl-C 停下，什么也不留下。
    """
    from api.bootstrap import services

    asked = [name for name, given in _doing(show, use, back, drop) if given]
    if len(asked) > 1:
        raise InputError(f"{asked[0]} 与 {asked[1]} 不能一起用", hint="一次只做一件")
    with services(store, read_only=show) as made:
        if show:
            _list(made, as_json=as_json)
        elif use is not None:
            _use(made, use, as_json=as_json)
        elif back:
            _roll_back(made, as_json=as_json)
        elif drop is not None:
            _drop(made, drop, as_json=as_json)
        else:
            _train(made, steps, seed, negatives, device, as_json=as_json)


def _doing(
    show: bool, use: str | None, back: bool, drop: str | None
) -> tuple[tuple[str, bool], ...]:
    return (
        ("--list", show),
        ("--use", use is not None),
        ("--roll-back", back),
        ("--drop", drop is not None),
    )


def _train(
    made: "Services", steps: int, seed: int, negatives: int, device: str, *, as_json: bool
) -> None:
    from api.adapting import adapt_here
    from api.progress import progress

    if device not in ("auto", "cpu", "cuda"):
        raise InputError(f"不认得 {device}", hint="可用的值：auto、cpu、cuda", option="--device")
    with progress(wanted=not as_json) as bars:
        kept = adapt_here(
            made,
            bars,
            steps=steps,
            seed=seed,
            negatives=negatives,
            device=device,  # type: ignore[arg-type]
            viewer=EVERYONE,
        )
    if as_json:
        print_json(kept)
        return
    out = console()
    pairs = sum(kept["pairs"].values())
    out.print(
        f"模型 {kept['id']}：{pairs:,} 对文字，用时 {kept['training']['seconds']:.0f} 秒，"
        f"{_variant(kept)}。"
    )
    out.print(_figures(kept))
    if kept["refused"]:
        for reason in kept["refused"]:
            out.print(f"不能换用：{reason}。")
    else:
        out.print(f"换用：jiebang adapt --use {kept['id']}")


def _variant(kept: Mapping[str, Any]) -> str:
    if kept["routed"]:
        return "与原来的模型并用：短名称与关键词只问原来的"
    return f"取训练所得的 {float(kept['training']['variant']):.0%}"


def _figures(kept: Mapping[str, Any]) -> Any:
    """The figures of the base and of what is kept, side by side."""
    from embeddings.adapting.floor import WORDS

    shown = table("nDCG@10", "问", "原来", "训练后", right=["问", "原来", "训练后"])
    after = kept["figures"]["variants"][kept["training"]["variant"]]["figures"]
    for kind, before in kept["figures"]["base"].items():
        shown.add_row(
            WORDS[kind],
            f"{before['questions']:,}",
            f"{before['ndcg']:.4f}",
            f"{after[kind]['ndcg']:.4f}",
        )
    return shown


def _list(made: "Services", *, as_json: bool) -> None:
    from api.models import listed

    told = listed(made, viewer=EVERYONE)
    if as_json:
        print_json(told)
        return
    shown = table(
        "编号", "状态", "训练时间", "文字对", "向量", whole=["编号"], right=["文字对", "向量"]
    )
    for one in told["models"]:
        vectors = one["vectors"]
        shown.add_row(
            one["id"],
            _standing(one),
            (one["made_at"] or "")[:10],
            f"{sum(one['pairs'].values()):,}" if one["pairs"] else "",
            f"{vectors['texts']:,}" if vectors else "",
        )
    out = console()
    out.print(shown)
    out.print(f"base 是 JIEBANG_MODEL 所指的 {told['setting']}。")


def _standing(one: Mapping[str, Any]) -> str:
    if one["active"]:
        return "正在使用"
    if one["before"]:
        return "前一个"
    return "不能换用" if one["refused"] else ""


def _use(made: "Services", id_: str, *, as_json: bool) -> None:
    from api.models import use
    from api.progress import progress

    with progress(wanted=not as_json) as bars:
        done = use(made, id_, bars, viewer=EVERYONE)
    if as_json:
        print_json(done)
        return
    out = console()
    out.print(
        f"已换用 {done['active']}：计算了 {done['texts']:,} 段文字，{done['seconds']:.1f} 秒。"
    )
    if done["dropped"]:
        out.print(f"删去了更早的模型的 {done['dropped']:,} 个向量。")
    if done["before"]:
        out.print("回到前一个：jiebang adapt --roll-back")


def _roll_back(made: "Services", *, as_json: bool) -> None:
    from api.embedding import embed_new
    from api.models import go_back
    from api.progress import progress

    done = go_back(made, viewer=EVERYONE)
    if not as_json:
        console().print(f"已回到 {done['active']}。")
    with progress(wanted=not as_json) as bars:
        done["embedding"] = embed_new(made, bars) if done["pending"] else None
    if as_json:
        print_json(done)
    elif done["embedding"]:
        from api.cli.embedding import embedding_line

        told = done["embedding"]
        console().print(told["error"]["message"] if "error" in told else embedding_line(told))


def _drop(made: "Services", id_: str, *, as_json: bool) -> None:
    from api.models import drop

    done = drop(made, id_, viewer=EVERYONE)
    if as_json:
        print_json(done)
    else:
        console().print(f"已删去 {done['dropped']}，连同 {done['vectors']:,} 个向量。")
