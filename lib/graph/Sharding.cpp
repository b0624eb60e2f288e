// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Shardings as values, and what they mean for the layers and weights of a tree.
#include "varve/Sharding.h"
#include "dialect/Shards.h"
#include "lib/graph/Placement.h"

namespace varve {

std::string Segment::str() const {
  return unit == 1 ? std::to_string(count) : std::to_string(count) + "x" + std::to_string(unit);
}

static int64_t checked(int64_t devices) {
  if (devices < 0)
    throw Error("expects a number of devices that a sharding is made for, or 0 for any, but got " +
                std::to_string(devices));
  return devices;
}

Sharding Sharding::replicate(int64_t devices) {
  Sharding sharding;
  sharding.made_for = checked(devices);
  return sharding;
}

Sharding Sharding::axiswise(int64_t axis, int64_t devices) {
  Sharding sharding = replicate(devices);
  sharding.what = Kind::axiswise;
  sharding.along = axis;
  return sharding;
}

Sharding Sharding::segmented(int64_t axis, std::vector<Segment> segments, int64_t devices) {
  if (segments.empty())
    throw Error("expects at least one segment, but got none");
  for (const Segment &segment : segments)
    if (segment.count < 1 || segment.unit < 1)
      throw Error("expects segments of at least one unit of at least one element, but got " +
                  std::to_string(segment.count) + "x" + std::to_string(segment.unit));
  Sharding sharding = axiswise(axis, devices);
  sharding.what = Kind::segmented;
  sharding.parts = std::move(segments);
  return sharding;
}

Sharding Sharding::stacked_qkv(int64_t heads, int64_t kv_heads, int64_t head_dim, int64_t devices) {
  if (kv_heads < 1 || heads < 1 || heads % kv_heads != 0)
    throw Error("expects kv_heads that divide heads, but got " + std::to_string(kv_heads) + " and " +
                std::to_string(heads));
  Segment kv = Segment::head_aware(kv_heads, head_dim);
  return segmented(0, {Segment::head_aware(kv_heads, heads / kv_heads * head_dim), kv, kv}, devices);
}

Sharding Sharding::gate_up(int64_t hidden, int64_t devices) {
  return segmented(0, {Segment::even(hidden), Segment::even(hidden)}, devices);
}

Sharding Sharding::head_aware_columnwise(int64_t heads, int64_t head_dim, int64_t devices) {
  return segmented(1, {Segment::head_aware(heads, head_dim)}, devices);
}

Sharding Sharding::tensor_parallel(int64_t devices) {
  Sharding sharding = replicate(devices);
  sharding.what = Kind::tensor_parallel;
  return sharding;
}

Sharding Sharding::expert_parallel(int64_t devices) {
  Sharding sharding = replicate(devices);
  sharding.what = Kind::expert_parallel;
  return sharding;
}

bool Sharding::fits(int64_t rank) const {
  return what == Kind::replicate || is_for_layers() || (along < rank && along >= -rank);
}

std::string Sharding::str() const {
  auto name = [&]() -> std::string {
    switch (what) {
    case Kind::replicate:
      return "replicate";
    case Kind::axiswise:
      return along == 0 ? "rowwise" : along == 1 ? "columnwise" : "axiswise(" + std::to_string(along) + ")";
    case Kind::segmented: {
      std::string text;
      for (const Segment &segment : parts)
        text += (text.empty() ? "" : ", ") + segment.str();
      return "segmented(" + std::to_string(along) + ", [" + text + "])";
    }
    case Kind::tensor_parallel:
      return "tensor_parallel";
    case Kind::expert_parallel:
      break;
    }
    return "expert_parallel";
  };
  return name() + (made_for == 0 ? "" : " for " + std::to_string(made_for) + (made_for == 1 ? " device" : " devices"));
}

namespace detail {

// The rule's own names for the same.
static std::vector<ir::Segment> rule_segments(const std::vector<Segment> &segments) {
  std::vector<ir::Segment> list;
  list.reserve(segments.size());
  for (const Segment &segment : segments)
    list.push_back({segment.count, segment.unit});
  return list;
}

static void raise(const ir::Fault &fault) {
  if (fault)
    throw Error(*fault);
}

Split split_of(const Sharding &sharding, const Shape &shape, Encoding encoding, int64_t n) {
  if (n < 1 || (sharding.devices() != 0 && sharding.devices() != n))
    throw Error("expects the number of devices that a sharding is made for, " +
                (sharding.devices() == 0 ? "1 or more" : std::to_string(sharding.devices())) + ", but got " +
                std::to_string(n));
  if (sharding.is_for_layers())
    throw Error("expects a sharding that says how a weight is split, but got " + sharding.str() + ", which layers say");
  if (sharding.kind() == Sharding::Kind::replicate)
    return {};
  auto rank = static_cast<int64_t>(shape.size());
  if (!sharding.fits(rank))
    throw Error("expects a weight with axis " + std::to_string(sharding.axis()) + ", but got shape " +
                shape_text(shape));
  int64_t axis = sharding.axis() < 0 ? sharding.axis() + rank : sharding.axis();
  int64_t size = shape[static_cast<size_t>(axis)].value();
  std::vector<ir::Segment> segments = rule_segments(sharding.segments());
  if (segments.empty())
    segments.push_back({size, 1});
  raise(ir::checkSegments(segments, size, 1));
  if (axis + 1 == rank)
    raise(ir::alignToBlocks(segments, info_of(encoding).elements));
  raise(ir::checkSegments(segments, size, n));
  Split split{axis, {}};
  for (const ir::Segment &segment : segments)
    split.segments.push_back({segment.count, segment.unit});
  return split;
}

} // namespace detail

std::vector<Shard> Sharding::shards(const Shape &shape, Encoding encoding, int64_t n) const {
  detail::Split split = detail::split_of(*this, shape, encoding, n);
  Shard whole;
  for (const Dim &dim : shape)
    whole.push_back({{0, dim.value()}});
  std::vector<Shard> shards(static_cast<size_t>(n), whole);
  if (split.segments.empty())
    return shards;
  auto axis = static_cast<size_t>(split.axis);
  std::vector<ir::Segment> segments = detail::rule_segments(split.segments);
  for (size_t device = 0; device < shards.size(); ++device) {
    shards[device][axis].clear();
    for (const ir::Slice &slice : ir::slicesOf(segments, static_cast<int64_t>(device), n))
      shards[device][axis].push_back({slice.begin, slice.end});
  }
  return shards;
}

namespace detail {

struct NodeAccess {
  static const Placement *placed(const Node &node) { return node.placed.get(); }
  static std::optional<Sharding> sharding_of(const Node &node, std::string_view part, const Sharding &sharding) {
    return node.sharding_of(part, sharding);
  }
};

std::optional<Placed> placement_of(const Node &node) {
  for (const Node *at = &node; at; at = at->parent())
    if (const Placement *placement = NodeAccess::placed(*at))
      return Placed{at, placement};
  return {};
}

bool gives_meaning(const Node &node, std::string_view part, const Sharding &sharding) {
  return NodeAccess::sharding_of(node, part, sharding).has_value();
}

Sharding sharding_of(const Node &node, Placed placed) {
  if (&node == placed.root)
    return placed.placement->sharding;
  Sharding above = sharding_of(*node.parent(), placed);
  if (!above.is_for_layers())
    return above;
  return NodeAccess::sharding_of(*node.parent(), node.name(), above).value_or(above);
}

Sharding sharding_of(const WeightState &weight, Placed placed) {
  Sharding sharding = sharding_of(*weight.owner, placed);
  if (!sharding.is_for_layers())
    return sharding.fits(static_cast<int64_t>(weight.type.shape.size())) ? sharding : Sharding::replicate();
  Sharding part = NodeAccess::sharding_of(*weight.owner, weight.name, sharding).value_or(Sharding::replicate());
  if (part.is_for_layers())
    throw Error("expects a sharding that says how weight '" + weight.name + "' is split, but got " + part.str() +
                    " from sharding_of",
                weight.owner->path(), placed.placement->site);
  return part;
}

Split split_of(const WeightState &weight, Placed placed) {
  Sharding sharding = sharding_of(weight, placed);
  size_t n = placed.placement->devices.size();
  try {
    return split_of(sharding, weight.type.shape, weight.encoding, static_cast<int64_t>(n));
  } catch (const Error &error) {
    throw Error(error.message() + ", for weight '" + weight.name + "' of type " + weight.type.str() + ", " +
                    sharding.str() + " on " + std::to_string(n) + (n == 1 ? " device" : " devices"),
                weight.owner->path(), placed.placement->site);
  }
}

} // namespace detail
} // namespace varve
