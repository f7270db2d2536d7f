"""Uploads, what was recognised in them, and mappings of headers."""

from pydantic import Field

from api.http.schemas.graph import Answer


class UploadAnswer(Answer):
    """A file that was uploaded."""

    id: str = Field(description="编号，用于提交任务")
    name: str = Field(description="文件名")
    bytes: int = Field(description="大小，字节")
    sha256: str = Field(description="内容的 SHA-256，十六进制")
    created_at: str = Field(description="上传时间（UTC）")


class Guess(Answer):
    """What a column may be."""

    header: str = Field(description="文件里的表头")
    field: str | None = Field(description="可能对应的项；null 表示没有相近的")
    known_as: str = Field(description="这一项通常的表头")
    score: float = Field(ge=0, le=1, description="相似程度")
    why: str = Field(description="理由")


class Proposal(Answer):
    """A mapping that a sheet may have."""

    like: str = Field(description="最接近的内置对照")
    kind: str = Field(description="它的名称")
    score: float = Field(description="相似程度")
    columns: list[Guess] = Field(description="逐列的猜测")
    missing: list[str] = Field(description="必需而还没有对应的项")


class Column(Answer):
    """A column that is understood."""

    header: str = Field(description="文件里的表头")
    field: str = Field(description="对照里的项")


class Sheet(Answer):
    """A sheet that can be loaded."""

    file: str = Field(description="文件名")
    sheet: str = Field(description="工作表名；没有则为空")
    mapping: str = Field(description="所用的对照；graph 表示图谱文件")
    kind: str = Field(description="内容的种类")
    rows: int | None = Field(description="大约多少行；null 表示读完才知道")
    columns: list[Column] = Field(description="认出的列")
    unused: list[Guess] = Field(description="没有用到的列，和它们可能是什么")


class Left(Answer):
    """A file or sheet that cannot be loaded as it is."""

    file: str = Field(description="文件名")
    sheet: str = Field(description="工作表名；没有则为空")
    reason: str = Field(description="原因")
    proposal: Proposal | None = Field(description="可能的对照")


class Wrong(Answer):
    """Something wrong, where it is, and how to mend it."""

    file: str
    sheet: str
    row: int = Field(description="第几行，从 1 起，表头算在内；0 表示整个文件")
    column: str
    value: str
    code: str = Field(description="出错代码；见文档“数据格式”")
    message: str = Field(description="问题")
    mend: str = Field(description="改法")


class Suggested(Answer):
    """A mapping to look over, edit and load with."""

    place: str = Field(description="针对哪个文件、哪张表")
    toml: str = Field(description="对照文件的内容；改好后上传，在任务的 mappings 里引用")


class RecognitionAnswer(Answer):
    """What an uploaded file holds, as far as its headers tell; nothing is loaded."""

    sheets: list[Sheet] = Field(description="认得的表")
    skipped: list[Left] = Field(description="认不出或不能读的")
    errors: list[Wrong] = Field(description="不能读的文件")
    mappings: list[Suggested] = Field(description="建议的表头对照（TOML）")


class MappingSummary(Answer):
    """A built-in mapping."""

    name: str = Field(description="名称，可写在对照的 like 里")
    title: str = Field(description="文件的种类")
    rank: int = Field(description="载入的次序，小的在先")
    required: list[str] = Field(description="必需的项")


class MappingsAnswer(Answer):
    """All built-in mappings, in the order of loading."""

    mappings: list[MappingSummary]


class MappingField(Answer):
    """A field of a mapping."""

    name: str = Field(description="项的名称")
    known_as: str = Field(description="通常的表头")
    headers: list[str] = Field(description="认得的表头，已规范化；好的在前")
    clean: str = Field(description="怎样清洗")
    required: bool = Field(description="是否必需")


class MappingAnswer(MappingSummary):
    """A built-in mapping with its fields."""

    any: list[str] = Field(description="这些项至少要有其一；空表示没有这种要求")
    fields: list[MappingField]
    toml: str = Field(description="内置对照文件的内容")
