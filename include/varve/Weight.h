// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Weights and buffers: what a layer owns. Both are members that register themselves with their layer.
//   struct Scale : nn::Layer<Scale> {
//     Weight weight{*this, "weight", f32, {64}};
//     Value forward(Value x) { return x * weight; }
//   };
#pragma once
#include "varve/Encoding.h"
#include "varve/Node.h"
#include "varve/Value.h"
#include "varve/runtime/Tensor.h"
#include <memory>

namespace varve {

namespace nn {
class LayerBase;
namespace detail {
struct Tree;
} // namespace detail
} // namespace nn

namespace detail {
/// What a weight is, shared by all that use it under whatever names.
struct WeightState {
  const Node *owner = nullptr; // null when the layer is gone
  std::string name;
  /// As it is now, and as it was declared: with names for sizes that a value has fixed since.
  TensorType type, declared;
  Site site;
  Encoding encoding = Encoding::none;
  size_t align = 0; // 0: that of an element
  Tensor value;
  /// The weight that this one was made the same as; what is here then counts no more.
  std::shared_ptr<WeightState> same = {};
  /// Where it was put by itself; null: where its layer is.
  std::shared_ptr<const Placement> placed = {};
  /// The first graph that used it.
  std::shared_ptr<GraphUse> use = std::make_shared<GraphUse>();

  /// The dotted name from `root`, or from the model's root if the weight is not below `root`.
  std::string path(const Node *root = nullptr) const;
};
} // namespace detail

/// A tensor that is loaded, not computed. Converts to a value where one is expected. Neither copied nor moved.
class Weight {
public:
  /// Registers with its layer. A size may be a name: the first value that is loaded fixes it, for every weight of the
  /// model that uses the name. **Throws** `Error` for a name that the layer has already, and for a size that is an
  /// expression of names.
  Weight(nn::LayerBase &layer, std::string name, DType dtype, Shape shape, Site site = Site::current());
  Weight(const Weight &) = delete;
  Weight &operator=(const Weight &) = delete;
  ~Weight();

  /// The name in its layer.
  const std::string &name() const { return own_name; }
  /// The name from the root of the model, with dots; of a shared weight, the owner's.
  std::string path() const { return get()->path(); }
  DType dtype() const { return get()->type.dtype; }
  const Shape &shape() const { return get()->type.shape; }
  const TensorType &type() const { return get()->type; }
  /// How its elements are stored; none: as its dtype says.
  Encoding quantization_encoding() const { return get()->encoding; }
  /// The least alignment of its value in memory, in bytes.
  size_t align() const { return get()->align ? get()->align : size_of(dtype()); }
  /// Where it was declared; a library layer's weight, where the layer was.
  Site declared() const;
  /// What was loaded, or none.
  const Tensor &value() const { return get()->value; }

  /// These change what the weight is, until a graph has used it. **Throws** `Error` that names the graph after that, and
  /// for what the value that it has does not fit. `align` is a power of two.
  void set_shape(Shape shape, Site site = Site::current());
  void set_dtype(DType dtype, Site site = Site::current());
  void set_quantization_encoding(Encoding encoding, Site site = Site::current());
  void set_align(size_t align, Site site = Site::current());
  /// Puts it on a device of its own, whole, wherever its layer is, until `to` is called of that layer or one above.
  void set_device(Device device, Site site = Site::current());
  /// Gives it a value, as a load does. **Throws** `Error` for one of another shape, dtype or encoding.
  void set_value(Tensor value, Site site = Site::current());
  /// The name of the first graph that used it, "" if none has.
  const std::string &used_in() const { return get()->use->name; }
  /// The devices that it, or its layer by `to`, was placed on; none if neither was.
  std::vector<Device> devices() const;
  /// The first of them; without any, cpu:0.
  Device device() const;
  /// How it is split among them, as `to` and the layers above mean it; `replicate` if it is not.
  Sharding sharding() const;
  /// The same weight under another name.
  bool is_shared_with(const Weight &other) const { return get() == other.get(); }

  /// The weight as a value of the graph that is being recorded. **IR** `varve.weight`, `varve.use`.
  Value use(Site site = Site::current()) const;
  operator Value() const { return use(Site()); } // NOLINT(google-explicit-constructor): a weight is used as a value

private:
  friend class nn::LayerBase;
  friend struct nn::detail::Tree;
  std::string own_name;
  const Node *layer;
  std::shared_ptr<detail::WeightState> state;
  /// The state that counts: its own, or that of the weight whose identity it has.
  const std::shared_ptr<detail::WeightState> &get() const {
    const std::shared_ptr<detail::WeightState> *found = &state;
    while ((*found)->same)
      found = &(*found)->same;
    return *found;
  }
};

/// State that lives across calls of the compiled model, such as a KV cache; zero at first. Entries of one program that
/// name the same buffer share it.
class Buffer {
public:
  /// The shape is static. **Throws** `Error` for a name that the layer has already.
  Buffer(nn::LayerBase &layer, std::string name, DType dtype, Shape shape, Site site = Site::current());
  Buffer(const Buffer &) = delete;
  Buffer &operator=(const Buffer &) = delete;

  const std::string &name() const { return own_name; }
  /// The name from the root of the model, with dots.
  std::string path() const;
  DType dtype() const { return declared_type.dtype; }
  const Shape &shape() const { return declared_type.shape; }
  const TensorType &type() const { return declared_type; }

  /// What the buffer holds now. Not a copy: the value may not be used after a later store, and building the graph says
  /// so. **IR** `varve.buffer.load`.
  Value load(Site site = Site::current()) const;
  /// Writes a value, in place; its element (0, 0, ..) goes to `offsets`, which are all 0 if left out.
  /// **Shapes** value of the buffer's rank; a slice that is known to lie outside is an error now, any other when the
  /// model runs. **Types** the buffer's. **Throws** `Error`. **IR** `varve.buffer.store`.
  void store(Operand value, Shape offsets = {}) const;
  /// The same at a position that the model computes, a scalar, which is added to the offset along the axis: in a loop, where
  /// no dimension says how far it is. A position beyond the buffer is an error when the model runs. **Types** position i32
  /// or i64.
  void store_at(Operand value, Operand position, int64_t axis, Shape offsets = {}) const;

private:
  friend class nn::LayerBase;
  std::string own_name;
  const Node *layer;
  TensorType declared_type;
};

} // namespace varve
