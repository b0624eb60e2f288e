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

LogicalResult mergeModule(ModuleOp into, ModuleOp from) {
  for (Operation &op : llvm::make_early_inc_range(*from.getBody())) {
    auto name = SymbolTable::getSymbolName(&op);
    Operation *other = into.lookupSymbol(name);
    auto weight = dyn_cast<ir::WeightOp>(op);
    if (other && weight && isa<ir::WeightOp>(other)) {
      if (cast<ir::WeightOp>(other).getType() == weight.getType())
        continue;
      InFlightDiagnostic error = weight.emitOpError("expects one type in all graphs, but got ")
                                 << cast<ir::WeightOp>(other).getType() << " and " << weight.getType();
      error.attachNote(other->getLoc()) << "the other declaration";
      return error;
    }
    if (other)
      return op.emitOpError("expects graphs of different names, but got ") << name << " twice";
    op.moveBefore(into.getBody(), into.getBody()->end());
  }
  return success();
}

} // namespace varve::compiler
