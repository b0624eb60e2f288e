// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Sharding: how the weights of a layer are split among its devices.
//   model.to({cuda(0), cuda(1)}, Sharding::tensor_parallel());
#pragma once
#include "varve/Device.h"
#include "varve/Dim.h"
#include "varve/Encoding.h"
#include "varve/Error.h"

namespace varve {

/// A part of an axis that is split by itself: `count` units, each of `unit` elements that stay on one device.
struct Segment {
  int64_t count = 0, unit = 1;

  /// Elements that may be split anywhere.
  static Segment even(int64_t size) { return {size, 1}; }
  /// Heads of attention, which are never cut.
  static Segment head_aware(int64_t heads, int64_t head_dim) { return {heads, head_dim}; }
  bool operator==(const Segment &) const = default;
  /// "32x128"; "4096" for units of one element.
  std::string str() const;
};

/// Elements [begin, end) of an axis.
struct Slice {
  int64_t begin = 0, end = 0;
  bool operator==(const Slice &) const = default;
};

/// What one device has of a weight: for each axis its slices, in order.
using Shard = std::vector<std::vector<Slice>>;

/// How weights are split. A value; equal ones split every weight in the same way. Each segment is divided by itself, and of
/// `count` units the first `count mod n` of n devices get one more: so heads and blocks of a quantised weight are never
/// cut, and the shards cover the axis exactly once.
///
/// Every factory takes the number of devices that it is made for; 0: any.
class Sharding {
public:
  enum class Kind : uint8_t { replicate, axiswise, segmented, tensor_parallel, expert_parallel };

  /// Every device has the whole.
  static Sharding replicate(int64_t devices = 0);
  /// Split along axis 0.
  static Sharding rowwise(int64_t devices = 0) { return axiswise(0, devices); }
  /// Split along axis 1.
  static Sharding columnwise(int64_t devices = 0) { return axiswise(1, devices); }
  /// Split along an axis; a negative one counts from the end.
  static Sharding axiswise(int64_t axis, int64_t devices = 0);
  /// Split along an axis that is these segments, one behind the other. **Throws** `Error` if there is none, or one without
  /// units or elements.
  static Sharding segmented(int64_t axis, std::vector<Segment> segments, int64_t devices = 0);
  /// For query, key and value stacked along axis 0. The unit of the query is the heads that share a head of key and value,
  /// so that they stay with it. **Throws** `Error` if kv_heads do not divide heads.
  static Sharding stacked_qkv(int64_t heads, int64_t kv_heads, int64_t head_dim, int64_t devices = 0);
  /// For gate and up stacked along axis 0, each of `hidden` rows.
  static Sharding gate_up(int64_t hidden, int64_t devices = 0);
  /// Heads along axis 1: what follows an attention.
  static Sharding head_aware_columnwise(int64_t heads, int64_t head_dim, int64_t devices = 0);
  /// Each layer says what it means for its weights, see `nn::LayerBase::sharding_of`.
  static Sharding tensor_parallel(int64_t devices = 0);
  static Sharding expert_parallel(int64_t devices = 0);

  Kind kind() const { return what; }
  /// True for tensor_parallel and expert_parallel, which only layers can give a meaning.
  bool is_for_layers() const { return what >= Kind::tensor_parallel; }
  /// The axis that is split. Only for axiswise and segmented.
  int64_t axis() const { return along; }
  /// Of segmented; else none.
  const std::vector<Segment> &segments() const { return parts; }
  /// The number of devices that it is made for; 0: any.
  int64_t devices() const { return made_for; }

  /// Whether a weight of that rank has the axis that is split; true if none is.
  bool fits(int64_t rank) const;
  /// What each of n devices has of a weight. **Throws** `Error` if it is made for another number of devices or is for layers,
  /// if the weight lacks the axis or the segments are not its size, if a shard would be empty, and if the axis is the last
  /// and a segment no whole number of the encoding's blocks.
  std::vector<Shard> shards(const Shape &shape, Encoding encoding, int64_t n) const;

  bool operator==(const Sharding &) const = default;
  /// "replicate", "rowwise", "segmented(0, [32x128, 4x128, 4x128])", "tensor_parallel for 4 devices".
  std::string str() const;

private:
  Kind what = Kind::replicate;
  int64_t along = 0, made_for = 0;
  std::vector<Segment> parts;
};

namespace detail {
/// What was said by `to` of a layer and all below.
struct Placement {
  std::vector<Device> devices;
  Sharding sharding;
  Site site;
};

/// How n devices split an axis of that shape, units being whole blocks of the encoding; no segments: every device has the
/// whole. **Throws** `Error` as `Sharding::shards`.
struct Split {
  int64_t axis = 0;
  std::vector<Segment> segments;
};
Split split_of(const Sharding &sharding, const Shape &shape, Encoding encoding, int64_t n);
} // namespace detail

} // namespace varve
