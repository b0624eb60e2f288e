// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What models that see images in patches share.
#pragma once
#include "varve/nn.h"
#include <array>

namespace varve::models {

/// Height and width of an image, and of the patches that it is cut into; what is left over belongs to none.
struct PatchGrid {
  std::array<int64_t, 2> image, patch;
  /// Whether images may have other sizes: positions are resized to them.
  bool interpolate = false;

  int64_t rows() const { return image[0] / patch[0]; }
  int64_t columns() const { return image[1] / patch[1]; }
  /// Of the class token and each patch. **Throws** `Error` for an image that is smaller than a patch.
  int64_t positions() const;
  /// **Throws** `Error` in the layer that is called for an image [batch, channels, height, width] of another size.
  void check(Value image) const;
};

/// The class token, then each patch, with their positions added. **Shapes** patches [batch, dim, rows, columns], token
/// [dim], positions [1 + rows * columns of the grid, dim], each with any leading ones; result [batch, 1 + rows * columns,
/// dim].
Value embed_patches(Value patches, Value token, Value positions, const PatchGrid &grid);

} // namespace varve::models
