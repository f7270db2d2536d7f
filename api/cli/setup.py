"""``jiebang settings``."""

import typer

from api.cli.frame import JsonOption
from api.cli.output import console, print_json, table


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command("settings")(settings)


def settings(as_json: JsonOption = False) -> None:
    """列出全部设置：名称、当前值、缺省值、含义。"""
    from api import settings as source

    current = source.load_settings()
    if as_json:
        print_json(source.listed(current))
        return
    shown = table("设置", "当前值", "缺省值", "类型", "含义", whole=["设置"])
    for name, row in zip(type(current).model_fields, source.table(), strict=True):
        now = source.shown(getattr(current, name))
        shown.add_row(row.name, now, row.default, row.type, row.help)
    console().print(shown)
