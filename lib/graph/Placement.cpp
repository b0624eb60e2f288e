// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Meshes, placements and shardings as they are written down when a recording ends: names of meshes give way to all others.
#include "lib/graph/Placement.h"
#include "lib/graph/Recorder.h"
#include "llvm/ADT/StringSet.h"

using namespace mlir;

namespace varve::detail {

// The one axis of a mesh: the devices of one layer share the work of a model, or have it twice.
static constexpr llvm::StringLiteral kAxis = "model";

size_t Recorder::mesh_of(Placed placed) {
  const Placement &placement = *placed.placement;
  for (size_t i = 0; i < meshes.size(); ++i)
    if (meshes[i].devices == placement.devices)
      return i;
  Site site = placement.site;
  Location location = FileLineColLoc::get(&context, site.file_name(), site.line(), site.column());
  if (std::string path = path_of(*placed.root, root); !path.empty())
    location = NameLoc::get(StringAttr::get(&context, path), location);
  meshes.push_back({placement.devices, location, {}});
  return meshes.size() - 1;
}

void Recorder::place() {
  llvm::StringSet<> taken;
  taken.insert(name);
  for (const Used &used : weights)
    taken.insert(used.symbol.getValue());
  OpBuilder builder(module->getBodyRegion());
  for (Mesh &mesh : meshes) {
    std::string base = "mesh";
    if (mesh.devices.size() == 1) {
      base = mesh.devices[0].str();
      std::replace(base.begin(), base.end(), ':', '_');
    }
    std::string symbol = base;
    for (unsigned number = 1; !taken.insert(symbol).second; ++number)
      symbol = base + "_" + std::to_string(number);
    SmallVector<std::string> devices;
    for (Device device : mesh.devices)
      devices.push_back(device.str());
    SmallVector<StringRef> texts(devices.begin(), devices.end());
    ir::MeshOp::create(builder, mesh.location, symbol, builder.getStrArrayAttr({kAxis}),
                       builder.getDenseI64ArrayAttr(static_cast<int64_t>(devices.size())),
                       builder.getStrArrayAttr(texts));
    mesh.symbol = FlatSymbolRefAttr::get(&context, symbol);
  }
  if (graph_mesh)
    graph.setPlacementAttr(meshes[*graph_mesh].symbol);
  for (Used &used : weights) {
    if (!used.mesh)
      continue;
    SmallVector<ir::SplitAttr> dims(static_cast<size_t>(used.type.getRank()), ir::SplitAttr::get(&context, {}, {}));
    if (const std::vector<Segment> &segments = used.split.segments; !segments.empty()) {
      SmallVector<ir::Segment> written;
      if (segments.size() != 1 || segments[0].unit != 1) // else it goes without saying
        for (const Segment &segment : segments)
          written.push_back({segment.count, segment.unit});
      dims[static_cast<size_t>(used.split.axis)] = ir::SplitAttr::get(&context, builder.getStringAttr(kAxis), written);
    }
    used.op.setShardingAttr(ir::ShardingAttr::get(&context, meshes[*used.mesh].symbol, dims));
  }
}

} // namespace varve::detail
