r"""Whether two phases are one phase up to the symmetries of a problem, at any size.

The phase of :mod:`theory.phases` is a graph: its vertices are the features, coloured by state,
marginal and importance, its edges the couplings that matter, coloured by sign and by whether they
lie in a set of the law; so are the pairs without coupling in a set.  Two phases are the same up to
exchanging equal features exactly if an isomorphism of these graphs keeps the colours.

**Reversals.**  Where the law undoes reversals (:class:`theory.problem.Problem`), the sign
:math:`\sigma_{ij}` of a coupling may also become :math:`s_i s_j \sigma_{ij}`.  Replace each feature
by two vertices (i, +), (i, −), joined by an edge of a colour of its own, and each coupling by the
edges between (i, a) and (j, b) with :math:`ab = \sigma_{ij}`.  An isomorphism of such double covers
maps joined vertices to joined ones, so it is a permutation π with signs s, and it keeps edges
exactly if :math:`\sigma'_{\pi(i)\pi(j)} = s_i s_j \sigma_{ij}`: a symmetry, and conversely.

**Search.**  Colours are refined together on both graphs: a vertex's new colour is its old one with
the number of edges of each colour to vertices of each colour.  Unequal numbers of vertices of a
colour refute; when all vertices of a graph differ, equal refined colours *are* an isomorphism.
Otherwise the graphs are cut into components and these matched in turn (isomorphism is an
equivalence, so the first match may be kept); edges of the commonest colour, often "none", join
nothing here, since an isomorphism that keeps all other colours keeps this one.  A component that
refinement leaves with equal vertices is decided by giving one vertex of the first a colour of its
own and trying each vertex of that colour in the second.
"""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from .phases import MOST_SYMMETRIES, Phase, closure, couplings, symmetry_count
from .problem import Problem

__all__ = ["contains", "is_listed", "same_phase", "tie_set"]

Matrix = NDArray[np.int64]
_IN_SET = 4  # added to the colour of a pair in one set: above those of couplings
Graph = tuple[Matrix, Matrix]
"""Vertex colours (N,) and symmetric edge colours (N, N), 0 for no edge."""


def _graph(phase: Phase, problem: Problem) -> Graph:
    """Return the graph of a phase, or its double cover if features may be reversed."""
    n = problem.features
    edges = np.zeros((n, n), dtype=np.int64)
    for i, j, positive in couplings(phase, n):
        edges[i, j] = edges[j, i] = 2 if positive else 1
    together = np.zeros_like(edges)
    for members in problem.law.sets:
        together[np.ix_(members, members)] = _IN_SET
    np.fill_diagonal(together, 0)
    kinds = problem.kinds
    kind = {one: k for k, one in enumerate(dict.fromkeys(kinds))}
    state = {one: k for k, one in enumerate(("dropped", "dedicated", "superposed"))}
    colours = np.array([3 * kind[k] + state[s] for k, s in zip(kinds, phase[:n], strict=True)])
    if not problem.reversible:
        return colours, edges + together
    same = edges + 3 * np.eye(n, dtype=np.int64)  # (i, a) to (j, a)
    other = np.where(edges == 0, 0, 3 - edges) + 3 * np.eye(n, dtype=np.int64)
    cover = np.block([[same + together, other + together], [other + together, same + together]])
    np.fill_diagonal(cover, 0)
    return np.tile(colours, 2), cover


def _refined(a: Graph, b: Graph) -> tuple[Matrix, Matrix] | None:
    """Return stable colours of both graphs, or None if they already tell the graphs apart."""
    size, kinds = len(a[0]), max(int(edges.max(initial=0)) for _, edges in (a, b)) + 1
    colours = np.concatenate([a[0], b[0]])
    known = 0
    while True:
        colours = np.unique(colours, return_inverse=True)[1].reshape(-1)
        if not np.array_equal(np.sort(colours[:size]), np.sort(colours[size:])):
            return None
        found = int(colours.max(initial=0)) + 1
        if found in (known, size):
            break
        known = found
        one_hot = np.eye(found)[colours]
        rows = [colours[:, None].astype(float)]
        for kind in range(1, kinds):
            parts = ((a[1], one_hot[:size]), (b[1], one_hot[size:]))
            rows.append(np.concatenate([(edges == kind) @ of for edges, of in parts]))
        colours = np.unique(np.hstack(rows), axis=0, return_inverse=True)[1].reshape(-1)
    return colours[:size], colours[size:]


def _components(edges: Matrix, absent: int) -> list[Matrix]:
    """Return the vertices of each component joined by edges of another colour than ``absent``."""
    joined = edges != absent
    np.fill_diagonal(joined, False)
    left = np.ones(len(edges), dtype=bool)
    parts = []
    while left.any():
        reached = np.zeros(len(edges), dtype=bool)
        frontier = reached.copy()
        frontier[left.argmax()] = True
        while frontier.any():
            reached |= frontier
            frontier = joined[frontier].any(0) & ~reached
        left &= ~reached
        parts.append(np.flatnonzero(reached))
    return parts


def _isomorphic(a: Graph, b: Graph) -> bool:
    """Tell whether a bijection of the vertices keeps all colours."""
    size = len(a[0])
    stable = _refined(a, b)
    if stable is None:
        return False
    (first, second), (edges, others) = stable, (a[1], b[1])
    if len(np.unique(first)) == size:
        place = np.argsort(first), np.argsort(second)
        return bool((edges[np.ix_(place[0], place[0])] == others[np.ix_(place[1], place[1])]).all())
    off = ~np.eye(size, dtype=bool)
    counts = np.bincount(edges[off])
    if not np.array_equal(counts, np.bincount(others[off])):
        return False
    ours, theirs = (_components(e, int(counts.argmax())) for e in (edges, others))

    def part(graph: Matrix, colours: Matrix, vertices: Matrix) -> Graph:
        return colours[vertices], graph[np.ix_(vertices, vertices)]

    if len(ours) > 1 or len(theirs) > 1:
        for vertices in ours:
            own = part(edges, first, vertices)
            for k, candidate in enumerate(theirs):
                if len(candidate) == len(vertices) and _isomorphic(
                    own, part(others, second, candidate)
                ):
                    del theirs[k]
                    break
            else:
                return False
        return not theirs
    sizes = np.bincount(first)
    cell = int(np.where(sizes > 1, sizes, size + 1).argmin())
    marked = first.copy()
    marked[np.flatnonzero(first == cell)[0]] = size
    for vertex in np.flatnonzero(second == cell):
        trial = second.copy()
        trial[vertex] = size
        if _isomorphic((marked, edges), (trial, others)):
            return True
    return False


def same_phase(a: Phase, b: Phase, problem: Problem) -> bool:
    """Tell whether a symmetry of ``problem`` turns phase ``a`` into phase ``b``.

    Examples
    --------
    >>> pairs = Problem(features=4, hidden=2, density=1 / 2)
    >>> states = ("superposed",) * 4
    >>> same_phase((*states, "-01", "-23"), (*states, "-02", "-13"), pairs)
    True
    >>> same_phase((*states, "-01", "-23"), (*states, "-01", "+23"), pairs)
    False
    """
    return _isomorphic(_graph(a, problem), _graph(b, problem))


def is_listed(problem: Problem) -> bool:
    """Tell whether :func:`tie_set` lists every phase of a set, not one of each kind."""
    return symmetry_count(problem) <= MOST_SYMMETRIES


def tie_set(phases: Iterable[Phase], problem: Problem) -> frozenset[Phase]:
    """Return phases up to symmetry: closed if the symmetries are few, else one of each kind.

    Of several phases of one kind the first in lexical order stands for it, so the result does not
    depend on the order of ``phases``.
    """
    if is_listed(problem):
        return closure(phases, problem)
    chosen: list[Phase] = []
    for one in sorted(set(phases)):
        if not any(same_phase(one, other, problem) for other in chosen):
            chosen.append(one)
    return frozenset(chosen)


def contains(phases: frozenset[Phase], own: Phase, problem: Problem) -> bool:
    """Tell whether ``own`` is, up to symmetry, in a set made by :func:`tie_set`."""
    return own in phases or (
        not is_listed(problem) and any(same_phase(own, other, problem) for other in phases)
    )
