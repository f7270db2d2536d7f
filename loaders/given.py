"""Mappings that a person gives (``jiebang load --mapping FILE.toml``).

They are written as the built-in ones (see ``loaders.mapping``), or as additions to one of these::

    like = "demands"                        # a built-in mapping; what stands here comes first
    [fields]
    budget = { headers = ["打算投入的经费（万元）"] }

A table need not have the optional columns by which a built-in mapping is told from others.
"""

import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from typing import Any

from graph_service.errors import InputError
from loaders.mapping import Declared, parse

#: Bytes that a mapping may have; the built-in ones have some thousands.
_MOST = 200_000

_HINT = "可在辨认文件时所建议的对照（load --suggest-mapping，或上传文件的 recognition）上修改。"


def read(path: Path) -> Declared:
    """The mapping of a file.

    Raises:
        InputError: it cannot be read, is too large, is no TOML, or names what does not exist.
    """
    try:
        if path.stat().st_size > _MOST:  # the parser takes seconds for a megabyte
            raise _bad(path, f"超过 {_MOST:,} 字节")
        data = tomllib.loads(path.read_text("utf-8-sig"))
        return parse(path.stem, _with_base(data))
    except OSError as error:
        raise _bad(path, "打不开") from error
    except UnicodeDecodeError as error:
        raise _bad(path, "不是 UTF-8 文字") from error
    except tomllib.TOMLDecodeError as error:
        raise _bad(path, f"不是有效的 TOML：{error}") from error
    except RecursionError as error:
        raise _bad(path, "嵌套得太深") from error
    except KeyError as error:
        raise _bad(path, f"缺少 {error.args[0]}") from error
    except (ValueError, TypeError, AttributeError) as error:
        raise _bad(path, str(error)) from error


def _bad(path: Path, reason: str) -> InputError:
    return InputError(f"表头对照 {path.name} 不能用：{reason}", hint=_HINT, path=path)


def _with_base(data: dict[str, Any]) -> dict[str, Any]:
    """What a file says, on top of the mapping that it is like."""
    if "like" not in data:
        return data
    name = data.pop("like")
    file = resources.files("loaders") / "mappings" / f"{name}.toml"
    if not (isinstance(name, str) and name.isidentifier() and file.is_file()):
        raise ValueError(f"没有名为 {name} 的内置对照")
    base = tomllib.loads(file.read_text("utf-8"))
    said = {
        key: _added(base["fields"].get(key, {}), spec)
        for key, spec in data.get("fields", {}).items()
    }
    fields = said | {key: spec for key, spec in base["fields"].items() if key not in said}
    return {**base, "any": [], **data, "fields": fields}  # what is said chooses its columns first


def _added(base: Mapping[str, Any], spec: Mapping[str, Any]) -> dict[str, Any]:
    headers = [*spec.get("headers", ()), *base.get("headers", ())]
    if not all(isinstance(header, str) for header in headers):
        raise TypeError("headers 须是文字的列表")
    return {**base, **spec, **({"headers": headers} if headers else {})}
