"""Upper bounds of parameters, taken from the settings of the app that answers.

``Annotated[int, AtMost("page_size")]`` refuses what is over the setting with the code
``limit_exceeded``, and stands in OpenAPI as ``maximum`` (``maxLength`` for text, ``maxItems`` for
lists). The settings are those that the app puts into ``LIMITS`` for the length of a request.
"""

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from api.settings import Settings, variable

#: The settings of the app that answers this request, or whose OpenAPI is being made.
LIMITS: ContextVar[Settings] = ContextVar("LIMITS")

_MARKS = {"string": "maxLength", "array": "maxItems"}
_SAID: dict[type, str] = {str: "至多 {most} 个字符", list: "至多 {most} 项"}


@dataclass(frozen=True, slots=True)
class AtMost:
    """A bound by the name of its setting; of a number its value, of text and lists their length."""

    setting: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_after_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        made = handler(schema)
        made[_MARKS.get(made.get("type", ""), "maximum")] = self._most
        made["x-setting"] = variable(self.setting)
        return made

    @property
    def _most(self) -> int:
        return int(getattr(LIMITS.get(), self.setting))

    def _checked(self, value: Any) -> Any:
        size = value if isinstance(value, int) else len(value)
        if size > self._most:
            said = _SAID.get(type(value), "不能大于 {most}").format(most=self._most)
            message = f"{said}（{variable(self.setting)}）"
            raise PydanticCustomError("limit_exceeded", "{message}", {"message": message})
        return value


def _without_nul(value: str) -> str:
    if "\0" in value:
        raise PydanticCustomError("nul", "{message}", {"message": "不能含有 NUL 字符"})
    return value


#: No NUL, which no name, title or id has; put it after ``Field`` of the length.
NO_NUL = AfterValidator(_without_nul)
#: Text that people write.
Words = Annotated[str, NO_NUL]
#: What is typed into a search box.
Query = Annotated[str, Field(min_length=1), NO_NUL, AtMost("query_chars")]
#: A demand, a result, a description in its own words.
LongText = Annotated[str, Field(min_length=1), NO_NUL, AtMost("text_chars")]
#: A node's id, as written in a path or a query.
NodeId = Annotated[str, Field(min_length=1, max_length=512), NO_NUL]
#: How many a page has.
PageSize = Annotated[int, Field(ge=1), AtMost("page_size")]
#: How many results a match or a search gives.
Top = Annotated[int, Field(ge=1), AtMost("results")]
#: How many hops a path may have, and how many paths are wanted.
Hops = Annotated[int, Field(ge=1), AtMost("path_hops")]
PathCount = Annotated[int, Field(ge=1), AtMost("path_count")]
#: How many nodes and edges a subgraph may have.
SubgraphSize = Annotated[int, Field(ge=1), AtMost("subgraph_nodes")]
SubgraphEdges = Annotated[int, Field(ge=1), AtMost("subgraph_edges")]
