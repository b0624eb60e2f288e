# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Ops that take sums, in float64, with a bound of what float32 sums in any order may be off: u * (terms + some) * the sum of the
terms' magnitudes. Each function gives the result and that bound."""

import itertools
import math

import numpy as np
from tensors import LEAST, UNIT, is_float, wide

u = UNIT["f32"]


def _reduce(op, a, dtype, x):
    axes = tuple(sorted(axis % x.ndim for axis in a["axes"])) or tuple(range(x.ndim))
    keep, count = a["keep_dims"], int(np.prod([x.shape[i] for i in axes]))
    options = {"axis": axes, "keepdims": keep}
    if op in ("reduce_max", "reduce_min"):
        lowest = (-np.inf if is_float(dtype) else np.iinfo(x.dtype).min, np.inf if is_float(dtype) else np.iinfo(x.dtype).max)[op == "reduce_min"]
        return np.asarray(getattr(np, op[7:])(x, initial=lowest, **options)).astype(x.dtype), None
    if not is_float(dtype):
        return np.asarray((np.sum if op == "reduce_sum" else np.prod)(x, dtype=x.dtype, **options)), None
    x = wide(x, dtype)
    if op == "reduce_prod":
        result = np.prod(x, **options)
        far = np.sum(np.abs(np.log2(np.maximum(np.abs(x), 1e-300))), **options) > 100  # it may overflow on the way
        return result, np.where(far, np.inf, (count + 2) * u * np.abs(result))
    total, bound = np.sum(x, **options), (count + 2) * u * np.sum(np.abs(x), **options)
    return (total, bound) if op == "reduce_sum" else (total / count, bound / count + u * np.abs(total) / max(count, 1))


def _cumulative(op, axis, dtype, x):
    if not is_float(dtype):
        return (np.cumsum if op == "cumsum" else np.cumprod)(x, axis=axis, dtype=x.dtype), None
    x = wide(x, dtype)
    if op == "cumsum":
        return np.cumsum(x, axis), (x.shape[axis] + 2) * u * np.cumsum(np.abs(x), axis)
    result = np.cumprod(x, axis)
    far = np.cumsum(np.abs(np.log2(np.maximum(np.abs(x), 1e-300))), axis) > 100
    return result, np.where(far, np.inf, (x.shape[axis] + 2) * u * np.abs(result))


def _matmul(a, b):
    return a @ b, (a.shape[-1] + 4) * u * (np.abs(a) @ np.abs(b))


def _linear(x, w, length=None):
    result, bound = _matmul(x, w.T)
    if length:  # x is rounded to int8, so many elements at a time
        blocks = np.abs(x).reshape(*x.shape[:-1], -1, length)
        off = np.max(blocks, -1, keepdims=True) / 254 * 1.0001 + 1e-36
        bound = bound + np.broadcast_to(off, blocks.shape).reshape(x.shape) @ np.abs(w.T)
    return result, bound


def _grouped(x, w, sizes):
    result, bound = np.zeros((x.shape[0], w.shape[1])), np.zeros((x.shape[0], w.shape[1]))
    ends = np.cumsum(sizes)
    for weight, begin, end in zip(w, ends - sizes, ends):
        result[begin:end], bound[begin:end] = _linear(x[begin:end], weight)
    return result, bound


def _softmax(x, axis):
    n = x.shape[axis]
    if n == 0:
        return x, np.zeros(x.shape)
    most = np.max(x, axis, keepdims=True)
    e = np.exp(x - most)
    result = e / np.sum(e, axis, keepdims=True)
    far = np.where(np.isfinite(x), np.minimum(np.abs(x - most), 200), 0)
    # The difference is rounded; exponentials below the least normal number may be 0.
    return result, (n + 12 + 2 * far) * u * result + 1e-37


def _normalized(x, axes, epsilon, weight, bias, unit):
    n = int(np.prod([x.shape[a] for a in axes])) or 1
    mean = np.mean(x, axes, keepdims=True) if x.size else np.zeros_like(x)
    off = (n + 2) * u * (np.mean(np.abs(x), axes, keepdims=True) if x.size else 0) + u * np.abs(mean)
    d, d_off = x - mean, off + 2 * u * (np.abs(x) + np.abs(mean))
    variance = np.mean(d * d, axes, keepdims=True) if x.size else np.zeros_like(x)
    v_off = np.mean(2 * np.abs(d) * d_off + d_off**2, axes, keepdims=True) + (n + 4) * u * variance if x.size else 0
    scale = 1 / np.sqrt(variance + epsilon)
    least = np.maximum(variance + epsilon - v_off, 1e-300)
    result = d * scale
    bound = (d_off + np.abs(d) * 0.5 * v_off / least) / np.sqrt(least) + 6 * u * np.abs(result)
    return _affine(result, bound, weight, bias)


def _affine(result, bound, weight, bias):
    if weight is not None:
        result, bound = result * weight, bound * np.abs(weight) + 2 * u * np.abs(result * weight)
    if bias is not None:
        result, bound = result + bias, bound + 2 * u * (np.abs(result) + np.abs(bias))
    return result, bound


def _channels(parameter, rank):
    return parameter.reshape([1, -1] + [1] * (rank - 2))


def _batch_norm(x, mean, variance, weight, bias, epsilon):
    c = [None if p is None else _channels(p, x.ndim) for p in (mean, variance, weight, bias)]
    scale = 1 / np.sqrt(c[1] + epsilon)
    result = (x - c[0]) * scale
    # Scale and shift may be joined: x * (scale * weight) + (bias - mean * scale * weight).
    bound = 12 * u * (np.abs(x) + np.abs(c[0])) * scale
    return _affine(result, bound, c[2], c[3])


# The least number of a type: what is smaller than 2^23 or so of it has lost bits before it is multiplied on.
LEAST = {"f32": 2.0**-149, "f16": 2.0**-24, "bf16": 2.0**-133}


def _rms_norm(x, weight, epsilon, unit, least):
    mean = np.mean(x * x, -1, keepdims=True) if x.shape[-1] else np.zeros(x.shape[:-1] + (1,))
    result = x / np.sqrt(mean + epsilon) * weight
    bound = (x.shape[-1] + 10) * u * np.abs(result) + (2 * unit * np.abs(result) if unit > u else 0)
    return result, bound + least * np.abs(weight)


def _rope(x, cos, sin, pairing):
    if cos.ndim == 2:
        cos, sin = cos[None], sin[None]
    cos, sin = cos[:, :, None], sin[:, :, None]
    half = x.shape[-1] // 2
    a, b = (x[..., :half], x[..., half:]) if pairing == "half" else (x[..., 0::2], x[..., 1::2])

    def joined(left, right):
        return np.concatenate((left, right), -1) if pairing == "half" else np.stack((left, right), -1).reshape(x.shape)

    most = np.abs(a * cos) + np.abs(b * sin), np.abs(b * cos) + np.abs(a * sin)
    return joined(a * cos - b * sin, b * cos + a * sin), 4 * u * joined(*most)


def _attention(q, k, v, others, a):
    others = list(others)
    mask, sinks, slopes = (others.pop(0) if a.get(name) else None for name in ("mask", "sinks", "slopes"))
    (_, t, h, d), (s, hkv) = q.shape, k.shape[1:3]
    k, v = np.repeat(k, h // hkv, 2), np.repeat(v, h // hkv, 2)
    scale = a.get("scale", 1 / math.sqrt(d) if d else 1)
    scores = scale * np.einsum("bthd,bshd->bhts", q, k)
    off = (d + 6) * u * abs(scale) * np.einsum("bthd,bshd->bhts", np.abs(q), np.abs(k))
    seen = np.ones(scores.shape, bool)
    place, key = np.arange(t)[:, None] + s - t, np.arange(s)[None]
    if "soft_cap" in a:
        scores = a["soft_cap"] * np.tanh(scores / a["soft_cap"])
        off = off + 4 * u * np.abs(scores)
    if slopes is not None:
        bias = slopes[:, None, None] * (key - place)
        scores, off = scores + bias, off + 2 * u * (np.abs(bias) + np.abs(scores))
    if a.get("causal"):
        seen &= key <= place
    if "window" in a:
        seen &= place - key < a["window"]
    if mask is not None and mask.dtype == np.bool_:
        seen &= mask
    elif mask is not None:
        scores, off = scores + mask, off + 2 * u * np.abs(scores + np.where(np.isfinite(mask), mask, 0))
    scores = np.where(seen, scores, -np.inf)
    if s == 0:
        zeros = np.zeros(q.shape[:3] + v.shape[3:])
        return zeros, zeros
    most = np.max(scores, -1, keepdims=True)
    e = np.where(seen, np.exp(scores - np.where(np.isfinite(most), most, 0)), 0)
    total = np.sum(e, -1, keepdims=True)
    if sinks is not None:
        less = sinks[:, None, None] - np.where(np.isfinite(most), most, 0)
        total = np.where(total > 0, total + np.exp(np.minimum(less, 700)), 0)
    p = np.divide(e, total, out=np.zeros_like(e), where=total > 0)
    error = 2 * np.max(np.where(seen & np.isfinite(off), off, 0), -1, keepdims=True) + (2 * s + 30) * u
    if sinks is not None:
        error = error + 4 * np.minimum(np.abs(less), 200) * u
    far = np.where(np.isfinite(scores), np.minimum(np.abs(scores - np.where(np.isfinite(most), most, 0)), 200), 0)
    weigh = lambda p, v: np.einsum("bhts,bshd->bthd", p, v)
    return weigh(p, v), weigh(p * (error + 4 * far * u) + 1e-37, np.abs(v))


def _windows(rank, a, size, kernel, begin, end, ceil=False):
    strides, dilations = a.get("strides") or [1] * rank, a.get("dilations") or [1] * rank
    counts = []
    for i in range(rank):
        beyond = end[i] - (dilations[i] * (kernel[i] - 1) + 1)
        if ceil:
            beyond = min(beyond + strides[i] - 1, -1)
        counts.append((size[i] + begin[i] + beyond) // strides[i] + 1)
    return strides, dilations, counts


def _conv(x, w, bias, a):
    rank, groups = x.ndim - 2, a["groups"]
    begin = a.get("padding_begin") or [0] * rank
    end = a.get("padding_end") or begin
    kernel = w.shape[2:]
    strides, dilations, counts = _windows(rank, a, x.shape[2:], kernel, begin, end)
    padded = np.pad(x, [(0, 0), (0, 0)] + list(zip(begin, end)))
    result, bound = np.zeros((x.shape[0], w.shape[0], *counts)), np.zeros((x.shape[0], w.shape[0], *counts))
    inside, outside = x.shape[1] // groups, w.shape[0] // groups
    for g in range(groups):
        weight = w[g * outside : (g + 1) * outside]
        for place in itertools.product(*map(range, kernel)):
            at = tuple(slice(p * d, p * d + (c - 1) * s + 1, s) for p, d, c, s in zip(place, dilations, counts, strides))
            part = padded[(slice(None), slice(g * inside, (g + 1) * inside)) + at]
            out = (slice(None), slice(g * outside, (g + 1) * outside))
            result[out] += np.einsum("bi...,oi->bo...", part, weight[(..., *place)])
            bound[out] += np.einsum("bi...,oi->bo...", np.abs(part), np.abs(weight[(..., *place)]))
    return _biased(result, bound, bias, inside * int(np.prod(kernel)))


def _biased(result, bound, bias, terms):
    if bias is not None:
        result, bound = result + _channels(bias, result.ndim), bound + np.abs(_channels(bias, result.ndim))
    return result, (terms + 6) * u * bound


def _conv_transpose(x, w, bias, a):
    rank, groups = x.ndim - 2, a["groups"]
    begin = a.get("padding_begin") or [0] * rank
    end = a.get("padding_end") or begin
    extra = a.get("output_padding") or [0] * rank
    strides, dilations = a.get("strides") or [1] * rank, a.get("dilations") or [1] * rank
    kernel, outside, inside = w.shape[2:], w.shape[1], x.shape[1] // groups
    whole = [(n - 1) * s + d * (k - 1) + 1 + e for n, s, d, k, e in zip(x.shape[2:], strides, dilations, kernel, extra)]
    shape = (x.shape[0], outside * groups, *(max(n, 0) for n in whole))
    result, bound = np.zeros(shape), np.zeros(shape)
    if x.size:
        for g in range(groups):
            part = x[:, g * inside : (g + 1) * inside]
            weight = w[g * inside : (g + 1) * inside]
            for place in itertools.product(*map(range, kernel)):
                at = tuple(slice(p * d, p * d + (n - 1) * s + 1, s) for p, d, n, s in zip(place, dilations, x.shape[2:], strides))
                out = (slice(None), slice(g * outside, (g + 1) * outside)) + at
                result[out] += np.einsum("bi...,io->bo...", part, weight[(..., *place)])
                bound[out] += np.einsum("bi...,io->bo...", np.abs(part), np.abs(weight[(..., *place)]))
    cut = (slice(None), slice(None)) + tuple(slice(b, n - e) for b, e, n in zip(begin, end, whole))
    return _biased(result[cut], bound[cut], bias, inside * int(np.prod(kernel)))


def _pool(op, x, a):
    rank, kernel = x.ndim - 2, a["kernel"]
    padding = a.get("padding") or [0] * rank
    a = a | {"strides": a.get("strides") or kernel}
    strides, dilations, counts = _windows(rank, a, x.shape[2:], kernel, padding, padding, a.get("ceil_mode"))
    reach = [max((c - 1) * s + d * (k - 1) + 1, p + n) for c, s, d, k, p, n in zip(counts, strides, dilations, kernel, padding, x.shape[2:])]
    around = [(0, 0), (0, 0)] + [(p, r - p - n) for p, r, n in zip(padding, reach, x.shape[2:])]
    ats = []
    for place in itertools.product(*map(range, kernel)):
        ats.append((slice(None), slice(None)) + tuple(slice(p * d, p * d + (c - 1) * s + 1, s) for p, d, c, s in zip(place, dilations, counts, strides)))
    if op == "max_pool":
        padded = np.pad(x, around, constant_values=-np.inf)
        result = padded[ats[0]]
        for at in ats[1:]:
            result = np.maximum(result, padded[at])
        return result, None
    inside = np.pad(np.ones(x.shape), [(0, 0), (0, 0)] + [(p, p) for p in padding], constant_values=1.0 if a.get("count_include_pad") else 0.0)
    inside = np.pad(inside, [(0, 0), (0, 0)] + [(0, max(r - n, 0)) for r, n in zip(reach, inside.shape[2:])])
    padded = np.pad(x, around)
    total, most, count = (sum(v[at] for at in ats) for v in (padded, np.abs(padded), inside))
    return total / count, (len(ats) + 4) * u * most / count


def _adaptive(op, x, size):
    result, bound = np.zeros(x.shape[:2] + tuple(size)), np.zeros(x.shape[:2] + tuple(size))
    for place in itertools.product(*map(range, size)):
        parts = tuple(slice(i * n // c, ((i + 1) * n + c - 1) // c) for i, n, c in zip(place, x.shape[2:], size))
        window = x[(slice(None), slice(None)) + parts]
        window = window.reshape(*x.shape[:2], int(np.prod(window.shape[2:])))
        at = (slice(None), slice(None)) + place
        if op == "adaptive_max_pool":
            result[at] = np.max(window, -1) if window.size else 0
        else:
            result[at] = np.mean(window, -1) if window.size else 0
            bound[at] = (window.shape[-1] + 4) * u * np.mean(np.abs(window), -1) if window.size else 0
    return result, None if op == "adaptive_max_pool" else bound


def _resize(x, a, shape):
    f32 = np.float32
    # Places are rounded, the farther from 0 the more.
    reach = max([*shape[2:], *x.shape[2:]])
    result, most = x, np.abs(x)
    for axis in range(2, x.ndim):
        n, size = shape[axis], x.shape[axis]
        number, half = np.arange(n, dtype=f32), f32(0.5)
        if a.get("align_corners"):
            step = f32(size - 1) / f32(n - 1) if n > 1 else f32(0)
        else:
            step = f32(1 / a["scales"][axis - 2]) if "scales" in a else f32(size) / f32(max(n, 1))
        clamp = lambda place: np.clip(place.astype(np.int64), 0, size - 1)
        at = lambda values, index: np.take(values, clamp(index), axis)
        weight = lambda w: w.astype(np.float64).reshape([-1 if i == axis else 1 for i in range(x.ndim)])
        if a["mode"].startswith("nearest"):
            result = at(result, np.floor(number * step if a["mode"] == "nearest" else (number + half) * step))
            continue
        place = number * step if a.get("align_corners") else (number + half) * step - half
        if a["mode"] == "linear":
            place = np.maximum(place, f32(0))
            low = clamp(np.floor(place))
            part = np.minimum(place - low.astype(f32), f32(1))
            taps = [(low, f32(1) - part), (low + 1, part)]
        else:
            low = np.floor(place)
            part = (place - low).astype(np.float64)
            near = lambda t: ((-0.75 + 2) * t - (-0.75 + 3)) * t * t + 1
            far = lambda t: ((-0.75 * t + 5 * 0.75) * t - 8 * 0.75) * t + 4 * 0.75
            taps = [(low - 1, far(part + 1)), (low, near(part)), (low + 1, near(1 - part)), (low + 2, far(2 - part))]
        result = sum(at(result, index) * weight(w) for index, w in taps)
        most = sum(at(most, index) for index, _ in taps)  # a weight may be off by as much where it is small
    return (result, None) if a["mode"].startswith("nearest") else (result, (40 + 16 * reach) * u * most)


def _causal_conv(x, w, state):
    whole, kernel = np.concatenate((state, x), 1), w.shape[1]
    seq = x.shape[1]
    result = sum(whole[:, k : k + seq] * w[:, k] for k in range(kernel))
    bound = sum(np.abs(whole[:, k : k + seq] * w[:, k]) for k in range(kernel))
    return (result, (kernel + 4) * u * bound), (whole[:, whole.shape[1] - kernel + 1 :], None)


def _selective_scan(x, delta, a, b, c, state):
    h, most = state, np.abs(state)
    results, bounds = [], []
    for t in range(x.shape[1]):
        rate = delta[:, t, :, None] * a
        decay = np.exp(rate)
        new = delta[:, t, :, None] * b[:, t, None] * x[:, t, :, None]
        h = decay * h + new
        most = decay * (1 + (6 + np.abs(rate)) * u) * most + np.abs(new) * (1 + 6 * u)
        # `most` also carries the rounding of each step, times what is beside it.
        results.append(np.sum(c[:, t, None] * h, -1))
        bounds.append(np.sum(np.abs(c[:, t, None]) * most, -1))
    steps = sum(4 + float(np.max(np.abs(delta[:, t, :, None] * a), initial=0)) for t in range(x.shape[1]))
    factor = (6 + a.shape[1] + 2 * steps) * u
    shape = x.shape
    result = np.stack(results, 1) if results else np.zeros(shape)
    bound = np.stack(bounds, 1) if bounds else np.zeros(shape)
    return (result, factor * bound), (h, factor * most)


OPS = ("reduce_sum reduce_mean reduce_prod cumsum cumprod matmul linear grouped_matmul softmax layer_norm rms_norm group_norm batch_norm rope attention conv "
       "conv_transpose avg_pool adaptive_avg_pool resize causal_conv selective_scan").split()  # fmt: skip


def sums(op, a, args, shapes):
    """The results, each its dtype, its elements and its bound; None for another op."""
    dtype = args[0][0] if args else None
    raw = [arg[1] for arg in args]
    x = [wide(data, kind) if is_float(kind) else data for kind, data in args]
    axis = a["axis"] % raw[0].ndim if "axis" in a and raw and raw[0].ndim else 0
    get = lambda i: x[i] if len(x) > i else None
    unit = UNIT.get(dtype, 0)
    one = lambda pair: [(dtype, *pair)]
    if op.startswith("reduce_"):
        return one(_reduce(op, a, dtype, raw[0]))
    if op in ("cumsum", "cumprod"):
        return one(_cumulative(op, axis, dtype, raw[0]))
    if op == "matmul":
        return one(_matmul(x[0], x[1]))
    if op == "linear":
        return one(_linear(x[0], x[1], a.get("int8")))
    if op == "grouped_matmul":
        return one(_grouped(*x))
    if op == "softmax":
        return one(_softmax(x[0], axis))
    if op == "layer_norm":
        return one(_normalized(x[0], (x[0].ndim - 1,), a["epsilon"], x[1], get(2), unit))
    if op == "group_norm":
        groups = a["groups"]
        split = x[0].reshape(x[0].shape[0], groups, x[0].shape[1] // groups, *x[0].shape[2:])
        result, bound = _normalized(split, tuple(range(2, split.ndim)), a["epsilon"], None, None, unit)
        weight, bias = (None if get(i) is None else _channels(get(i), x[0].ndim) for i in (1, 2))
        return one(_affine(result.reshape(x[0].shape), bound.reshape(x[0].shape), weight, bias))
    if op == "batch_norm":
        return one(_batch_norm(x[0], x[1], x[2], get(3), get(4), a["epsilon"]))
    if op == "rms_norm":
        return one(_rms_norm(x[0], x[1], a["epsilon"], unit, LEAST[dtype]))
    if op == "rope":
        return one(_rope(x[0], x[1], x[2], a["pairing"]))
    if op == "attention":
        return one(_attention(x[0], x[1], x[2], x[3:], a))
    if op == "conv":
        return one(_conv(x[0], x[1], get(2), a))
    if op == "conv_transpose":
        return one(_conv_transpose(x[0], x[1], get(2), a))
    if op in ("max_pool", "avg_pool"):
        return one(_pool(op, x[0], a))
    if op in ("adaptive_max_pool", "adaptive_avg_pool"):
        return one(_adaptive(op, x[0], a["size"]))
    if op == "resize":
        return one(_resize(x[0], a, shapes[0]))
    if op == "causal_conv":
        return [(dtype, *pair) for pair in _causal_conv(*x)]
    if op == "selective_scan":
        first, second = _selective_scan(*x)
        return [(dtype, *first), ("f32", *second)]
    return None
