// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "dialect/Place.h"
#include "llvm/ADT/SmallVector.h"
#include "mlir/IR/BuiltinAttributes.h"

using namespace mlir;

namespace varve::ir {
namespace {

constexpr StringLiteral kLibrary = "library";

struct Frame {
  Place place;
  bool isLibrary;
};

// The lines of a location, innermost call first.
void visit(Location location, Frame frame, SmallVectorImpl<Frame> &frames) {
  if (auto call = dyn_cast<CallSiteLoc>(location)) {
    visit(call.getCallee(), frame, frames);
    visit(call.getCaller(), {{}, false}, frames);
  } else if (auto name = dyn_cast<NameLoc>(location)) {
    frame.place.layer = name.getName().str();
    visit(name.getChildLoc(), frame, frames);
  } else if (auto fused = dyn_cast<FusedLoc>(location)) {
    auto mark = dyn_cast_or_null<StringAttr>(fused.getMetadata());
    frame.isLibrary |= mark && mark.getValue() == kLibrary;
    size_t before = frames.size();
    for (Location part : fused.getLocations())
      if (frames.size() == before) // of several ops that became one, the first
        visit(part, frame, frames);
  } else if (auto line = dyn_cast<FileLineColLoc>(location)) {
    frame.place.file = line.getFilename().str();
    frame.place.line = line.getLine();
    frames.push_back(std::move(frame));
  }
}

} // namespace

Location libraryLine(Location line) {
  return FusedLoc::get({line}, StringAttr::get(line.getContext(), kLibrary), line.getContext());
}

Place placeOf(Location location) {
  SmallVector<Frame> frames;
  visit(location, {{}, false}, frames);
  if (frames.empty())
    return {};
  const Frame *author = &frames.back();
  for (const Frame &frame : llvm::reverse(frames))
    if (!frame.isLibrary)
      author = &frame;
  return {frames.front().place.layer, author->place.file, author->place.line};
}

Location marked(Location location, ArrayRef<int64_t> ops) {
  return FusedLoc::get({location}, DenseI64ArrayAttr::get(location.getContext(), ops), location.getContext());
}

ArrayRef<int64_t> marksOf(Location location) {
  auto fused = dyn_cast<FusedLoc>(location);
  auto ops = fused ? dyn_cast_or_null<DenseI64ArrayAttr>(fused.getMetadata()) : DenseI64ArrayAttr();
  return ops ? ops.asArrayRef() : ArrayRef<int64_t>();
}

Location withMarksOf(Location into, Location from) {
  ArrayRef<int64_t> more = marksOf(from), mine = marksOf(into);
  if (more.empty())
    return into;
  SmallVector<int64_t> all(mine);
  llvm::append_range(all, more);
  llvm::sort(all);
  all.erase(llvm::unique(all), all.end());
  return marked(mine.empty() ? into : cast<FusedLoc>(into).getLocations()[0], all);
}

} // namespace varve::ir
