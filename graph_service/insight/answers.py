"""Pictures as JSON-ready data, as the command line and the service give them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from graph_service.insight import leiden
from graph_service.insight.communities import Community, Picture
from graph_service.insight.judging import Nearest, Progress, Verdict
from graph_service.insight.layout import Circle
from graph_service.insight.naming import Distinctive
from graph_service.insight.network import Pair
from graph_service.insight.opened import Opened
from graph_service.insight.scope import Scope

Verdicts = Mapping[str, Verdict]


def scope_dict(scope: Scope, chain: str | None, resolution: float | None = None) -> dict[str, Any]:
    """A scope with the name of its chain."""
    told = scope.as_dict()
    told["chain"] = {"id": scope.chain, "title": chain or scope.chain} if scope.chain else None
    return told if resolution is None else {**told, "resolution": resolution}


def picture_dict(made: Picture, verdicts: Verdicts, progress: Progress) -> dict[str, Any]:
    """The communities of the whole."""
    top = made.children(None)
    inferred = sum(pair.inferred for pair in made.network.pairs)
    return {
        **head(made),
        "method": {
            "algorithm": "hierarchical Leiden",
            "seed": leiden.SEED,
            "trials": leiden.TRIALS,
            "iterations": leiden.ITERATIONS,
            "modularity": round(made.division.modularity, 6),
            "agreement": round(made.division.agreement, 6),
        },
        "organizations": len(made.network.ids),
        "linked": int((made.division.labels >= 0).sum()),
        "links": {"observed": len(made.network.pairs) - inferred, "inferred": inferred},
        "outside": len(_outside(made)),
        "left_out": [
            {
                "id": one.id,
                "title": made.title(one.id),
                "makers": one.makers,
                "needers": one.needers,
            }
            for one in made.network.common
        ],
        "communities": [community_dict(made, one, verdicts) for one in top],
        "bundles": [one.as_dict() for one in made.bundles(None)],
        "layout": made.standing.told(),
        "judging": progress.as_dict(),
    }


def head(made: Picture) -> dict[str, Any]:
    """What every answer of a picture begins with."""
    chain = made.facts.chain.title if made.facts.chain else None
    return {"change": made.change, "scope": scope_dict(made.scope, chain, made.resolution)}


def _outside(made: Picture) -> set[str]:
    inner = made.facts.firms
    links = (link for some in made.network.outward.values() for link in some)
    return {end for link in links for end in (link.start, link.end) if end not in inner}


def community_dict(
    made: Picture, one: Community, verdicts: Verdicts, circle: Circle | None = None
) -> dict[str, Any]:
    """A community."""
    return {
        "id": one.id,
        "level": one.level,
        "parent": one.parent,
        "children": len(one.children),
        "name": {
            "text": one.name,
            "inferred": True,
            "products": distinctive_dicts(made, one.products),
        },
        "size": len(one.members),
        "links": one.links,
        "density": round(one.density, 6),
        "observed_share": round(one.observed / one.links, 6) if one.links else 0.0,
        "stability": round(one.stability, 6),
        **(circle or one.circle).as_dict(),
        "leaders": [
            {
                "id": edge.from_id,
                "title": made.title(edge.from_id),
                "chain": ref(made, edge.to_id),
                "inferred": edge.inferred,
                "source": edge.source,
                "observed_at": edge.observed_at,
            }
            for edge in one.leaders
        ],
        "tiers": _counted(one.tiers),
        "districts": _counted(one.districts),
        "chains": [{**ref(made, id_), "firms": firms} for id_, firms in one.chains.items()],
        "outward": [
            {"community": end, "links": links, "observed": observed}
            for end, (links, observed) in one.outward.items()
        ],
        "demands": tally(one.demands, verdicts),
    }


def opened_dict(
    made: Picture,
    one: Opened,
    verdicts: Verdicts,
    progress: Progress,
    posters: Mapping[str, Sequence[str]],
    links: int,
) -> dict[str, Any]:
    """A community opened, with the strongest links."""
    return {
        **head(made),
        "path": [{"id": above.id, "name": above.name} for above in one.path],
        "community": community_dict(made, one.community, verdicts),
        "children": [
            community_dict(made, child, verdicts, circle) for child, circle in one.children
        ],
        "bundles": [bundle.as_dict() for bundle in one.bundles],
        "members": [member.as_dict() for member in one.members],
        "more_members": len(one.community.members) - len(one.members),
        "links": [pair_dict(made, pair) for pair in one.pairs[:links]],
        "more_links": max(0, len(one.pairs) - links),
        "demands": [
            demand_dict(made, id_, verdicts, posters) for id_ in sorted(one.community.demands)
        ],
        "products": distinctive_dicts(made, one.community.products),
        "layout": one.standing.told(),
        "judging": progress.as_dict(),
    }


def pair_dict(made: Picture, pair: Pair) -> dict[str, Any]:
    """Two linked organisations."""
    return {
        "from": made.network.ids[pair.a],
        "to": made.network.ids[pair.b],
        "weight": round(pair.weight, 4),
        "kinds": dict(sorted(Counter(link.kind.value for link in pair.links).items())),
        "inferred": pair.inferred,
    }


def demand_dict(
    made: Picture, id_: str, verdicts: Verdicts, posters: Mapping[str, Sequence[str]]
) -> dict[str, Any]:
    """An open demand."""
    node = made.nodes[id_]
    return {
        "id": id_,
        "title": node.title,
        "posters": [ref(made, firm) for firm in posters.get(id_, ())],
        "deadline": node.props.get("deadline"),
        "verdict": verdict(verdicts.get(id_)),
        "source": node.source,
        "observed_at": node.observed_at,
    }


def verdict(found: Verdict | None) -> str:
    """What is known of whether something fits a demand."""
    if found is None:
        return "unjudged"
    return {True: "fits", False: "unmet", None: "unknown"}[found.fits]


def tally(demands: Iterable[str], verdicts: Verdicts) -> dict[str, int]:
    """Open demands by what is known of them."""
    ids = list(demands)
    counts = Counter(verdict(verdicts.get(id_)) for id_ in ids)
    return {
        "open": len(ids),
        "unmet": counts["unmet"],
        "fitting": counts["fits"],
        "unknown": counts["unknown"],
        "unjudged": counts["unjudged"],
    }


def nearest_dict(found: Nearest, inside: bool) -> dict[str, Any]:
    """A firm or result that the matcher found nearest to a demand."""
    return {
        "id": found.node.id,
        "title": found.node.title,
        "label": found.node.label.value,
        "owners": list(found.owners),
        "inside": inside,
        "inferred": True,  # that it is near is the matcher's conclusion
        "hops": len(found.path),
        "path": list(found.path),
        "probability": None if found.probability is None else round(found.probability, 4),
    }


def distinctive_dicts(made: Picture, products: Iterable[Distinctive]) -> list[dict[str, Any]]:
    """Products that set a community apart."""
    return [{**ref(made, one.id), "firms": one.firms, "z": round(one.z, 4)} for one in products]


def ref(made: Picture, id_: str) -> dict[str, str]:
    """A node by id and name."""
    return {"id": id_, "title": made.title(id_)}


def _counted(counts: Mapping[str | None, int]) -> dict[str, Any]:
    known = {name: count for name, count in counts.items() if name is not None}
    return {"counts": known, "unknown": counts.get(None, 0)}
