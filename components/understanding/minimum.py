"""Finds where a smooth convex function of many numbers is lowest.

L-BFGS as in Nocedal and Wright, Numerical Optimization (2006), algorithms 7.4 and 7.5, in single
precision. SciPy's L-BFGS-B finds the same, but thinks of bounds and doubles the precision: for the
classifier's million and a half of numbers that took twice as long as the function itself.
"""

from collections import deque
from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.float32]
Step = tuple[Numbers, Numbers, float]  # how far, how the slope changed, and their product

REMEMBERED_STEPS = 8
SUFFICIENT = 1e-4  # of the fall that the slope promises; Nocedal and Wright, 3.4
MOST_HALVINGS = 20


def lowest(
    function: Callable[[Numbers], tuple[float, Numbers]], size: int, tolerance: float, most: int
) -> Numbers:
    """Where `function` of `size` numbers, which gives a value and its slope, is lowest.

    From zero on, until no number of the slope is larger than `tolerance`, after `most` steps, or
    where single precision sees no way further down.
    """
    place = np.zeros(size, dtype=np.float32)
    value, slope = function(place)
    steps: deque[Step] = deque(maxlen=REMEMBERED_STEPS)
    for _ in range(most):
        if np.abs(slope).max() <= tolerance:
            break
        direction = _direction(slope, steps)
        promised = float(slope @ direction)
        length = 1.0 if steps else 1 / float(np.linalg.norm(slope))
        for _ in range(MOST_HALVINGS):
            there = place + np.float32(length) * direction
            value_there, slope_there = function(there)
            if value_there <= value + SUFFICIENT * length * promised:
                break
            length /= 2
        else:
            break
        moved, turned = there - place, slope_there - slope
        place, value, slope = there, value_there, slope_there
        product = float(moved @ turned)
        if product <= 0:
            break
        steps.append((moved, turned, product))
    return place


def _direction(slope: Numbers, steps: Iterable[Step]) -> Numbers:
    """Downhill, with what the last steps tell of the curvature (the two-loop recursion)."""
    direction = -slope
    shares = []
    for moved, turned, product in reversed(list(steps)):
        share = np.float32(float(moved @ direction) / product)
        direction -= share * turned
        shares.append(share)
    if not shares:
        return direction
    _, turned, product = list(steps)[-1]
    direction *= np.float32(product / float(turned @ turned))
    for (moved, turned, product), share in zip(steps, reversed(shares), strict=True):
        direction += (share - np.float32(float(turned @ direction) / product)) * moved
    return direction
