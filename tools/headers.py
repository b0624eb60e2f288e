# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
"""What public headers declare, as clang reads them: functions, layers, models and their options, with their comments.

A declaration's text and comment are cut from the header at the places that clang's syntax tree names, so they stand in the
reference as they do there. `errors` has what is not documented as the style asks.
"""
import json
import pathlib
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parents[1]
INCLUDE = ROOT / "include/varve"
SECTIONS = ("Shapes", "Types", "Throws", "IR", "Source")
# What all layers share, and what models share: no pages of their own.
NO_PAGES = {"nn/Hook.h", "nn/Layer.h", "nn/LayerBase.h", "nn/StandIn.h", "nn/State.h", "models/Logits.h"}
# Fields that mean the same in all options, so that nobody writes it again. The index shows this table.
COMMON = {
    "dtype": "the element type of the weights, and so of input and result",
    "bias": "whether a bias is added",
    "epsilon": "added to the variance, or the mean square, before its root is taken",
    "groups": "the channels are in so many groups, each computed by itself",
    "axis": "a dimension; a negative one counts from the end",
    "kernel": "the sizes of a window",
    "heads": "heads of the query",
    "causal": "a query sees keys up to its own position only",
    "pairing": "which elements a rotation turns together",
    "theta": "the base of rotary frequencies",
    "activation": "the function in between",
}


class Entry:
    """A function with all its overloads, or a class."""

    def __init__(self, kind, name, header):
        self.kind, self.name, self.header = kind, name, header
        self.code, self.texts, self.sections = [], [], {}

    def summary(self):
        """The first sentence."""
        text = self.texts[0] if self.texts else ""
        found = re.match(r"(.*?(?<!\.)[.:;])(?:\s|$)", text, re.S)
        return (found.group(1) if found else text).rstrip(".:;")


def without_marks(line):
    return re.sub(r"^\s*//+ ?", "", line)


class Source:
    """The text of a header, and the places in it."""

    def __init__(self, path):
        self.bytes = path.read_bytes()
        top = re.match(rb"// SPDX.*\n((?://.*\n)*)", self.bytes).group(1).decode()
        self.purpose = "\n".join(without_marks(line) for line in top.splitlines())

    def comment(self, offset):
        """The lines of the doc comment that ends before the line of a place, and where it begins."""
        lines = []
        begin = self.bytes.rfind(b"\n", 0, offset) + 1
        while begin:
            before = self.bytes.rfind(b"\n", 0, begin - 1) + 1
            line = self.bytes[before:begin - 1].decode()
            if not line.lstrip().startswith("///"):
                break
            lines.insert(0, without_marks(line))
            begin = before
        return lines

    def text(self, begin, end):
        """Without the indent of its first line."""
        start = self.bytes.rfind(b"\n", 0, begin) + 1
        text = self.bytes[begin:end].decode().rstrip()
        return re.sub(rf"^ {{0,{begin - start}}}", "", text, flags=re.M)


def place(node, file):
    """Writes into each location of the tree the file that it is in, which clang leaves out where it is that of the one before."""
    if isinstance(node, list):
        for item in node:
            file = place(item, file)
    elif isinstance(node, dict):
        if "offset" in node:
            file = node.setdefault("file", file)
        for key, value in node.items():
            if key != "includedFrom":
                file = place(value, file)
    return file


def inner(node, *kinds):
    return [child for child in node.get("inner", []) if child["kind"] in kinds]


def has_body(node):
    own = inner(node, "FunctionDecl", "CXXMethodDecl", "CXXConstructorDecl")[:1] if "Template" in node["kind"] else [node]
    return next((b for one in own for b in inner(one, "CompoundStmt")), None)


def end_of(node):
    return node["range"]["end"]["offset"] + node["range"]["end"]["tokLen"]


def declaration(node, source):
    """A function's or a field's text, without a body."""
    begin, body = node["range"]["begin"]["offset"], has_body(node)
    text = source.text(begin, body["range"]["begin"]["offset"] if body else end_of(node))
    if body and (lists := re.search(r"\)\s*(const\s*)?(noexcept\s*)?:(?!:)", text)):
        text = text[:lists.end() - 1].rstrip()  # a constructor's initialisers
    return text + ";"


def members(record, source):
    """The public members of a class: text, comment, name."""
    public, found = record.get("tagUsed") == "struct", {}
    for node in record.get("inner", []):
        if node["kind"] == "AccessSpecDecl":
            public = node["access"] == "public"
        elif public and not node.get("isImplicit") and node["kind"] in (
                "FieldDecl", "CXXMethodDecl", "CXXConstructorDecl", "FunctionTemplateDecl", "TypeAliasDecl", "EnumDecl"):
            name = node.get("name", "")
            if name not in ("Options", "kind") and not name.startswith("operator="):
                begin = node["range"]["begin"]["offset"]
                names = found.get(begin, (0, 0, []))[2] + [name]
                found[begin] = (declaration(node, source), source.comment(begin), names)
    return list(found.values())


def class_text(node, record, source):
    """A class with what is public in it; a plain one without methods stands there as it is written."""
    parts = members(record, source)
    begin = node["range"]["begin"]["offset"]
    if record.get("tagUsed") == "struct" and not inner(record, "CXXMethodDecl", "CXXConstructorDecl", "AccessSpecDecl") \
            or node["kind"] == "EnumDecl":
        return source.text(begin, end_of(node)) + ";"
    head = source.bytes[begin:source.bytes.index(b"{", begin)].decode().strip()
    lines = [head + " {"] + (["public:"] if head.startswith(("class", "template <class T> class")) else [])
    for text, comment, _ in parts:
        lines += [f"  /// {line}" for line in comment] + ["  " + line for line in text.splitlines()]
    return "\n".join(lines + ["};"])


def parts_of(comment):
    """A doc comment as its text and its sections."""
    names = "|".join(SECTIONS)
    pieces = re.split(rf"((?:\*\*(?:{names})\*\*(?:, | and )?)+)", "\n".join(comment))
    sections = {}
    for marks, value in zip(pieces[1::2], pieces[2::2]):
        for name in re.findall(names, marks):
            sections[name] = " ".join(value.split())
    return pieces[0].strip(), sections


class Headers:
    def __init__(self, clang):
        self.errors, self.pages, self.explained = [], {}, set()
        self.sources = {}
        names = [str(file.relative_to(INCLUDE)) for folder in ("ops", "nn", "models")
                 for file in sorted((INCLUDE / folder).glob("*.h"))]
        run = subprocess.run(
            [clang, "-std=c++20", f"-I{ROOT / 'include'}", "-fsyntax-only", "-Xclang", "-ast-dump=json", "-Xclang",
             "-ast-dump-filter=varve", "-x", "c++", "-"],
            input="".join(f'#include "varve/{name}"\n' for name in names), capture_output=True, text=True)
        if run.returncode:
            raise SystemExit(run.stderr)
        for name in names:
            if name not in NO_PAGES:
                self.pages[name] = []
                self.sources[name] = Source(INCLUDE / name)
        decoder, at = json.JSONDecoder(), 0
        while (at := run.stdout.find("{", at)) >= 0:
            tree, at = decoder.raw_decode(run.stdout, at)
            place(tree, "")
            if tree["kind"] == "NamespaceDecl":
                self.collect(tree)
        for name in self.pages:
            self.check(name)

    def collect(self, namespace):
        for node in namespace.get("inner", []):
            if node["kind"] == "NamespaceDecl" and node.get("name") in ("nn", "models"):
                self.collect(node)
            begin = node.get("range", {}).get("begin", {})
            file = pathlib.Path(begin.get("file", ""))
            name = node.get("name", "")
            if INCLUDE not in file.parents or node.get("isImplicit") or name.startswith(("operator", "<")):
                continue
            header = str(file.relative_to(INCLUDE))
            if header in self.pages:
                self.add(header, node, name, begin["offset"])

    def add(self, header, node, name, begin):
        source, entries = self.sources[header], self.pages[header]
        if node["kind"] in ("FunctionDecl", "FunctionTemplateDecl"):
            kind, record = "function", None
        elif node["kind"] in ("CXXRecordDecl", "ClassTemplateDecl", "EnumDecl"):
            record = next(iter(inner(node, "CXXRecordDecl")), node) if "Template" in node["kind"] else node
            if node["kind"] != "EnumDecl" and not record.get("completeDefinition"):
                return
            bases = [base["type"]["qualType"] for base in record.get("bases", [])]
            kind = "layer" if any(re.match(r"(nn::)?Layer(<|Base)", base) for base in bases) else "type"
        else:
            return
        entry = next((e for e in entries if e.name == name and e.kind == kind == "function"), None)
        if not entry:
            entry = Entry(kind, name, header)
            entries.append(entry)
        entry.code.append(class_text(node, record, source) if record else declaration(node, source))
        text, sections = parts_of(source.comment(begin))
        if text or sections:
            entry.texts.append(text)
            entry.sections |= {key: value for key, value in sections.items() if key not in entry.sections}
        if record and name.endswith("Options") and not header.startswith("models/"):
            for _, comment, names in members(record, source):
                for field in names:
                    if comment:
                        self.explained.add((header, field))  # once in a header is enough
                    elif field not in COMMON and (header, field) not in self.explained:
                        self.errors.append(f"include/varve/{header}: expects a comment on {name}::{field}, but got none")

    def wanted(self, header):
        """What must be documented, and have an example: functions and layers, and of a model's header the model, the last one."""
        entries = self.pages[header]
        if header.startswith("models/"):
            return [entry for entry in entries if entry.kind == "layer"][-1:]
        return [entry for entry in entries if entry.kind == ("function" if header.startswith("ops/") else "layer")]

    def check(self, header):
        _, defaults = parts_of(self.sources[header].purpose.splitlines())
        before = {}
        for entry in self.wanted(header):
            where = f"include/varve/{header}: {entry.name}"
            if not entry.texts:
                self.errors.append(f"{where}: expects a doc comment, but got none")
                continue
            # "The same of ..", "the rest as `other`", "as `Other`, with ..": what is not said again.
            text = entry.texts[0]
            others = [e.sections for e in self.pages[header] if re.search(rf"\bas `{e.name}`", text) and e is not entry]
            if others or re.search(r"\b[Tt]he (same|rest as)\b", text):
                same = others[0] if others else before
                entry.sections = {key: value for key, value in same.items() if key != "Source"} | entry.sections
            entry.sections = defaults | entry.sections
            before = entry.sections
            for section in ("Shapes", "Types") + (() if header.startswith("models/") else ("IR",)):
                if section not in entry.sections:
                    self.errors.append(f"{where}: expects **{section}** in the doc comment, or in the header's first "
                                       "for all, but got none")
