# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What each op gives by NumPy, and how far from it Varve may be. Operands are pairs: a dtype and an array."""

import numpy as np
from elementwise import elementwise
from places import places, random
from sums import sums
from tensors import GREATEST, LEAST, UNIT, as_dtype, is_float, wide


class Result:
    """Elements, and the distance from them that is rounding: None means the same elements."""

    def __init__(self, dtype, elements, bound=None):
        self.dtype, self.elements, self.bound = dtype, np.asarray(elements), bound

    def data(self):
        return as_dtype(self.elements, self.dtype)

    @np.errstate(all="ignore")
    def difference(self, found):
        """What is wrong with these elements, or None."""
        if found.shape != self.elements.shape:
            return f"shape {list(found.shape)}, but NumPy has {list(self.elements.shape)}"
        if not is_float(self.dtype):
            wrong = found != self.elements
        else:
            expected, got = wide(self.elements, "f32"), wide(found, self.dtype)
            if self.bound is None:  # -0 is 0
                wrong = ~((got == expected) | (np.isnan(got) & np.isnan(expected)))
            else:
                size = np.abs(expected)
                bound = self.bound + UNIT[self.dtype] * 1.01 * size + LEAST[self.dtype]
                good = (got == expected) | (np.isnan(got) & np.isnan(expected)) | (np.abs(got - expected) <= bound)
                # It may overflow where NumPy's almost does.
                good |= np.isinf(got) & (np.sign(got) == np.sign(expected)) & (size + bound >= GREATEST[self.dtype])
                good |= ~np.isfinite(bound)
                wrong = ~good
        if not np.any(wrong):
            return None
        at = tuple(int(i) for i in np.argwhere(wrong)[0])
        expected, got = self.elements[at], found[at]
        note = "" if self.bound is None else f" within {float(np.broadcast_to(self.bound, found.shape)[at]):.3g}"
        return f"{int(np.sum(wrong))} of {wrong.size} elements, first {list(at)}: {got!r}, but NumPy has {expected!r}{note}"


def evaluate(op, attributes, args, shapes=None):
    """The results of an op; `shapes` are theirs, for an op whose attributes do not tell."""
    with np.errstate(all="ignore"):
        found = elementwise(op, attributes, args)
        if found:
            return [Result(*found)]
        found = places(op, attributes, args)
        if found:
            return [Result(dtype, elements) for dtype, elements in found]
        if op == "random":
            elements, bound = random(attributes["distribution"], attributes["dtype"], attributes["shape"], args[0][1], args[1][1])
            return [Result(attributes["dtype"], elements, bound)]
        found = sums(op, attributes, args, shapes)
        # Where something is no number, or overflows on the way, float32 and float64 differ.
        tame = all(np.all(np.isfinite(data)) and (not data.size or np.max(np.abs(data)) < 1e6) for dtype, data in args if is_float(dtype))
        exact = op in ("reduce_max", "reduce_min", "max_pool", "adaptive_max_pool")
        return [Result(dtype, elements, bound if tame or exact or bound is None else np.inf) for dtype, elements, bound in found]
