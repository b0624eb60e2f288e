// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/compiler/ModuleReader.h"
#include "dialect/Dialect.h"
#include "llvm/Support/MemoryBuffer.h"
#include "llvm/Support/SourceMgr.h"
#include "mlir/Bytecode/BytecodeReader.h"
#include "mlir/IR/Verifier.h"
#include "mlir/Parser/Parser.h"

using namespace mlir;

namespace varve::compiler {

static constexpr int kDeepest = 256;

// The place where brackets are nested too deep, outside strings and comments.
static LogicalResult checkNesting(StringRef text, StringRef name, MLIRContext &context) {
  int depth = 0;
  unsigned line = 1, column = 0;
  bool isString = false, isComment = false;
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    ++column;
    if (c == '\n') {
      ++line;
      column = 0;
      isComment = isString = false;
    } else if (isComment) {
      continue;
    } else if (isString) {
      if (c == '\\')
        ++i;
      isString = c != '"';
    } else if (c == '"') {
      isString = true;
    } else if (text.substr(i, 2) == "//") {
      isComment = true;
    } else if (c == '{' || c == '(' || c == '[' || c == '<') {
      if (++depth > kDeepest)
        return emitError(FileLineColLoc::get(&context, name, line, column))
               << "expects text nested at most " << kDeepest << " deep, but got more";
    } else if ((c == '}' || c == ')' || c == ']' || (c == '>' && (i == 0 || text[i - 1] != '-'))) && depth > 0) {
      --depth;
    }
  }
  return success();
}

OwningOpRef<ModuleOp> readModule(StringRef text, StringRef name, MLIRContext &context) {
  context.loadDialect<ir::VarveDialect>();
  auto buffer = llvm::MemoryBuffer::getMemBufferCopy(text, name);
  if (!isBytecode(*buffer) && failed(checkNesting(text, name, context)))
    return {};
  llvm::SourceMgr sources;
  sources.AddNewSourceBuffer(std::move(buffer), {});
  ParserConfig config(&context);
  return parseSourceFile<ModuleOp>(sources, config);
}

// Makes meshes of the same devices one, and gives others names that nothing else has in either module: names of meshes are
// nobody's, those of graphs and weights are.
static LogicalResult mergeMeshes(ModuleOp into, ModuleOp from) {
  auto rename = [](ir::MeshOp mesh, StringAttr name, ModuleOp where) -> LogicalResult {
    LogicalResult replaced = SymbolTable::replaceAllSymbolUses(mesh, name, where);
    mesh.setSymNameAttr(name);
    return replaced;
  };
  auto fresh = [&](ir::MeshOp mesh) {
    std::string name;
    unsigned number = 1;
    do
      name = (mesh.getSymName() + "_" + Twine(number++)).str();
    while (into.lookupSymbol(name) || from.lookupSymbol(name));
    return StringAttr::get(into.getContext(), name);
  };
  auto isSame = [](ir::MeshOp a, ir::MeshOp b) {
    return a.getAxes() == b.getAxes() && a.getSizes() == b.getSizes() && a.getDevices() == b.getDevices();
  };
  for (auto mesh : into.getOps<ir::MeshOp>())
    if (Operation *other = from.lookupSymbol(mesh.getSymName()))
      if (auto same = dyn_cast<ir::MeshOp>(other); !same || !isSame(mesh, same))
        if (failed(rename(mesh, fresh(mesh), into)))
          return failure();
  for (auto mesh : llvm::make_early_inc_range(from.getOps<ir::MeshOp>())) {
    auto meshes = into.getOps<ir::MeshOp>();
    auto same = llvm::find_if(meshes, [&](ir::MeshOp other) { return isSame(mesh, other); });
    if (same != meshes.end()) {
      if ((*same).getSymName() != mesh.getSymName() && failed(rename(mesh, (*same).getSymNameAttr(), from)))
        return failure();
      mesh.erase();
    } else if (into.lookupSymbol(mesh.getSymName())) {
      if (failed(rename(mesh, fresh(mesh), from)))
        return failure();
    }
  }
  return success();
}

LogicalResult mergeModule(ModuleOp into, ModuleOp from) {
  if (failed(mergeMeshes(into, from)))
    return failure();
  for (Operation &op : llvm::make_early_inc_range(*from.getBody())) {
    auto name = SymbolTable::getSymbolName(&op);
    Operation *other = into.lookupSymbol(name);
    auto weight = dyn_cast<ir::WeightOp>(op);
    if (other && weight && isa<ir::WeightOp>(other)) {
      auto declared = cast<ir::WeightOp>(other);
      auto fail = [&](const char *what, auto first, auto second) -> LogicalResult {
        InFlightDiagnostic error = weight.emitOpError("expects one ") << what << " in all graphs, but got ";
        auto add = [&](auto attribute) { attribute ? error << attribute : error << "none"; };
        add(first);
        error << " and ";
        add(second);
        error.attachNote(other->getLoc()) << "the other declaration";
        return error;
      };
      if (declared.getType() != weight.getType())
        return fail("type", declared.getType(), weight.getType());
      if (declared.getShardingAttr() != weight.getShardingAttr())
        return fail("sharding", declared.getShardingAttr(), weight.getShardingAttr());
      continue;
    }
    if (other)
      return op.emitOpError("expects graphs of different names, but got ") << name << " twice";
    op.moveBefore(into.getBody(), into.getBody()->end());
  }
  return success();
}

} // namespace varve::compiler
