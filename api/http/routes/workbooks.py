"""Answers that are Excel workbooks."""

from typing import Any

from starlette.responses import Response

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: What a route that answers with a workbook declares.
TABLE: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Excel 工作簿",
        "content": {_XLSX: {"schema": {"type": "string", "format": "binary"}}},
    }
}


def attached(content: bytes, name: str) -> Response:
    """A workbook, to be saved under a name (ASCII)."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=_XLSX, headers=headers)
