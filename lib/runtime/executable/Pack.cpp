// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Moves elements of 1, 2, 4 or 8 bytes whatever they stand for, in square blocks that fit vector registers of 16 bytes,
// which every x86-64 has.
#include "lib/runtime/executable/Pack.h"
#include "lib/runtime/File.h"
#include "lib/runtime/tensor/BlockPanels.h"
#include "lib/runtime/tensor/Memory.h"
#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

namespace varve::runtime {
namespace {

template <typename T> struct Block {
  static constexpr int64_t lanes = 16 / sizeof(T);
  using Vector [[gnu::vector_size(16)]] = T;

  template <size_t half, size_t... i> static Vector interleave(Vector a, Vector b, std::index_sequence<i...>) {
    return __builtin_shufflevector(a, b, (i % 2 * lanes + i / 2 + half * (lanes / 2))...);
  }

  // Reads `lanes` rows of `lanes` elements and writes its columns as rows. Each round interleaves the first half of the
  // rows with the second; after log2(lanes) rounds the block is transposed.
  static void transpose(T *to, int64_t to_stride, const T *from, int64_t from_stride) {
    using Indices = std::make_index_sequence<static_cast<size_t>(lanes)>;
    Vector rows[lanes], next[lanes];
    for (int64_t i = 0; i < lanes; ++i)
      std::memcpy(&rows[i], from + i * from_stride, sizeof(Vector));
    for (int64_t round = 1; round < lanes; round *= 2) {
      for (int64_t i = 0; i < lanes / 2; ++i) {
        next[2 * i] = interleave<0>(rows[i], rows[i + lanes / 2], Indices());
        next[2 * i + 1] = interleave<1>(rows[i], rows[i + lanes / 2], Indices());
      }
      std::copy(next, next + lanes, rows);
    }
    for (int64_t i = 0; i < lanes; ++i)
      std::memcpy(to + i * to_stride, &rows[i], sizeof(Vector));
  }
};

// In steps of one cache line of a row, so that each line is read once although the rows of a panel may fall into the same
// cache set; what a step writes stays in the first-level cache.
template <typename T> void pack(T *to, const T *from, int64_t out, int64_t in, int64_t panel) {
  constexpr int64_t lanes = Block<T>::lanes, step = 64 / sizeof(T);
  for (int64_t first = 0; first < out; first += panel, to += in * panel) {
    int64_t rows = std::min(panel, out - first);
    for (int64_t begin = 0; begin < in; begin += step) {
      int64_t end = std::min(begin + step, in), row = 0;
      for (; end - begin == step && row + lanes <= rows; row += lanes)
        for (int64_t k = begin; k < end; k += lanes)
          Block<T>::transpose(to + k * panel + row, panel, from + (first + row) * in + k, in);
      for (; row < rows; ++row)
        for (int64_t k = begin; k < end; ++k)
          to[k * panel + row] = from[(first + row) * in + k];
      for (int64_t k = begin; rows < panel && k < end; ++k)
        std::fill(to + k * panel + rows, to + (k + 1) * panel, T(0));
    }
  }
}

template <typename T> void pack(void *to, const void *from, int64_t out, int64_t in, int64_t panel) {
  pack(static_cast<T *>(to), static_cast<const T *>(from), out, in, panel);
}

// Rows that end within a group: element by element.
void pack_uneven(std::byte *to, const std::byte *from, size_t size, int64_t out, int64_t in, int64_t panel,
                 int64_t group) {
  int64_t groups = (in + group - 1) / group;
  for (int64_t first = 0; first < out; first += panel)
    for (int64_t g = 0; g < groups; ++g)
      for (int64_t row = first; row < first + panel; ++row)
        for (int64_t k = g * group; k < (g + 1) * group; ++k, to += size) {
          if (row < out && k < in)
            std::memcpy(to, from + static_cast<size_t>(row * in + k) * size, size);
          else
            std::memset(to, 0, size);
        }
}

} // namespace

void pack_panels(void *to, const void *from, DType dtype, int64_t out, int64_t in, int64_t panel, int64_t group) {
  if (in % group != 0)
    return pack_uneven(static_cast<std::byte *>(to), static_cast<const std::byte *>(from), size_of(dtype), out, in,
                       panel, group);
  in /= group; // a group of elements is moved as one
  switch (size_of(dtype) * static_cast<size_t>(group)) {
  case 1:
    return pack<uint8_t>(to, from, out, in, panel);
  case 2:
    return pack<uint16_t>(to, from, out, in, panel);
  case 4:
    return pack<uint32_t>(to, from, out, in, panel);
  default:
    return pack<uint64_t>(to, from, out, in, panel);
  }
}

namespace {

// A block of one row: its granules go to every `panel`-th place.
template <size_t granule> void spread(std::byte *to, const std::byte *from, int64_t bytes, int64_t panel) {
  for (; bytes > 0; bytes -= granule, from += granule, to += granule * static_cast<size_t>(panel))
    std::memcpy(to, from, granule);
}

} // namespace

void pack_blocks(void *to, const void *from, Encoding encoding, int64_t out, int64_t in, int64_t panel) {
  const EncodingInfo &info = info_of(encoding);
  const blocks::PanelLayout layout = blocks::panel_layout(encoding).value();
  int64_t count = in / info.elements;
  auto *target = static_cast<std::byte *>(to);
  auto *source = static_cast<const std::byte *>(from);
  for (int64_t first = 0; first < out; first += panel, source += panel * count * info.bytes) {
    int64_t rows = std::min(panel, out - first);
    if (rows < panel)
      std::memset(target, 0, static_cast<size_t>(panel * count * info.bytes));
    for (int64_t block = 0; block < count; ++block, target += panel * info.bytes)
      for (int64_t row = 0; row < rows; ++row)
        for (const blocks::PanelRun &run : layout) {
          const std::byte *bytes = source + (row * count + block) * info.bytes + run.begin;
          std::byte *place = target + run.begin * panel + row * run.granule;
          if (encoding == Encoding::q6_k)
            for (int64_t granule = 0; granule < (run.end - run.begin) / run.granule; ++granule)
              std::memcpy(place + blocks::place_of_granule(encoding, granule) * panel * run.granule,
                          bytes + granule * run.granule, static_cast<size_t>(run.granule));
          else if (run.granule == 2)
            spread<2>(place, bytes, run.end - run.begin, panel);
          else
            spread<4>(place, bytes, run.end - run.begin, panel);
        }
  }
}

void pack_winograd(float *to, const float *from, int64_t out, int64_t in, int64_t panel) {
  auto turn = [](const double *g, size_t step, double *u) {
    double ends = (g[0] + g[2 * step]) / 2, middle = g[step] / 2;
    u[0] = g[0], u[1] = ends + middle, u[2] = ends - middle, u[3] = g[2 * step];
  };
  for (int64_t first = 0; first < out; first += panel, to += 16 * in * panel) {
    int64_t rows = std::min(panel, out - first);
    if (rows < panel)
      std::fill(to, to + 16 * in * panel, 0.0F);
    for (int64_t channel = 0; channel < in; ++channel)
      for (int64_t row = 0; row < rows; ++row) {
        double kernel[9], half[3][4], numbers[4];
        std::copy_n(from + ((first + row) * in + channel) * 9, 9, kernel);
        for (size_t r = 0; r < 3; ++r)
          turn(kernel + 3 * r, 1, half[r]);
        for (size_t s = 0; s < 4; ++s) {
          turn(&half[0][s], 4, numbers);
          for (size_t r = 0; r < 4; ++r)
            to[(static_cast<int64_t>(4 * r + s) * in + channel) * panel + row] = static_cast<float>(numbers[r]);
        }
      }
  }
}

void pack_weight(const WeightInfo &info, Tensor tensor, const std::function<void *(size_t begin, size_t end)> &place,
                 const std::function<void()> &done) {
  constexpr size_t part = size_t(8) << 20; // bytes: far above a page, far below a model
  tensor.expect_intact();
  // A misaligned map is copied first: the packing loop reads whole groups.
  size_t group = size_of(info.dtype) * static_cast<size_t>(info.group);
  if (reinterpret_cast<uintptr_t>(tensor.data()) % group != 0)
    tensor = tensor.clone();
  std::vector<int64_t> shape = panels_shape(info);
  int64_t out = info.shape[0], in = 1;
  for (size_t axis = 1; axis < info.shape.size(); ++axis)
    in *= info.shape[axis];
  size_t panel = static_cast<size_t>(shape[1] * shape[2]) * size_of(info.dtype);
  size_t row = out == 0 ? 0 : tensor.bytes() / static_cast<size_t>(out);
  auto *data = static_cast<const std::byte *>(tensor.data());
  std::shared_ptr<const void> owner = tensor.owner();
  tensor = Tensor();
  bool is_last = owner.use_count() == 1; // no other handle is left
  auto each = static_cast<int64_t>(std::max<size_t>(part / std::max<size_t>(panel, 1), 1));
  if (panel % 64 != 0) // so that every part begins at a multiple of 64
    each = (each + 63) / 64 * 64;
  for (int64_t first = 0; first < shape[0]; first += each) {
    int64_t end = std::min(first + each, shape[0]), rows = std::min(end * info.panel, out) - first * info.panel;
    const std::byte *from = data + static_cast<size_t>(first * info.panel) * row;
    void *to = place(static_cast<size_t>(first) * panel, static_cast<size_t>(end) * panel);
    if (info.encoding != Encoding::none)
      pack_blocks(to, from, info.encoding, rows, in, info.panel);
    else if (info.winograd)
      pack_winograd(static_cast<float *>(to), reinterpret_cast<const float *>(from), rows, in / 9, info.panel);
    else
      pack_panels(to, from, info.dtype, rows, in, info.panel, info.group);
    release_pages(owner, from, static_cast<size_t>(rows) * row);
    if (is_last)
      release_memory(owner, from, static_cast<size_t>(rows) * row);
    done();
  }
}

} // namespace varve::runtime
