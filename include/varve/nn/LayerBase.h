// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What every layer is, whatever its `forward`: a part of a tree that owns weights under names.
//   for (auto &[name, layer] : model.recursive_named_layers()) std::cout << name << ": " << layer->kind() << "\n";
#pragma once
#include "varve/Node.h"
#include "varve/Weight.h"
#include "varve/nn/StandIn.h"
#include "varve/nn/State.h"
#include <memory>
#include <utility>

namespace varve::nn {

template <class T> using Named = std::vector<std::pair<std::string, T>>;

namespace detail {
struct Tree;
} // namespace detail

/// What every layer is, whatever its `forward`.
class LayerBase : public Node {
public:
  ~LayerBase() override;

  /// The direct children by name, in order; of a replaced one, what stands in its place.
  Named<LayerBase *> sublayers() const;
  /// The weights that this layer itself has, by name, in order.
  Named<Weight *> layer_weights() const { return weights; }
  /// The buffers that this layer itself has, by name, in order.
  Named<Buffer *> layer_buffers() const { return buffers; }
  /// This layer and all below, each with its dotted name after `prefix`: parents first, breadth first. A layer that is
  /// reached under several names is listed once, under its owner if that is in the tree. Names agree with those of
  /// weights: one that keeps its name out of them (`omit_name`) is in no name but its own.
  Named<LayerBase *> recursive_named_layers(const std::string &prefix = {});
  /// A table of this layer and all below: path, type, the shapes and dtypes of their own weights, parameters, bytes and
  /// device; and totals. A layer deeper than `depth` is left out, and its weights count in the one around it.
  std::string summary(int depth = 100);

  /// Places this layer and all below it on devices, and says how their weights are split among those. The later call
  /// counts: it is said of all below, whatever was said of them before; what is said later of a layer below counts for that
  /// layer and what is below it. Layers that become parts of a placed layer later are placed with it. A weight is where
  /// the layer that owns it is.
  ///
  /// `replicate` and the splits along an axis mean each weight of the tree that has the axis, and leave others whole: under
  /// `columnwise` a bias is on every device, under `rowwise` it is split along its axis 0. What `tensor_parallel` and
  /// `expert_parallel` mean, layers say: see `sharding_of`. Models are not partitioned yet: a graph records it, and to
  /// compile one for several devices throws.
  /// **Throws** `Error`, and has changed nothing, for no device and for one that is named twice; for another number of
  /// devices than the sharding is made for; where the sharding does not fit a weight, or a shard would be empty; for
  /// `expert_parallel` that no layer gives a meaning; and once a graph has used the layer, or any layer or weight below.
  /// **IR** `varve.mesh`, `sharding` of `varve.weight`, `on` of `varve.graph` and `varve.layer`.
  void to(const std::vector<Device> &devices, const Sharding &sharding = Sharding::replicate(),
          Site site = Site::current());

  /// Every weight of the tree by its full dotted name. A shared weight is listed once, under its owner if that is in the
  /// tree. **Throws** `Error` for two weights of one full name, and says both layers.
  Named<Weight *> raw_state_dict();
  /// Every weight's value by its full name, not copied; of one that has none, zeros.
  /// **Throws** `Error` that names all that have none, if zeros are not wanted.
  StateDict state_dict(const StateOptions &options = {});
  /// Gives every weight its value. Everything is checked before anything changes.
  /// **Throws** `LoadError` with all that is missing, unused, or of another shape, dtype or encoding; nothing has changed
  /// then. If not `strict`, the report says all that, and the other weights have their values.
  LoadReport load_state_dict(const StateDict &state, const LoadOptions &options = {});
  /// The same; errors name the file and the offset in it.
  LoadReport load_state_dict(const weights::Checkpoint &checkpoint, const LoadOptions &options = {});
  /// Makes this layer's weight `name` the same as another layer's: one storage, one symbol, any of the names on load.
  /// **Throws** `Error` if there is no such weight, it has another type, or a graph has used it.
  void set_shared_weight(std::string_view name, Weight &weight, Site site = Site::current());

  /// Puts another layer in the place of a child, or of one further below (`layers.3.mlp`). It gets the name, and is
  /// called where the child was called: so it takes and returns what the child does, a layer of the same class or one
  /// whose `forward` has the same types. A member stays the old layer, which is no part of the model any more; an item
  /// of a list of the new one's class, and one that stood in before, is gone. **Throws** `Error` for a name that is not there, with the nearest, for a layer that has a parent, and, when the
  /// model is called, for one that does not take or return the same.
  template <class T> T &replace_layer(std::string_view name, std::unique_ptr<T> layer, Site site = Site::current()) {
    T *item = layer.get();
    replace(name,
            {std::move(layer), [item](const std::vector<std::any> &arguments,
                                      Site at) { return detail::call_boxed(*item, arguments, at); }},
            site);
    return *item;
  }

protected:
  LayerBase() = default;
  /// Keeps this layer's name out of the full names of the weights in it: called by the constructor of a layer that stands
  /// for several of another model (a fused projection).
  void omit_name() { omitted = true; }
  /// Makes `child` a part of this layer. **Throws** `Error` for a name that is taken.
  void add_child(LayerBase &child, std::string name, Site site);
  /// Takes it out again.
  void remove_child(LayerBase &child);
  /// For a list of layers: makes these the children, named "0", "1", ...
  void number_children(const std::vector<LayerBase *> &layers);
  /// For a list of layers: swaps the layer with the child, if it can hold it.
  virtual bool take_over(const LayerBase &child, std::unique_ptr<LayerBase> &layer);
  /// **Throws** `Error` for no layer, for one that has a parent, and for an index beyond `size`.
  void check_item(const LayerBase *layer, size_t index, size_t size) const;
  /// **Throws** `Error` for an index that is not below `size`.
  void check_index(size_t index, size_t size) const;
  /// **Throws** `Error` for a range that is not inside `size`.
  void check_range(size_t begin, size_t end, size_t size) const;
  /// What is called in the place of this layer, or null.
  const detail::StandIn *replacement() const { return stand_in.get(); }

private:
  friend class varve::Weight;
  friend class varve::Buffer;
  template <class T> friend class Registered;
  template <class T> friend class Borrowed;
  friend struct detail::Tree;
  void add(Weight &weight, const std::string &name, Site site);
  void add(Buffer &buffer, const std::string &name, Site site);
  void borrow(LayerBase &layer, std::string name, Site site);
  void check_name(const std::string &name, Site site) const;
  void check_placement(const varve::detail::Placement &placement);
  void replace(std::string_view name, detail::StandIn with, Site site);
  LoadReport load(const StateDict &state, const weights::Checkpoint *checkpoint, const LoadOptions &options);

  Named<LayerBase *> children; // its own, and those that it borrows
  Named<Weight *> weights;
  Named<Buffer *> buffers;
  std::vector<LayerBase *> borrowers; // layers that have this one among their children, besides its parent
  std::vector<LayerBase *> lenders;   // those that this one has so
  std::unique_ptr<detail::StandIn> stand_in;
};

} // namespace varve::nn
