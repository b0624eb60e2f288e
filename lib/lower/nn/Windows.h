// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The input of sliding windows, laid out so that a loop over windows is a loop over neighbours in memory.
//
// The input is padded. Along an axis with a stride s it becomes s tensors, of the elements at 0, s, 2s, .., at 1, s + 1, ..: the
// k-th elements of all windows are then neighbours in one of them. And where rows have a static length, all spatial
// axes are one: a window that would begin at a row's end and go on in the next row is computed too, and thrown away.
// So vectors run over whole planes, whatever the width of an image.
#pragma once
#include "lib/lower/Loops.h"

namespace varve::lower {

class SlidingWindows {
public:
  /// Windows over an input [lead.., spatial..]; `counts` is how many there are along each axis.
  SlidingWindows(mlir::OpBuilder &builder, mlir::Operation *at, ir::Windows windows, llvm::ArrayRef<ir::Dim> lead,
                 llvm::ArrayRef<ir::Dim> spatial, llvm::ArrayRef<ir::Dim> counts);

  /// The input in that layout; where it is padded, with `padding`, of whose type the elements become.
  mlir::Value layOut(mlir::Value input, mlir::Value padding) const;
  /// The loops over windows: one, or one for each axis.
  ir::Dims loops() const;
  /// Where the k-th elements of windows are in what `layOut` gives. `kernel` is k for each axis.
  llvm::SmallVector<mlir::AffineExpr> place(llvm::ArrayRef<mlir::AffineExpr> lead,
                                            llvm::ArrayRef<mlir::AffineExpr> windows,
                                            llvm::ArrayRef<mlir::AffineExpr> kernel) const;
  /// What was computed for [front.., loops..] as [front.., counts..]: a view.
  mlir::Value cut(mlir::Value result, llvm::ArrayRef<ir::Dim> front) const;

private:
  unsigned rank() const { return windows.rank(); }
  int64_t phases(unsigned axis) const { return windows.kernel[axis] == 1 ? 1 : windows.strides[axis]; }
  /// How far a window reaches, in elements of a phase.
  int64_t reach(unsigned axis) const {
    return windows.dilations[axis] * (windows.kernel[axis] - 1) / windows.strides[axis];
  }
  ir::Dim dim(const ir::DimExpr &expr) const { return ir::dimOf(expr, at->getContext()); }

  mlir::OpBuilder &builder;
  mlir::Operation *at;
  ir::Windows windows;
  ir::Dims lead, spatial, counts;
  llvm::SmallVector<ir::DimExpr, 3> cells; // elements of a phase along each axis
  bool flat = false;
};

/// Dimensions with channels last as with channels first.
ir::Dims withChannelsFirst(llvm::ArrayRef<ir::Dim> image);
/// An image whose channels are first with these last, or the other way round; the dimensions are the result's.
mlir::Value turnChannels(mlir::OpBuilder &builder, mlir::Operation *at, mlir::Value image,
                         llvm::ArrayRef<ir::Dim> result, bool toLast);

/// A tensor of these sizes that has no elements that are read: it gives loops over the places of windows their sizes.
mlir::Value windowShape(mlir::OpBuilder &builder, mlir::Operation *at, llvm::ArrayRef<ir::Dim> sizes);

} // namespace varve::lower
