"""The kinds of problems: the one table of codes, statuses and what they mean."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of problem: its stable code, status, English title, and what it means (Chinese)."""

    code: str
    status: int
    title: str
    meaning: str


_TABLE = (
    Kind("malformed", 400, "Malformed request", "请求读不懂：不是有效的 UTF-8 或 JSON，含 NUL 字符，或同一首部给了两次。"),
    Kind("host", 400, "Unknown host", "Host 首部不是本服务的地址；用启动时打印的地址访问。"),
    Kind("cross_origin", 403, "Cross-origin write refused", "别的网站的页面不能向本服务写入。"),
    Kind("forbidden", 403, "Forbidden", "没有看或做这件事的权限。"),
    Kind("not_found", 404, "Not found", "没有这个地址，或没有这个编号的节点、任务、文件。"),
    Kind("method_not_allowed", 405, "Method not allowed", "这个地址不接受这种方法；Allow 首部列出可用的方法。"),
    Kind("conflict", 409, "Conflict", "要改的内容在读取之后已被别人改动；重新读取后再试。"),
    Kind("job_ended", 409, "Job has ended", "任务已经结束，不能再取消或改动。"),
    Kind("pair_state", 409, "Pair is decided, or not yet", "这一对已经处理过或已是同一家，不能再接受或拒绝；或还没有处理，没有可撤销的。"),
    Kind("idempotency_running", 409, "Idempotent request still running", "用同一个 Idempotency-Key 的前一个请求还没有结束；按 Retry-After 再试。"),
    Kind("body_too_large", 413, "Body too large", "请求体超过上限（JIEBANG_BODY_BYTES）。"),
    Kind("upload_too_large", 413, "Upload too large", "上传的文件超过上限（JIEBANG_UPLOAD_BYTES）。"),
    Kind("address_too_long", 414, "Address too long", "路径与查询参数合起来太长（JIEBANG_ADDRESS_BYTES）；长文字请用 POST。"),
    Kind("media_type", 415, "Unsupported media type", "请求体的类型不对；JSON 请用 Content-Type: application/json。"),
    Kind("head_too_large", 431, "Headers too large", "请求的首部太大；去掉不需要的首部。"),
    Kind("slow_body", 408, "Request came too slowly", "请求没有及时到达（JIEBANG_BODY_SECONDS）；检查网络后重发。"),
    Kind("input", 422, "Input cannot be used", "参数或内容有误；detail 与 errors 说明是哪一项、应为什么。"),
    Kind("limit_exceeded", 422, "Limit exceeded", "某个参数超过上限；errors 写明哪一项、上限是多少，GET /api/v1/settings 列出全部上限。"),
    Kind("cursor", 422, "Cursor cannot be used", "游标不是本服务为同一查询签发的；去掉 cursor 从头开始。"),
    Kind("idempotency_key", 422, "Idempotency key cannot be used", "Idempotency-Key 应为 1–255 个可见 ASCII 字符。"),
    Kind("idempotency_mismatch", 422, "Idempotency key used with another request", "同一个 Idempotency-Key 已用于内容不同的请求；换一个新的键。"),
    Kind("task", 422, "Evaluation task is malformed", "评测任务的文件不合格式。"),
    Kind("rate_limited", 429, "Too many requests", "这个地址一分钟内的请求太多（JIEBANG_RATE）；按 Retry-After 再试。"),
    Kind("internal", 500, "Internal error", "程序内部出错；把 request_id 告诉维护者，日志里有同号的记录。"),
    Kind("error", 500, "Internal error", "未归类的错误；把 request_id 告诉维护者。"),
    Kind("setting", 500, "A setting cannot be used", "服务的某项设置有误；用 jiebang settings 查看。"),
    Kind("store", 500, "The store failed", "图谱库不能完成这个操作。"),
    Kind("store_newer", 500, "The store is newer than the program", "图谱库由更新的版本写成；升级程序。"),
    Kind("store_corrupt", 500, "The store is damaged", "图谱库的记录损坏；用 jiebang store verify 检查，从备份恢复。"),
    Kind("busy", 503, "Busy", "较重的请求太多，队列已满或等待过久，或同时跟随任务进度的连接太多；按 Retry-After 再试。"),
    Kind("jobs_full", 503, "Too many jobs", "排队的任务太多；等一些结束后再试。"),
    Kind("later", 503, "Try again later", "暂时不能处理；按 Retry-After 再试。"),
    Kind("not_ready", 503, "Not ready", "服务还在启动，或缺少库或模型；errors 列出缺什么。"),
    Kind("query_timeout", 503, "Query took too long", "查询超过时限（JIEBANG_QUERY_SECONDS）；缩小范围、减少跳数后再试。"),
    Kind("store_unavailable", 503, "The store is unavailable", "图谱库打不开、磁盘已满，或数据库服务器不在。"),
    Kind("files_full", 503, "No room for files", "存放上传与任务结果的空间已满（JIEBANG_FILES_BYTES）；等旧文件过期，或调大上限。"),
    Kind("store_locked", 503, "The store is locked", "别的进程正在写入，等待过久；按 Retry-After 再试。"),
    Kind("embedder", 503, "Vectors cannot be made", "向量模型不能用；按词检索（recipe=bm25）不受影响。"),
    Kind("model_missing", 503, "The model is missing", "没有装向量模型；运行 make setup，或用 recipe=bm25。"),
    Kind("weights_worse", 409, "The weights must not be used", "学到的权重在没见过的需求上不如现在用的，没有换用。"),
    Kind("model_refused", 409, "The model must not be used", "这个模型量出来比原来的差，不能换用；或没有前一个模型可以回到。"),
    Kind("fingerprint", 503, "Vectors of another model", "库里的向量由别的模型算出；提交 embed 任务，重新计算向量。"),
)  # fmt: skip

#: Every kind, by its code.
KINDS: Mapping[str, Kind] = {kind.code: kind for kind in _TABLE}
