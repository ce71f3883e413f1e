"""The graph of a computation: an order to walk through it, and its picture as SVG without any drawing package."""

from collections.abc import Sequence
from html import escape
from typing import Any, Protocol, TypeVar

__all__ = ["draw_graph", "parents_first"]

BOX_WIDTH, BOX_HEIGHT = 124, 58  # px, of one node
COLUMN, ROW = 200, 82  # px, from node to node
STYLE = (
    "text{font:12px sans-serif;text-anchor:middle} .name{font-weight:bold} .grad{fill:#b13a00} "
    ".local{fill:#555;font-size:10px;paint-order:stroke;stroke:#fff;stroke-width:3px} "
    "rect{fill:#eef4fa;stroke:#0072b2} .leaf rect{fill:#fff} path{fill:none;stroke:#999}"
)


class HasParents(Protocol):
    """What a walk has to know of a node: pairs of a parent and how the node changes with it."""

    @property
    def parents(self) -> Sequence[tuple[Any, Any]]: ...


class Node(Protocol):
    """What the picture has to know of a node."""

    @property
    def data(self) -> float: ...
    @property
    def grad(self) -> float: ...
    @property
    def name(self) -> str: ...
    @property
    def parents(self) -> Sequence[tuple["Node", float]]: ...


AnyNode = TypeVar("AnyNode", bound=HasParents)


def parents_first(end: AnyNode) -> list[AnyNode]:
    """All nodes that `end` was made from, each after its parents; `end` is the last.

    A stack of our own instead of a function that calls itself: a long computation is deeper than Python may recurse.
    """
    order: list[AnyNode] = []
    seen: set[int] = set()
    stack = [(end, False)]
    while stack:
        node, parents_are_done = stack.pop()
        if parents_are_done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack += [(node, True), *((parent, False) for parent, _ in node.parents)]
    return order


def draw_graph(nodes: Sequence[Node]) -> str:
    """The graph as SVG, from the leaves (left) to the end (right).

    Args:
        nodes: all nodes, each after its parents.

    Returns:
        The text of an SVG file. Each node shows name, number and gradient; each arrow its local derivative.
    """
    places = _places(nodes)
    width = max(x for x, _ in places.values()) + BOX_WIDTH + 10
    height = max(y for _, y in places.values()) + ROW
    arrows = [
        _arrow(places[id(parent)], places[id(node)], local, below=height + ROW // 4)
        for node in nodes
        for parent, local in node.parents
    ]
    boxes = [_box(node, *places[id(node)]) for node in nodes]
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img">',
            "<title>Computational graph: in each node its number and its gradient</title>",
            f"<style>{STYLE}</style>",
            '<rect width="100%" height="100%" style="fill:#fff;stroke:none"/>',
            *arrows,
            *boxes,
            "</svg>",
        ]
    )


def _places(nodes: Sequence[Node]) -> dict[int, tuple[int, int]]:
    """Left top corners in px: a node stands right of all its parents, and a leaf just left of its first use."""
    column: dict[int, int] = {}
    for node in nodes:
        column[id(node)] = 1 + max((column[id(parent)] for parent, _ in node.parents), default=-1)
    for leaf in (node for node in nodes if not node.parents):
        users = [column[id(node)] for node in nodes for parent, _ in node.parents if parent is leaf]
        column[id(leaf)] = min(users, default=1) - 1
    filled: dict[int, int] = {}
    places = {}
    for node in sorted(nodes, key=lambda node: not node.parents):  # operations on top, so that their chain is straight
        row = filled.get(column[id(node)], 0)
        filled[column[id(node)]] = row + 1
        places[id(node)] = (10 + column[id(node)] * COLUMN, 10 + row * ROW)
    return places


def _box(node: Node, x: int, y: int) -> str:
    middle = x + BOX_WIDTH // 2
    return (
        f'<g class="{"operation" if node.parents else "leaf"}">'
        f'<rect x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="6"/>'
        f'<text class="name" x="{middle}" y="{y + 16}">{escape(node.name)}</text>'
        f'<text x="{middle}" y="{y + 33}">data {node.data:.4g}</text>'
        f'<text class="grad" x="{middle}" y="{y + 50}">grad {node.grad:.4g}</text></g>'
    )


def _arrow(start: tuple[int, int], end: tuple[int, int], local: float, below: int) -> str:
    """An arrow to the next column; one that goes further sags below the nodes on its way."""
    x1, y1 = start[0] + BOX_WIDTH, start[1] + BOX_HEIGHT // 2
    x2, y2 = end[0], end[1] + BOX_HEIGHT // 2
    bend1, bend2 = (below, below) if end[0] - start[0] > COLUMN else (y1, y2)
    x = (x1 + x2) // 2
    y = (y1 + 3 * bend1 + 3 * bend2 + y2) // 8  # the middle of the curve
    return (
        f'<path d="M{x1} {y1} C{x} {bend1} {x} {bend2} {x2} {y2}"/>'
        f'<text class="local" x="{x}" y="{y - 4}">{local:.4g}</text>'
    )
