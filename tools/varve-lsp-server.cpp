// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-lsp-server: what an editor asks about .mlir files with Varve graphs in them: errors, definitions, hovers.
#include "lib/compiler/Registration.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/Tools/mlir-lsp-server/MlirLspServerMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  varve::compiler::registerDialects(registry);
  return mlir::failed(mlir::MlirLspServerMain(argc, argv, registry)) ? 1 : 0;
}
