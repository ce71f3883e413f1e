"""What may be wrong with the columns and rows of a table before anything is learned from it.

Everything is named and nothing is changed: whether a near-perfect predictor is a law of nature or the outcome
under another name only its owner knows. Columns are float64 with NaN, or numpy str arrays with '', shape (n,).
"""

from collections.abc import Mapping

import numpy as np

__all__ = ["find_twin_rows", "identifier_columns", "idle_columns", "missing", "near_perfect_predictors"]

Columns = Mapping[str, np.ndarray]

NEAR_PERFECT = 0.99
"""Rank correlation, or R2 of a one-column fit, above which a column may be the outcome under another name."""
NEAR_ROWS = 0.01
"""Rows are near-duplicates when no column differs by more than this share of its spread."""
FEWEST_ROWS = 10
"""With fewer rows a near-perfect fit, or texts that all differ, mean nothing."""


def missing(values: np.ndarray) -> np.ndarray:
    """Where a column has no value: bool, shape (n,).

    >>> missing(np.array([1.0, np.nan])), missing(np.array(["a", ""]))
    (array([False,  True]), array([False,  True]))
    """
    return np.isnan(values) if values.dtype.kind == "f" else values == ""


def idle_columns(columns: Columns) -> dict[str, str]:
    """Columns with one value wherever they have one, or equal to an earlier one in every row, missing values included.

    Returns:
        header -> why, as the end of a sentence.

    >>> x = np.array([1.0, 2.0])
    >>> idle_columns({"V": np.array([0.0, 0.0]), "a": x, "b": x})
    {'V': "it is '0' in all rows", 'b': "it repeats 'a'"}
    """
    first: dict[tuple[str, bytes], str] = {}
    constant: dict[str, str] = {}
    repeated: dict[str, str] = {}
    for name, values in columns.items():
        number, given = values.dtype.kind == "f", values[~missing(values)]
        if not len(given) or (given == given[0]).all():
            value = "" if not len(given) else f"{given[0]:g}" if number else given[0]
            constant[name] = f"it is '{value}' in all rows"
            continue
        plain = np.where(np.isnan(values), np.nan, values + 0.0) if number else values  # -0 is 0
        before = first.setdefault((plain.dtype.str, plain.tobytes()), name)
        if before != name:
            repeated[name] = f"it repeats '{before}'"
    return constant | repeated


def identifier_columns(columns: Columns) -> dict[str, str]:
    """Columns that name rows instead of describing them: texts that all differ, and row counters.

    Returns:
        header -> why, as the end of a sentence.

    >>> identifier_columns({"row": np.arange(12.0), "T": np.linspace(0, 1, 12)})
    {'row': 'it counts the rows'}
    """
    found: dict[str, str] = {}
    for name, values in columns.items():
        n = len(values)
        if n < FEWEST_ROWS or missing(values).any():
            continue
        if values.dtype.kind == "f":
            if (np.diff(values) == 1).all():
                found[name] = "it counts the rows"
        elif len(np.unique(values)) == n:
            found[name] = "every row has a text of its own"
    return found


def near_perfect_predictors(columns: Columns, target: np.ndarray) -> dict[str, str]:
    """Columns that predict the target almost alone: an outcome left among the inputs, or a law.

    What counts is Spearman's rank correlation (0 for a column of text), and the R2 of a cubic in the column or of the
    means of its categories, adjusted for their number.

    Args:
        columns: the inputs, without the target.
        target: shape (n,), float, NaN where missing.

    Returns:
        header -> a sentence, the best first; none when fewer than ten rows have both values.

    Valid for: one-column relations that are monotonic, cubic or by category; what two columns say together is not seen.
    Source: own; thresholds as stated.
    """
    found: list[tuple[float, str, str]] = []
    for name, values in columns.items():
        both = ~missing(values) & ~np.isnan(target)
        x, y = values[both], target[both]
        if len(x) < FEWEST_ROWS or (x == x[0]).all() or (y == y[0]).all():
            continue
        rank, r2 = (_rank_correlation(x, y), _cubic_r2(x, y)) if x.dtype.kind == "f" else (0.0, _category_r2(x, y))
        if (strength := max(abs(rank), r2)) > NEAR_PERFECT:
            sentence = (
                f"Column '{name}' gives the target almost alone (rank correlation {rank:.3f}, R2 {r2:.3f}, {len(x):,} "
                "rows). Is it another outcome of the same test, known only afterwards? Then exclude it."
            )
            found.append((strength, name, sentence))
    return {name: sentence for _, name, sentence in sorted(found, key=lambda one: -one[0])}


def _rank_correlation(x: np.ndarray, y: np.ndarray) -> float:
    from scipy.stats import rankdata

    return float(np.corrcoef(rankdata(x), rankdata(y))[0, 1])


def _standard(values: np.ndarray) -> np.ndarray:
    scaled = values / np.abs(values).max()  # squares of 1e300 would overflow
    spread = scaled.std()
    return (scaled - scaled.mean()) / spread if spread > 0 else np.zeros_like(scaled)


def _cubic_r2(x: np.ndarray, y: np.ndarray) -> float:
    z, t = _standard(x), _standard(y)
    degree = min(3, len(np.unique(z)) - 1, len(z) // 5)
    if degree < 1 or not t.any():
        return 0.0
    powers = np.vander(z, degree + 1)
    residual = t - powers @ np.linalg.lstsq(powers, t, rcond=None)[0]
    return float(1 - (residual**2).mean() / (t**2).mean())


def _category_r2(x: np.ndarray, y: np.ndarray) -> float:
    t = _standard(y)
    _, codes, counts = np.unique(x, return_inverse=True, return_counts=True)
    n, k = len(t), len(counts)
    if n < 2 * k or not t.any():
        return 0.0
    means = np.bincount(codes, weights=t) / counts
    return float(1 - ((t - means[codes]) ** 2).sum() / (t**2).sum() * (n - 1) / (n - k))


def find_twin_rows(columns: Columns) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """Find duplicate and near-duplicate rows.

    Two rows are near-duplicates when their texts are equal, their missing values stand in the same columns, and no
    number differs by more than 1 % of the spread of its column (half the distance between the 16th and 84th
    percentile, or the standard deviation where that is zero).

    Args:
        columns: the columns that count, as a rule the inputs; without row counters.

    Returns:
        Sets of equal rows, and sets of equal or nearly equal ones: the indices of two rows and more, ascending.

    Valid for: each row is joined to its nearest row within the threshold, and sets grow from these links; two
        rows within the threshold may stay apart when each has a nearer one.
    Source: own; k-d tree of scipy in the maximum norm.
    """
    codes = np.column_stack([_codes(values) for values in columns.values()])
    _, first, inverse = np.unique(codes, axis=0, return_index=True, return_inverse=True)
    exact = first[inverse.reshape(-1)]
    rows, place = np.unique(exact, return_inverse=True)
    scaled = np.column_stack([_scaled(values) for values in columns.values()])[rows]
    return _sets(exact), _sets(_linked(scaled)[place])


def _sets(labels: np.ndarray) -> list[np.ndarray]:
    """Indices of the rows that share a label with others."""
    order = np.argsort(labels, kind="stable")
    cuts = np.flatnonzero(np.diff(labels[order])) + 1
    return [rows for rows in np.split(order, cuts) if len(rows) > 1]


def _codes(values: np.ndarray) -> np.ndarray:
    return np.unique(values, return_inverse=True)[1].reshape(-1)


_FAR = 1e6  # apart in every sense of the threshold


def _scaled(values: np.ndarray) -> np.ndarray:
    """A column in units of its spread; texts and missing values become places far apart."""
    if values.dtype.kind != "f":
        return _FAR * _codes(values).astype(np.float64)
    given = values[~np.isnan(values)]
    if not len(given):
        return np.zeros(len(values))
    low, middle, high = np.percentile(given, [16, 50, 84])
    with np.errstate(over="ignore", invalid="ignore"):
        spread = (high - low) / 2 or float(np.nan_to_num(np.std(given), posinf=0.0)) or 1.0
        result = np.clip((values - middle) / spread, -_FAR / 2, _FAR / 2)
    return np.where(np.isnan(values), _FAR, result)


def _linked(points: np.ndarray) -> np.ndarray:
    """Label of each point's set; sets are made by links to the nearest point that is near enough."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import KDTree

    n = len(points)
    if n < 2:
        return np.arange(n)
    found = KDTree(points).query(points, k=2, p=np.inf, distance_upper_bound=NEAR_ROWS * (1 + 1e-9))
    distance, other = (np.asarray(part) for part in found)
    nearest = np.where(other[:, 0] == np.arange(n), other[:, 1], other[:, 0])
    linked = np.flatnonzero(np.isfinite(distance[:, 1]))
    links = coo_matrix((np.ones(len(linked)), (linked, nearest[linked])), shape=(n, n))
    return connected_components(links, directed=False)[1]
