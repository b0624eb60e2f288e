// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The windows that convolutions and pooling slide along the spatial axes: their attributes, the sizes that they give, and
// what must hold for a window to fit.
#pragma once
#include "dialect/Shape.h"
#include "mlir/IR/Operation.h"

namespace varve::ir {

/// The axis of the channels of [batch, channels, spatial..] or [batch, spatial.., channels].
inline unsigned channelAxis(unsigned rank, bool channelsLast) { return channelsLast ? rank - 1 : 1; }
/// The spatial dimensions of such an image.
llvm::ArrayRef<Dim> spatialOf(llvm::ArrayRef<Dim> image, bool channelsLast);
Dims imageOf(const Dim &batch, const Dim &channels, llvm::ArrayRef<Dim> spatial, bool channelsLast);

/// The input channels of kernels for Winograd's F(2x2, 3x3), see `#varve.panels`: a multiple of 16, up to so many.
inline constexpr int64_t kMostWinogradChannels = 512;
inline bool hasWinogradChannels(int64_t channels) {
  return channels > 0 && channels <= kMostWinogradChannels && channels % 16 == 0;
}

/// One entry for each spatial axis.
struct Windows {
  llvm::SmallVector<int64_t, 3> kernel, strides, begin, end, dilations;

  unsigned rank() const { return kernel.size(); }
  /// From a window's first element to after its last.
  int64_t extent(unsigned axis) const { return dilations[axis] * (kernel[axis] - 1) + 1; }
  /// The size with its padding.
  DimExpr padded(unsigned axis, const DimExpr &size) const { return size + begin[axis] + end[axis]; }
  /// How many windows there are. Rounded up, one more that hangs over the end, if it begins before the end's padding.
  DimExpr count(unsigned axis, const DimExpr &size, bool roundUp) const;
};

/// The attributes as windows; an empty list is that of the defaults: ones, for padding zeros. Expects lists of as many
/// entries as the kernel, and kernel, strides and dilations of 1 or more.
mlir::FailureOr<Windows> windowsOf(MaybeLoc location, llvm::ArrayRef<int64_t> kernel, llvm::ArrayRef<int64_t> strides,
                                   llvm::ArrayRef<int64_t> begin, llvm::ArrayRef<int64_t> end,
                                   llvm::ArrayRef<int64_t> dilations);
/// The dimensions of windows over spatial dimensions. Expects that one fits.
mlir::FailureOr<Dims> slide(MaybeLoc location, const Windows &windows, llvm::ArrayRef<Dim> spatial, bool roundUp,
                            mlir::MLIRContext *context);

/// What must hold when the program runs: least <= size, in a spatial axis.
struct Fit {
  unsigned axis;
  DimExpr least, size;
  std::string message;
};
/// Of an op on windows; none of others.
llvm::SmallVector<Fit> fitsOf(mlir::Operation *op);

} // namespace varve::ir
