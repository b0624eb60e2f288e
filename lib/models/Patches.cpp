// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/models/Patches.h"
#include "lib/graph/Record.h"

namespace varve::models {

static std::string text(const std::array<int64_t, 2> &sizes) {
  return std::to_string(sizes[0]) + " x " + std::to_string(sizes[1]);
}

int64_t PatchGrid::positions() const {
  if (patch[0] < 1 || patch[1] < 1 || rows() < 1 || columns() < 1)
    throw Error("expects an image that holds a patch, but got " + text(image) + " and " + text(patch));
  return 1 + rows() * columns();
}

void PatchGrid::check(Value given) const {
  if (given.rank() != 4)
    detail::fail("expects an image [batch, channels, height, width], but got " + given.type().str(), Site::current());
  if (!interpolate && (given.dim(2) != Dim(image[0]) || given.dim(3) != Dim(image[1])))
    detail::fail("expects an image of " + text(image) + ", or interpolate_pos_encoding, but got " + given.type().str(),
                 Site::current());
}

Value embed_patches(Value patches, Value token, Value positions, const PatchGrid &grid) {
  Dim batch = patches.dim(0), dim = patches.dim(1), rows = patches.dim(2), columns = patches.dim(3);
  positions = reshape(positions, {1, grid.positions(), dim});
  if (rows != Dim(grid.rows()) || columns != Dim(grid.columns())) {
    Value plane = reshape(positions(slice(), slice(1)), {1, grid.rows(), grid.columns(), dim});
    plane = resize(transpose(plane, {0, 3, 1, 2}), {.mode = ResizeMode::cubic, .sizes = {rows, columns}});
    positions = concat({positions(slice(), slice(0, 1)), transpose(flatten(plane, 2), {0, 2, 1})}, 1);
  }
  Value first = broadcast(reshape(token, {1, 1, dim}), {batch, 1, dim});
  return concat({first, transpose(flatten(patches, 2), {0, 2, 1})}, 1) + positions;
}

} // namespace varve::models
