// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// varve-opt: reads a graph, runs passes over it, prints the result. Every upstream dialect and pass is there too.
#include "lib/compiler/Registration.h"
#include "mlir/InitAllDialects.h"
#include "mlir/InitAllExtensions.h"
#include "mlir/InitAllPasses.h"
#include "mlir/Tools/mlir-opt/MlirOptMain.h"

int main(int argc, char **argv) {
  mlir::DialectRegistry registry;
  mlir::registerAllDialects(registry);
  mlir::registerAllExtensions(registry);
  mlir::registerAllPasses();
  varve::compiler::registerDialects(registry);
  varve::compiler::registerPasses();
  return mlir::asMainReturnCode(mlir::MlirOptMain(argc, argv, "varve-opt: runs passes over Varve graphs\n", registry));
}
