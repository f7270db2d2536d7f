"""Communities by Leiden, against networkx's Louvain and modularity."""

import networkx as nx
import numpy as np
import pytest
from networkx.algorithms import community
from scipy import sparse

from graph_service.insight.leiden import agreement, connected, divide, hierarchy, modularity


def _matrix(graph: "nx.Graph") -> sparse.csr_matrix:
    made = nx.to_scipy_sparse_array(graph, nodelist=sorted(graph), weight="weight", format="csr")
    return sparse.csr_matrix(made, dtype=np.float64)


def _planted(seed: int) -> "nx.Graph":
    graph = nx.planted_partition_graph(12, 25, 0.25, 0.01, seed=seed)
    rng = np.random.default_rng(seed)
    for *_, data in graph.edges(data=True):
        data["weight"] = float(rng.uniform(0.2, 3))
    return graph


GRAPHS = {
    "karate": nx.karate_club_graph(),
    "miserables": nx.les_miserables_graph(),
    "planted": _planted(1),
    "ragged": nx.barabasi_albert_graph(300, 2, seed=3),
    "islands": nx.disjoint_union(nx.caveman_graph(4, 6), nx.path_graph(9)),
}


def _sets(labels: "np.ndarray") -> list[set[int]]:
    return [set(np.flatnonzero(labels == one).tolist()) for one in range(labels.max() + 1)]


@pytest.mark.parametrize("name", GRAPHS)
def test_divisions_are_at_least_as_modular_as_louvain_s_and_connected(name: str) -> None:
    graph = nx.convert_node_labels_to_integers(GRAPHS[name], ordering="sorted")
    found = divide(_matrix(graph))
    louvain = community.louvain_communities(graph, weight="weight", resolution=1, seed=20261123)
    assert found.modularity >= community.modularity(graph, louvain, weight="weight") - 1e-9
    for members in _sets(found.labels):
        assert nx.is_connected(graph.subgraph(members))
    assert found.modularity == pytest.approx(
        community.modularity(graph, _sets(found.labels), weight="weight")
    )


@pytest.mark.parametrize("resolution", [0.5, 1.0, 2.0])
def test_modularity_is_networkx_s(resolution: float) -> None:
    graph = GRAPHS["miserables"]
    labels = np.arange(len(graph)) % 5
    nodes = sorted(graph)
    sets = [{nodes[i] for i in members} for members in _sets(labels)]
    expected = community.modularity(graph, sets, weight="weight", resolution=resolution)
    assert modularity(_matrix(graph), labels, resolution) == pytest.approx(expected)


def test_the_same_seed_gives_the_same_and_more_resolution_more() -> None:
    matrix = _matrix(GRAPHS["planted"])
    one, other = divide(matrix), divide(matrix)
    assert (one.labels == other.labels).all()
    assert one.agreement == other.agreement
    counts = [divide(matrix, resolution).labels.max() for resolution in (0.2, 1.0, 5.0)]
    assert counts == sorted(counts)
    assert counts[0] < counts[2]


def test_a_clear_division_is_found_and_stable() -> None:
    graph = nx.caveman_graph(6, 8)
    nx.add_path(graph, [0, 8, 16, 24, 32, 40])
    found = divide(_matrix(graph))
    assert sorted(map(len, _sets(found.labels))) == [8] * 6
    assert found.stability.tolist() == [1.0] * 6
    assert found.agreement == 1.0


def test_nodes_without_links_are_in_none() -> None:
    graph = nx.path_graph(3)
    graph.add_nodes_from([3, 4])
    assert divide(_matrix(graph)).labels.tolist() == [0, 0, 0, -1, -1]
    assert divide(sparse.csr_matrix((4, 4))).labels.tolist() == [-1] * 4
    assert divide(sparse.csr_matrix((0, 0))).labels.tolist() == []


def test_labels_that_join_what_is_apart_are_split() -> None:
    graph = nx.disjoint_union(nx.complete_graph(3), nx.complete_graph(3))
    assert connected(_matrix(graph), np.zeros(6, np.int64)).tolist() == [0, 0, 0, 1, 1, 1]


def test_large_communities_are_divided_level_by_level() -> None:
    whole, parts = hierarchy(_matrix(GRAPHS["planted"]), largest=20)
    assert sum(part.level == 0 for part in parts) == whole.labels.max() + 1
    assert any(part.level > 0 for part in parts)
    for number, part in enumerate(parts):
        pieces = [other.members for other in parts if other.parent == number]
        if pieces:
            assert len(part.members) > 20
            assert sorted(np.concatenate(pieces).tolist()) == part.members.tolist()
            assert all(other.level == part.level + 1 for other in parts if other.parent == number)


def test_agreement_is_the_adjusted_rand_index() -> None:
    one, other = np.array([0, 0, 0, 1, 1, 1]), np.array([0, 0, 1, 1, 2, 2])
    assert agreement(one, other) == pytest.approx(0.24242424)  # Hubert and Arabie 1985
    assert agreement(one, one) == 1.0
