// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// The tree of layers as one sees it from a root: who owns which weight, and under which names.
#pragma once
#include "varve/nn/Layer.h"
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace varve::nn::detail {

/// What has the key to layers' and weights' private parts.
struct Tree {
  using State = varve::detail::WeightState;

  static const StandIn *stand_in(const LayerBase &layer) { return layer.replacement(); }
  static State &state(const Weight &weight) { return *weight.get(); }

  /// This layer and those below it, but for borrowed ones, parents first.
  static std::vector<LayerBase *> owned(LayerBase &root);
  /// The model that a layer is a part of.
  static LayerBase &root(LayerBase &layer);
  /// Weights of layers below `root` that are shared with one of `gone`, which is no part of the tree any more, belong to
  /// the first layer that has them.
  static void give_away(LayerBase &gone, LayerBase &root);

  /// A weight under one of the full names that it has in a tree.
  struct Entry {
    std::string name;
    Weight *weight;
    LayerBase *layer;
    bool borrowed; // by way of a layer that is another's
    /// True for the name under which the weight is listed.
    bool is_own() const;
  };
  /// All names of all weights, in the order of the tree; those of borrowed layers too.
  static std::vector<Entry> names(LayerBase &root);
  /// The layers below `root` and itself, breadth first, each once and with the name that its weights have.
  static Named<LayerBase *> layers(LayerBase &root, const std::string &prefix);
};

/// "a.b", or "b" where there is no a.
std::string joined(const std::string &path, const std::string &name);

/// ", declared at model.cpp:9", or "" where no line is known.
std::string declared_text(const Weight &weight);
/// True if a value in blocks is to become the floats that they stand for.
bool is_decoded(const Weight &weight, const Tensor &value, const LoadOptions &options);
/// Why a value does not fit a weight; nothing if it does. A size of the weight that has a name is compared with the sizes
/// that are known of names, and is known from then on. `place` says where the value comes from.
std::optional<LoadMismatch> misfit(const Weight &weight, const std::string &name, const Tensor &value,
                                   const LoadOptions &options, std::map<std::string, int64_t> &sizes,
                                   const std::string &place);
/// The sizes of names that values of this model's weights have fixed.
std::map<std::string, int64_t> known_sizes(LayerBase &root);
/// Zeros for a weight, given the sizes of names; nothing where one is not known.
std::optional<Tensor> zeros_for(const Weight &weight, const std::map<std::string, int64_t> &sizes);
/// Gives every size of the model's weights that has one of these names its value.
void fix_sizes(LayerBase &root, const std::map<std::string, int64_t> &sizes);

} // namespace varve::nn::detail
