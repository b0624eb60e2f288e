// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Rules carried out. Dimensions of blocks are those of their tensor, with one more for a block's bytes: so an axis is the
// same in both, and everything here moves whole elements or whole blocks.
#include "lib/weights/rename/Rename.h"
#include "varve/Error.h"
#include <cstring>
#include <numeric>

namespace varve::weights {
namespace {

using Sizes = std::vector<int64_t>;

int64_t product(Sizes::const_iterator begin, Sizes::const_iterator end) {
  return std::accumulate(begin, end, int64_t(1), std::multiplies<>());
}

Tensor like(const Tensor &tensor, Sizes shape) {
  Tensor result = Tensor::empty(tensor.dtype(), std::move(shape));
  return tensor.encoding() == Encoding::none ? result : Tensor::encoded(tensor.encoding(), result);
}

Tensor transposed(const Tensor &tensor) {
  int64_t rows = tensor.shape()[0], columns = tensor.shape()[1];
  Tensor result = like(tensor, {columns, rows});
  auto width = static_cast<int64_t>(size_of(tensor.dtype()));
  auto *from = static_cast<const std::byte *>(tensor.data());
  auto *to = static_cast<std::byte *>(result.mutable_data());
  constexpr int64_t tile = 32; // both sides stay in the cache
  for (int64_t r = 0; r < rows; r += tile)
    for (int64_t c = 0; c < columns; c += tile)
      for (int64_t i = r; i < std::min(rows, r + tile); ++i)
        for (int64_t j = c; j < std::min(columns, c + tile); ++j)
          std::memcpy(to + (j * rows + i) * width, from + (i * columns + j) * width, static_cast<size_t>(width));
  return result;
}

// Rows [head, pair, 2] as [head, 2, pair].
Tensor with_halves(const Tensor &tensor, int64_t heads) {
  Tensor result = like(tensor, tensor.shape());
  int64_t rows = tensor.shape()[0], pairs = heads == 0 ? 0 : rows / heads / 2;
  size_t row = rows == 0 ? 0 : tensor.bytes() / static_cast<size_t>(rows);
  auto *from = static_cast<const std::byte *>(tensor.data());
  auto *to = static_cast<std::byte *>(result.mutable_data());
  for (int64_t head = 0; head < heads; ++head)
    for (int64_t pair = 0; pair < pairs; ++pair)
      for (int64_t half = 0; half < 2; ++half)
        if (row != 0)
          std::memcpy(to + static_cast<size_t>((head * 2 + half) * pairs + pair) * row,
                      from + static_cast<size_t>((head * pairs + pair) * 2 + half) * row, row);
  return result;
}

// The bytes of what lies behind an axis, and how often it is there.
struct Runs {
  int64_t count;
  size_t bytes;
};
Runs runs_of(const Tensor &tensor, size_t axis) {
  const Sizes &shape = tensor.shape();
  auto at = shape.begin() + static_cast<std::ptrdiff_t>(axis);
  int64_t count = product(shape.begin(), at);
  return {count, static_cast<size_t>(product(at, shape.end())) * size_of(tensor.dtype())};
}

Tensor joined(const std::vector<Tensor> &tensors, size_t axis, bool fresh) {
  Sizes shape = tensors[0].shape();
  if (fresh)
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), static_cast<int64_t>(tensors.size()));
  else
    shape[axis] = std::accumulate(tensors.begin(), tensors.end(), int64_t(0),
                                  [&](int64_t sum, const Tensor &tensor) { return sum + tensor.shape()[axis]; });
  Tensor result = like(tensors[0], shape);
  auto *to = static_cast<std::byte *>(result.mutable_data());
  for (int64_t run = 0, runs = runs_of(tensors[0], axis).count; run < runs; ++run)
    for (const Tensor &tensor : tensors) {
      size_t bytes = runs_of(tensor, axis).bytes;
      if (bytes != 0)
        std::memcpy(to, static_cast<const std::byte *>(tensor.data()) + static_cast<size_t>(run) * bytes, bytes);
      to += bytes;
    }
  return result;
}

// The part [begin, begin + size) of an axis; along the first one it is no copy.
Tensor part(const Tensor &tensor, size_t axis, int64_t begin, int64_t size, bool drop) {
  Sizes shape = tensor.shape();
  size_t step = shape[axis] == 0 ? 0 : runs_of(tensor, axis).bytes / static_cast<size_t>(shape[axis]);
  shape[axis] = size;
  auto runs = runs_of(tensor, axis);
  if (drop)
    shape.erase(shape.begin() + static_cast<std::ptrdiff_t>(axis));
  auto *from = static_cast<const std::byte *>(tensor.data()) + static_cast<size_t>(begin) * step;
  if (axis == 0) {
    Tensor view = Tensor::view(tensor.dtype(), shape, static_cast<const void *>(from),
                               std::make_shared<Tensor>(tensor)); // which keeps the memory
    return tensor.encoding() == Encoding::none ? view : Tensor::encoded(tensor.encoding(), view);
  }
  Tensor result = like(tensor, shape);
  auto *to = static_cast<std::byte *>(result.mutable_data());
  size_t bytes = static_cast<size_t>(size) * step;
  for (int64_t run = 0; run < runs.count && bytes != 0; ++run)
    std::memcpy(to + static_cast<size_t>(run) * bytes, from + static_cast<size_t>(run) * runs.bytes, bytes);
  return result;
}

Tensor plus(const Tensor &tensor, float number) {
  std::vector<float> values = tensor.to_vector<float>();
  for (float &value : values)
    value += number;
  return Tensor::from<float>(tensor.shape(), values).to(tensor.dtype());
}

std::vector<Tensor> results_of(const RenameRule &rule, const RenamePlan::Step &step, std::vector<Tensor> tensors) {
  for (Tensor &tensor : tensors) {
    tensor.expect_intact();
    if (rule.transpose)
      tensor = transposed(tensor);
    if (step.heads != 0)
      tensor = with_halves(tensor, step.heads);
  }
  auto axis = static_cast<size_t>(rule.axis);
  if (size_t each = names_of_a_number(rule)) {
    std::vector<Tensor> numbers;
    numbers.reserve(tensors.size() / each);
    for (size_t i = 0; i < tensors.size(); i += each)
      numbers.push_back(joined({tensors.begin() + i, tensors.begin() + i + each}, axis, false));
    tensors = {joined(numbers, 0, true)};
  } else if (joins(rule)) {
    tensors = {joined(tensors, axis, rule.new_axis)};
  }
  Tensor whole = tensors[0];
  std::vector<Tensor> results;
  if (parts(rule)) {
    auto count = static_cast<int64_t>(step.to.size());
    int64_t block =
        whole.encoding() != Encoding::none && axis + 2 == whole.shape().size() ? info_of(whole.encoding()).elements : 1;
    for (int64_t i = 0, begin = 0; i < count; ++i) {
      int64_t size = rule.new_axis        ? 1
                     : rule.sizes.empty() ? whole.shape()[axis] / count
                                          : rule.sizes[static_cast<size_t>(i)] / block;
      results.push_back(part(whole, axis, begin, size, rule.new_axis));
      begin += size;
    }
  } else {
    results.push_back(whole);
  }
  for (Tensor &tensor : results) {
    if (rule.add != 0)
      tensor = plus(tensor, static_cast<float>(rule.add));
    if (rule.cast)
      tensor = tensor.to(*rule.cast);
  }
  return results;
}

} // namespace

Checkpoint Rules::apply(const Checkpoint &checkpoint) const {
  RenamePlan plan = this->plan(checkpoint);
  if (!plan.problems.empty()) {
    std::string text;
    for (const std::string &problem : plan.problems)
      text += "\n  " + problem;
    throw Error("expects rules that fit the checkpoint, but got " + std::to_string(plan.problems.size()) +
                (plan.problems.size() == 1 ? " problem:" : " problems:") + text);
  }
  Checkpoint result;
  result.metadata = checkpoint.metadata;
  for (const RenamePlan::Step &step : plan.steps) {
    std::vector<Tensor> tensors;
    tensors.reserve(step.from.size());
    for (const std::string &name : step.from)
      tensors.push_back(checkpoint.tensors.at(name));
    if (step.rule != SIZE_MAX && !step.to.empty())
      tensors = results_of(rules[step.rule], step, std::move(tensors));
    for (size_t i = 0; i < step.to.size(); ++i) {
      result.tensors.emplace(step.to[i], tensors[i]);
      if (auto source = checkpoint.sources.find(step.from[0]); source != checkpoint.sources.end())
        result.sources.emplace(step.to[i], source->second);
      for (const std::string &name : checkpoint.realigned)
        if (name == step.from[0])
          result.realigned.push_back(step.to[i]);
    }
  }
  return result;
}

} // namespace varve::weights
