# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""Makes a recipe smaller as long as the same is wrong with it."""

import copy

from dims import Dim
from generate import bind_names
from recipe import Input, Recipe, told, walk


def shrink(recipe, finding, runner, most=150):
    """A smaller recipe and its finding. `most`: how often it may be run."""
    state = {"recipe": recipe, "finding": finding, "runs": 0}

    def attempt(candidate):
        if candidate is None or state["runs"] >= most:
            return False
        state["runs"] += 1
        try:
            found = runner.check([candidate])[0]
        except Exception:  # a candidate that makes no sense
            return False
        same = [f for f in found if f.is_like(state["finding"])]
        if not same:
            return False
        state["recipe"], state["finding"] = candidate, same[0]
        return True

    if finding.node is not None and attempt(single(recipe, finding)):
        return state["recipe"], state["finding"]
    reductions = [fewer_outputs, cut_nodes, inlined, fewer_in_bodies, without_names, smaller_names]
    changed = True
    while changed and state["runs"] < most:
        changed = False
        for reduction in reductions:
            at = 0
            while state["runs"] < most:
                candidates = reduction(state["recipe"], at)
                if candidates is None:
                    break
                if attempt(candidates):
                    changed = True
                else:
                    at += 1
    return state["recipe"], state["finding"]


def clean(recipe):
    """Without nodes, inputs and layers that nothing uses."""
    while True:
        used = set(recipe.outputs)
        for node in walk(recipe.nodes, recipe.layers):
            used |= set(node["in"]) | ({node["limit"]} if "limit" in node else set())
            for part in ("then", "else", "body", "while"):
                if part in node:
                    used |= set(node[part]["results"])
        kept = [node for node in recipe.nodes if used & set(node["out"])]
        if len(kept) == len(recipe.nodes):
            break
        recipe.nodes = kept
    called = {node["layer"] for node in walk(recipe.nodes, recipe.layers) if node["op"] == "layer"}
    recipe.layers = {name: layer for name, layer in recipe.layers.items() if name in called}
    names = names_of(recipe, used)
    recipe.inputs = [i for i in recipe.inputs if (i.kind == "dim" and i.name in names) or i.name in used]
    recipe.sizes = {name: size for name, size in recipe.sizes.items() if name in names}
    bind_names(recipe)
    return recipe


def names_of(recipe, used):
    names = set()

    def look(value):
        if isinstance(value, Dim):
            names.update(value.names())
        elif isinstance(value, dict):
            for entry in value.values():
                look(entry)
        elif isinstance(value, (list, tuple)):
            for entry in value:
                look(entry)

    look(recipe.nodes)
    look(recipe.layers)
    for given in recipe.inputs:
        if given.name in used:
            look(given.dims)
    return names


def single(recipe, finding):
    """The op alone, with the operands that it had."""
    small = Recipe(dict(recipe.sizes))
    small.inputs = [i for i in recipe.inputs if i.encoding and i.name in finding.node["in"]]
    for name, value in zip(finding.node["in"], finding.operands):
        if name not in {i.name for i in small.inputs}:
            small.inputs.append(Input(name, value.dtype, value.dims, value.data))
    node = {key: entry for key, entry in finding.node.items() if key != "of"}
    small.nodes, small.outputs = [node], list(node["out"])
    return clean(small)


def fewer_outputs(recipe, at):
    if len(recipe.outputs) < 2 or at >= len(recipe.outputs):
        return None
    small = copy.deepcopy(recipe)
    del small.outputs[at]
    return clean(small)


def cut_nodes(recipe, at):
    """Without a node: its results are inputs."""
    if at >= len(recipe.nodes):
        return None
    small = copy.deepcopy(recipe)
    _, env = recipe.trace()
    node = small.nodes.pop(at)
    for name in node["out"]:
        value = env[name]
        small.inputs.append(Input(name, value.dtype, value.dims, value.data))
    return clean(small)


def inlined(recipe, at):
    """Without a layer or a branch: its nodes stand where it was."""
    places = [i for i, node in enumerate(recipe.nodes) if node["op"] in ("layer", "cond")]
    if at >= len(places):
        return None
    small = copy.deepcopy(recipe)
    place = places[at]
    node = small.nodes[place]
    if node["op"] == "layer":
        definition = copy.deepcopy(small.layers[node["layer"]])
        renamed = dict(zip(definition["params"], node["in"]))
    else:
        _, env = recipe.trace()
        definition, renamed = node["then" if env[node["in"][0]].data else "else"], {}
    nodes = definition["nodes"]
    for inner in nodes:
        renamed |= {name: f"{name}_{place}" for name in inner["out"]}
    rename(nodes, renamed)
    results = [renamed.get(name, name) for name in definition["results"]]
    small.nodes[place : place + 1] = nodes
    rename(small.nodes, dict(zip(node["out"], results)), False)
    small.outputs = [dict(zip(node["out"], results)).get(name, name) for name in small.outputs]
    return clean(small)


def rename(nodes, names, with_results=True):
    for node in walk(nodes):
        node["in"] = [names.get(name, name) for name in node["in"]]
        if with_results:
            node["out"] = [names.get(name, name) for name in node["out"]]
        if "limit" in node:
            node["limit"] = names.get(node["limit"], node["limit"])
        for part in ("then", "else", "body", "while"):
            for key in ("results", "all_results"):
                if key in node.get(part, {}):
                    node[part][key] = [names.get(name, name) for name in node[part][key]]


def fewer_in_bodies(recipe, at):
    """A node in a body gives its first operand of the same type instead."""
    bodies = [layer["nodes"] for layer in recipe.layers.values()]
    bodies += [node[part]["nodes"] for node in walk(recipe.nodes, recipe.layers) for part in ("then", "else", "body", "while") if part in node]
    places = [(b, i) for b, nodes in enumerate(bodies) for i in range(len(nodes))]
    if at >= len(places):
        return None
    small = copy.deepcopy(recipe)
    bodies = [layer["nodes"] for layer in small.layers.values()]
    holders = list(small.layers.values())
    for node in walk(small.nodes, small.layers):
        for part in ("then", "else", "body", "while"):
            if part in node:
                bodies.append(node[part]["nodes"])
                holders.append(node[part])
    b, i = places[at]
    node = bodies[b].pop(i)
    if node["in"] and len(node["out"]) == 1:
        names = {node["out"][0]: node["in"][0]}
        rename(bodies[b], names, False)
        for key in ("results", "all_results"):
            if key in holders[b]:
                holders[b][key] = [names.get(name, name) for name in holders[b][key]]
    return small


def without_names(recipe, at):
    """Numbers for a name."""
    names = list(recipe.sizes)
    if at >= len(names):
        return None
    small = copy.deepcopy(recipe)

    def fixed(dim):
        result = Dim.of(0)
        for product, c in dim.terms.items():
            term = Dim.of(c)
            for factor in product:
                if isinstance(factor, str):
                    term = term * (Dim.of(small.sizes[factor]) if factor == names[at] else Dim.of(factor))
                else:
                    term = term * (fixed(factor[0]) // factor[1])
            result = result + term
        return result

    def look(value):
        if isinstance(value, Dim):
            return fixed(value)
        if isinstance(value, dict):
            return {key: look(entry) for key, entry in value.items()}
        if isinstance(value, list):
            return [look(entry) for entry in value]
        if isinstance(value, tuple):
            return tuple(look(entry) for entry in value)
        return value

    small.nodes, small.layers = look(small.nodes), look(small.layers)
    for given in small.inputs:
        given.dims = look(given.dims)
    small.inputs = [i for i in small.inputs if not (i.kind == "dim" and i.name == names[at])]
    del small.sizes[names[at]]
    return clean(small)


def smaller_names(recipe, at):
    """A name stands for fewer elements: those at the beginning of each input."""
    places = [(name, size) for name in recipe.sizes for size in (1, 2, recipe.sizes[name] // 2) if size < recipe.sizes[name]]
    if at >= len(places):
        return None
    name, size = places[at]
    small = copy.deepcopy(recipe)
    small.sizes[name] = size
    for given in small.inputs:
        if given.kind == "dim":
            given.data = given.data.dtype.type(small.sizes[given.name])
        else:
            given.data = given.data[tuple(slice(0, dim.at(small.sizes)) for dim in given.dims)]
    return small


def text_of(recipe):
    """What a graph does, a line for each node."""
    lines = ["sizes: " + ", ".join(f"{name} = {size}" for name, size in recipe.sizes.items())] if recipe.sizes else []
    for given in recipe.inputs:
        shape = "x".join(str(dim) for dim in given.dims) or "scalar"
        data = f" = {given.data.reshape(-1).tolist()}" if given.data.size <= 24 else ""
        lines.append(f"{given.kind} {given.name}: {given.encoding or given.dtype} {shape}{data}")

    def show(nodes, indent):
        for node in nodes:
            attributes = told(node["attrs"])
            for key in ("layer", "count", "limit", "carried", "axis", "stack_axis"):
                if key in node:
                    attributes[key] = told(node[key])
            words = " ".join(f"{key}={entry}" for key, entry in attributes.items())
            types = ", ".join(f"{name}: {dtype} {'x'.join(map(str, dims)) or 'scalar'}" for name, dtype, dims in zip(node["out"], node.get("dtypes", ["?"] * 9), node["dims"]))
            lines.append(f"{indent}{types} = {node['op']}({', '.join(node['in'])}) {words}".rstrip())
            for part in ("while", "then", "else", "body"):
                if part in node:
                    lines.append(f"{indent}  {part}({', '.join(node[part]['params'])})")
                    show(node[part]["nodes"], indent + "    ")
                    lines.append(f"{indent}    -> {', '.join(node[part].get('all_results', node[part]['results']))}")

    for name, layer in recipe.layers.items():
        lines.append(f"layer {name}({', '.join(layer['params'])})")
        show(layer["nodes"], "    ")
        lines.append(f"    -> {', '.join(layer['results'])}")
    show(recipe.nodes, "")
    lines.append("outputs: " + ", ".join(recipe.outputs))
    return "\n".join(lines)
