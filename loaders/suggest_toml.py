"""Proposals in the format of ``loaders.mapping``, as additions to a built-in one, to be edited."""

from collections.abc import Iterator

from loaders.errors import shown
from loaders.mapping import Declared
from loaders.suggest import Proposal, open_fields, usual_header


def as_toml(proposal: Proposal, place: str) -> str:
    """A proposal as a mapping file to edit: see ``loaders.mapping``."""
    mapping = proposal.mapping
    return "\n".join(_lines(mapping, proposal, place)) + "\n"


def _lines(mapping: Declared, proposal: Proposal, place: str) -> Iterator[str]:
    yield "# 建议的表头对照；可以修改，改好后按它载入："
    yield "# jiebang load 文件 --mapping 本文件，或上传它，把编号写进载入任务的 mappings。"
    yield f"# 所给的文件：{shown(place)}"
    yield f"like = {_quoted(mapping.name)}  # {mapping.title}（相似程度 {proposal.score:.2f}）"
    yield ""
    yield "[fields]"
    for guess in proposal.guesses:
        if guess.field:
            headers = f"{{ headers = [{_quoted(guess.header)}] }}"
            note = f"{guess.known_as}，{guess.score:.2f}" + (f"，{guess.why}" if guess.why else "")
            yield f"{guess.field} = {headers}  # {shown(note)}"
    unknown = [guess.header for guess in proposal.guesses if not guess.field]
    if unknown:
        yield "# 下列表头没有相近的项；要用就从下面选一项，写成上面那样："
        yield from (f"# ? = {{ headers = [{_quoted(shown(header))}] }}" for header in unknown)
    if proposal.missing:
        missing = "、".join(f"{name}（{usual_header(mapping, name)}）" for name in proposal.missing)
        yield f"# 必需的项还没有对应的表头：{missing}"
    used = {guess.field for guess in proposal.guesses}
    rest = [field.name for field in open_fields(mapping) if field.name not in used]
    if rest:
        yield "# 其余可用的项："
        yield from (f"#   {name}：{usual_header(mapping, name)}" for name in rest)
    if proposal.other:
        yield from _other_lines(proposal.other)


def _other_lines(other: Proposal) -> Iterator[str]:
    """The second likeliest kind, as comments: its fields, and the headers that they may have."""
    mapping = other.mapping
    headers = {guess.field: guess.header for guess in other.guesses}
    yield f"# 如果其实是“{mapping.title}”（相似程度 {other.score:.2f}），把 like 改成"
    yield f"# {_quoted(mapping.name)}，再从它的项里选："
    for field in open_fields(mapping):
        header = headers.get(field.name)
        likely = f" ← {shown(header)}" if header else ""
        yield f"#   {field.name}：{usual_header(mapping, field.name)}{likely}"


def _quoted(text: str) -> str:
    """A TOML basic string."""
    import orjson

    return orjson.dumps(text).decode().replace("\x7f", "\\u007f")
