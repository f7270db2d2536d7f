"""Like demands as the command line and the service tell of them: by words alone without a model."""

from typing import TYPE_CHECKING, Any

from graph_service.errors import EmbedderError

if TYPE_CHECKING:
    from api.bootstrap import Services
    from graph_service.model import Filter, Viewer


def alike(
    made: "Services",
    *,
    where: "Filter",
    threshold: float,
    firms: int = 1,
    limit: int = 20,
    viewer: "Viewer",
) -> dict[str, Any]:
    """Groups of like demands, JSON-ready; ``warning`` says why vectors were left out, None where
    they were not. The rest as ``like_demands``.

    Raises:
        InputError: too many demands pass the filter.
    """
    from graph_service.matching.alike.service import like_demands

    warning = None
    try:
        fingerprint = made.embedder.fingerprint
    except EmbedderError as error:
        fingerprint = None
        warning = f"只按字词比较：{error.message}"
    found = like_demands(
        made.store,
        fingerprint,
        where=where,
        threshold=threshold,
        firms=firms,
        limit=limit,
        viewer=viewer,
    )
    if fingerprint is not None and found.demands and not found.by_vectors:
        warning = "需求都还没有向量，只按字词比较；补算后再试（任务 embed）。"
    return {**found.as_dict(), "warning": warning}
