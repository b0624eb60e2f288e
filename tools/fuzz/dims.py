# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Dimensions as Varve has them: sums of products of names, numbers and quotients that are rounded down. Two are equal exactly
if they are the same sum, so that what a recipe takes for equal Varve can prove."""


class Dim:
    """`terms` maps a product, a sorted tuple of factors, to its coefficient. A factor is a name, or (Dim, divisor)."""

    def __init__(self, terms):
        self.terms = {product: c for product, c in terms.items() if c}

    @staticmethod
    def of(value):
        return value if isinstance(value, Dim) else Dim({(value,): 1} if isinstance(value, str) else {(): value})

    @property
    def static(self):
        return all(product == () for product in self.terms)

    @property
    def size(self):
        """Of a static one."""
        assert self.static, self
        return self.terms.get((), 0)

    @property
    def name(self):
        """The name, if it is nothing else."""
        if len(self.terms) == 1:
            (product, c), = self.terms.items()
            if c == 1 and len(product) == 1 and isinstance(product[0], str):
                return product[0]
        return None

    def names(self):
        found = set()
        for product in self.terms:
            for factor in product:
                found |= {factor} if isinstance(factor, str) else factor[0].names()
        return found

    def at(self, sizes):
        total = 0
        for product, c in self.terms.items():
            for factor in product:
                c *= sizes[factor] if isinstance(factor, str) else factor[0].at(sizes) // factor[1]
            total += c
        return total

    def __add__(self, other):
        terms = dict(self.terms)
        for product, c in Dim.of(other).terms.items():
            terms[product] = terms.get(product, 0) + c
        return Dim(terms)

    def __neg__(self):
        return Dim({product: -c for product, c in self.terms.items()})

    def __sub__(self, other):
        return self + -Dim.of(other)

    def __mul__(self, other):
        terms = {}
        for a, x in self.terms.items():
            for b, y in Dim.of(other).terms.items():
                product = tuple(sorted(a + b, key=str))
                terms[product] = terms.get(product, 0) + x * y
        return Dim(terms)

    __radd__, __rmul__ = __add__, __mul__

    def __floordiv__(self, divisor):
        whole = Dim({product: c // divisor for product, c in self.terms.items()})
        rest = Dim({product: c % divisor for product, c in self.terms.items()})
        if rest.static:  # less than the divisor
            return whole
        return whole + Dim({((rest, divisor),): 1})

    def __eq__(self, other):
        return isinstance(other, (Dim, int, str)) and self.terms == Dim.of(other).terms

    def __hash__(self):
        return hash(str(self))

    def __str__(self):
        parts = []
        for product, c in sorted(self.terms.items(), key=lambda item: (-len(item[0]), str(item[0]))):
            factors = [f if isinstance(f, str) else f"(({f[0]}) floordiv {f[1]})" for f in product]
            if abs(c) != 1 or not factors:
                factors.insert(0, str(abs(c)))
            parts.append(("- " if c < 0 else "+ ") + "*".join(factors))
        text = " ".join(parts) or "0"
        return text[2:] if text.startswith("+ ") else "0 " + text if parts else text

    __repr__ = __str__

    def json(self):
        return self.size if self.static else str(self)


def dims(*entries):
    return [Dim.of(entry) for entry in entries]


def product(entries):
    result = Dim.of(1)
    for entry in entries:
        result = result * entry
    return result


def broadcast(a, b):
    """The shape of two that broadcast, or None."""
    result = []
    for i in range(1, max(len(a), len(b)) + 1):
        x = a[-i] if i <= len(a) else Dim.of(1)
        y = b[-i] if i <= len(b) else Dim.of(1)
        if x != y and x != 1 and y != 1:
            return None
        result.insert(0, y if x == 1 else x)
    return result
