// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Kernels of convolutions with a weight in panels, and which convolutions they are for.
#pragma once
#include "lib/lower/Lower.h"
#include "lib/target/cpu/Loops.h"
#include "lib/target/cpu/kernel/Product.h"

namespace varve::target::cpu {

/// f32 of a line of a cache.
inline constexpr int64_t kLine = 16;

/// Reads a weight in panels as f32. Of 16 bits, a block of panels is converted once for all tiles.
class PanelReader : Loops {
public:
  /// `room` holds a block [panel][k][row] of a weight of 16 bits, and is null for f32.
  PanelReader(mlir::OpBuilder builder, mlir::Location location, int64_t lanes, mlir::Value weight, mlir::Value room)
      : Loops(builder, location), lanes(lanes), weight(weight), room(room) {}
  using Range = std::pair<mlir::Value, mlir::Value>;
  /// Converts some panels and steps of k, if they have to be.
  void widen(Range panels, Range steps);
  /// The vectors of a step of k of a panel, which are the `local`-th panel and the `k`-th step, from `begin` on, of a block.
  llvm::SmallVector<mlir::Value> load(mlir::Value panel, mlir::Value local, mlir::Value begin, mlir::Value k);

private:
  int64_t lanes;
  mlir::Value weight, room;
};

/// A builder of kernels that multiply rows, which begin at addresses of their own, with a panel.
class PanelLoops : protected Loops {
protected:
  PanelLoops(mlir::OpBuilder builder, mlir::Location location, Tile tile) : Loops(builder, location), tile(tile) {}
  /// Adds to sums [row][vector of the panel]: for each k up to `length` the f32 `offsetOf(k)` behind each row's address, times the
  /// vectors `weightsOf(k)`. `unroll` steps stand one after the other, and `once` before them.
  llvm::SmallVector<mlir::Value> multiplyRows(llvm::ArrayRef<mlir::Value> rows, mlir::Value length,
                                              mlir::ValueRange sums, int64_t unroll,
                                              llvm::function_ref<mlir::Value(mlir::Value)> offsetOf,
                                              llvm::function_ref<llvm::SmallVector<mlir::Value>(mlir::Value)> weightsOf,
                                              llvm::function_ref<void(mlir::Value)> once);
  /// The address of a memory's first element, and that of an f32 so many further.
  mlir::Value addressOf(mlir::Value memory);
  mlir::Value at(mlir::Value from, mlir::Value offset);
  /// As i64.
  mlir::Value number(mlir::Value value);
  /// From 0 to before a size; less than 0 counts as very large.
  mlir::Value isBelow(mlir::Value value, mlir::Value size);
  mlir::Value select(mlir::Value condition, mlir::Value a, mlir::Value b);
  /// Memory of a task.
  mlir::Value memoryOf(mlir::Type type, llvm::ArrayRef<int64_t> shape);

  Tile tile;
};

/// How vectors of windows that are neighbours in a row are read: side by side, every second element, or by a gather.
enum class Step { one, two, any };
Step stepOf(ConvolutionOp op);

/// Builds (context, input, weight, memory of its room if it has one, finish, record, numbers..): `finish` is the address of a
/// function that `buildConvolutionFinish` has built, with channels last `buildFinish`, which gets the record. The numbers are
/// those of `numbersOf`.
mlir::func::FuncOp buildConvolution(mlir::OpBuilder &builder, llvm::StringRef name, ConvolutionOp op, Tile tile);
/// The most windows of a task, which is how far the sums of channels are apart.
int64_t windowsOf(Tile tile);
/// Whether there is a kernel without panels for such windows.
bool fitsDirect(llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> strides, llvm::ArrayRef<int64_t> dilations);
/// Fills the function of a convolution whose weight's panels have one row.
void emitDirect(mlir::func::FuncOp function, Tile tile, Step step);
/// Fills that of a convolution with channels last.
void emitChannelsLast(mlir::func::FuncOp function, Tile tile, bool isLaidOut, bool isPoint);
/// Fills that of a convolution with channels last whose weight is Winograd's.
void emitWinograd(mlir::func::FuncOp function, Tile tile);
/// Whether the kernel has one element.
bool isPoint(ConvolutionOp op);
/// How far windows reach along depth, height and width, all together, and how far pixels of an input with channels last are
/// apart that is laid out for them: an odd number of cache lines, so that they do not compete for the same sets of a cache.
llvm::SmallVector<mlir::Value> extentsOf(mlir::OpBuilder &builder, mlir::Location location,
                                         llvm::ArrayRef<mlir::Value> counts, llvm::ArrayRef<mlir::Value> kernel,
                                         llvm::ArrayRef<mlir::Value> strides, llvm::ArrayRef<mlir::Value> dilations);
mlir::Value pitchOf(mlir::OpBuilder &builder, mlir::Location location, mlir::Value channels);
/// Builds (record, sums [channel][row][window], n, first channel, first window, rows, how far these are apart, windows of a row,
/// channels, how far these are apart). All windows lie side by side in the output.
mlir::func::FuncOp buildConvolutionFinish(mlir::OpBuilder &builder, llvm::StringRef name, ConvolutionOp op, Tile tile);
/// What a kernel must know of a convolution beside its memories: an index each.
llvm::SmallVector<mlir::Value> numbersOf(mlir::OpBuilder &builder, ConvolutionOp op);

/// Makes convolutions with weights in panels ops of varve_cpu.
void addConvolutionPatterns(const lower::LoweredTypes &types, mlir::RewritePatternSet &patterns);

} // namespace varve::target::cpu
