// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Where a block has what is said by the runtime's Blocks.h. Sums and products are taken in the order of gguf-py; products of
// a scale and a quant are exact in f32 wherever something is added to them, so it makes no difference that the two are fused.
#include "lib/lower/Decode.h"
#include "lib/lower/Loops.h"
#include "lib/runtime/tensor/BlockPanels.h"
#include <cstddef>

using namespace mlir;

namespace varve::lower {

using ir::Dim;
using ir::Dims;
using namespace runtime::blocks;

namespace {
// A part of a block: where it begins, and the loops over its bytes.
struct Part {
  int64_t offset = 0;
  SmallVector<int64_t> sizes = {};
};

struct Layout {
  SmallVector<int64_t> loops; // over the elements of a block, in their order
  Part quants, bits = {};     // the low bits of each element, and those that lie elsewhere
};

Layout layoutOf(Encoding encoding) {
  switch (encoding) {
  case Encoding::q4_0:
    return {{2, 16}, {offsetof(Q4_0, nibbles), {16}}};
  case Encoding::q4_1:
    return {{2, 16}, {offsetof(Q4_1, nibbles), {16}}};
  case Encoding::q5_0:
    return {{2, 16}, {offsetof(Q5_0, nibbles), {16}}};
  case Encoding::q5_1:
    return {{2, 16}, {offsetof(Q5_1, nibbles), {16}}};
  case Encoding::q8_0:
    return {{32}, {offsetof(Q8_0, quants), {32}}};
  case Encoding::q4_k:
    return {{4, 2, 32}, {offsetof(Q4_K, nibbles), {4, 32}}};
  case Encoding::q5_k:
    return {{4, 2, 32}, {offsetof(Q5_K, nibbles), {4, 32}}, {offsetof(Q5_K, fifths), {32}}};
  case Encoding::q6_k: // (side, nibble, half, part, lane)
    return {{2, 2, 2, 2, 16}, {offsetof(Q6_K, lows), {2, 2, 2, 16}}, {offsetof(Q6_K, highs), {2, 2, 16}}};
  case Encoding::mxfp4:
    return {{2, 16}, {offsetof(Mxfp4, nibbles), {16}}};
  case Encoding::nvfp4:
    return {{4, 2, 8}, {offsetof(Nvfp4, nibbles), {4, 8}}};
  case Encoding::f8e4m3:
  case Encoding::f8e5m2:
  case Encoding::none:
    return {};
  }
  return {};
}

// The bytes of a part as [.., blocks, sizes].
Value viewOf(OpBuilder &builder, Location location, Value bytes, const Part &part) {
  auto type = cast<RankedTensorType>(bytes.getType());
  int64_t rank = type.getRank(), length = 1;
  for (int64_t size : part.sizes)
    length *= size;
  SmallVector<int64_t> shape(type.getShape()), offsets(rank, 0), ones(rank, 1);
  shape.back() = length;
  offsets.back() = part.offset;
  Value view =
      tensor::ExtractSliceOp::create(builder, location, RankedTensorType::get(shape, type.getElementType()), bytes,
                                     ValueRange(), ValueRange(), ValueRange(), builder.getDenseI64ArrayAttr(offsets),
                                     builder.getDenseI64ArrayAttr(shape), builder.getDenseI64ArrayAttr(ones));
  if (part.sizes.size() == 1)
    return view;
  SmallVector<ReassociationIndices> groups;
  for (int64_t axis = 0; axis < rank; ++axis)
    groups.push_back({axis});
  for (size_t inner = 1; inner < part.sizes.size(); ++inner)
    groups.back().push_back(rank - 1 + static_cast<int64_t>(inner));
  shape.pop_back();
  llvm::append_range(shape, part.sizes);
  return tensor::ExpandShapeOp::create(builder, location, RankedTensorType::get(shape, type.getElementType()), view,
                                       groups);
}

// Arithmetic of one block; numbers are i32 and f32.
struct Block {
  OpBuilder &b;
  Location l;
  Value bytes;
  SmallVector<Value> at; // the block's indices
  // In panels: their layout and rows, the row in its panel, and the byte in its granule, which is the innermost loop.
  std::optional<PanelLayout> layout = {};
  int64_t panel = 0;
  Value row = {}, byteOfGranule = {};

  Value constant(int64_t value) const { return arith::ConstantIntOp::create(b, l, value, 32); }
  Value constant(double value) const {
    return arith::ConstantOp::create(b, l, b.getF32FloatAttr(static_cast<float>(value)));
  }
  Value index(int64_t value) const { return arith::ConstantIndexOp::create(b, l, value); }
  Value integer(Value index) const { return arith::IndexCastOp::create(b, l, b.getI32Type(), index); }
  Value add(Value x, Value y) const { return arith::AddIOp::create(b, l, x, y); }
  Value sub(Value x, Value y) const { return arith::SubIOp::create(b, l, x, y); }
  Value times(Value x, int64_t y) const {
    return arith::MulIOp::create(b, l, x, x.getType().isIndex() ? index(y) : constant(y));
  }
  Value mask(Value x, int64_t bits) const { return arith::AndIOp::create(b, l, x, constant(bits)); }
  Value join(Value x, Value y) const { return arith::OrIOp::create(b, l, x, y); }
  Value left(Value x, int64_t by) const { return arith::ShLIOp::create(b, l, x, constant(by)); }
  Value right(Value x, Value by) const { return arith::ShRUIOp::create(b, l, x, by); }
  Value right(Value x, int64_t by) const { return right(x, constant(by)); }
  Value select(Value condition, Value x, Value y) const { return arith::SelectOp::create(b, l, condition, x, y); }
  Value less(Value x, int64_t y) const {
    return arith::CmpIOp::create(b, l, arith::CmpIPredicate::ult, x, x.getType().isIndex() ? index(y) : constant(y));
  }
  Value equal(Value x, int64_t y) const {
    return arith::CmpIOp::create(b, l, arith::CmpIPredicate::eq, x, constant(y));
  }
  Value number(Value x) const { return arith::SIToFPOp::create(b, l, b.getF32Type(), x); }
  Value ofBits(Value x) const { return arith::BitcastOp::create(b, l, b.getF32Type(), x); }
  Value product(Value x, Value y) const { return arith::MulFOp::create(b, l, x, y); }

  // One byte of a part, at the block and these places in it.
  Value byte(Value part, ArrayRef<Value> place) const {
    SmallVector<Value> indices(at);
    llvm::append_range(indices, place);
    if (layout && part != bytes)
      indices.append({row, byteOfGranule});
    return arith::ExtUIOp::create(b, l, b.getI32Type(), tensor::ExtractOp::create(b, l, part, indices).getResult());
  }
  Value signedByte(Value part, ArrayRef<Value> place) const { return sign(byte(part, place)); }
  Value sign(Value byte) const { return arith::ShRSIOp::create(b, l, left(byte, 24), constant(int64_t(24))); }
  // A byte of the block's head; in panels one of the first run.
  Value head(Value place) const { return head(place, layout ? (*layout)[0] : PanelRun()); }
  Value head(int64_t place) const {
    return head(index(place), !layout ? PanelRun() : (*layout)[place < (*layout)[0].end ? 0 : 1]);
  }
  Value head(Value place, const PanelRun &run) const {
    if (!layout)
      return byte(bytes, {place});
    Value inside = sub(place, index(run.begin)), granule = index(run.granule);
    Value number = arith::DivUIOp::create(b, l, inside, granule), rest = arith::RemUIOp::create(b, l, inside, granule);
    Value granules = add(times(number, panel), row);
    return byte(bytes, {add(add(times(granules, run.granule), rest), index(run.begin * panel))});
  }
  Value half(int64_t place) const { return ofHalf(join(head(place), left(head(place + 1), 8))); }
  Value ofHalf(Value bits) const {
    Value narrow = arith::TruncIOp::create(b, l, b.getI16Type(), bits);
    Value half = arith::BitcastOp::create(b, l, b.getF16Type(), narrow);
    return arith::ExtFOp::create(b, l, b.getF32Type(), half);
  }
  Value word(int64_t place) const {
    return join(join(head(place), left(head(place + 1), 8)),
                join(left(head(place + 2), 16), left(head(place + 3), 24)));
  }
  // The low nibble of a byte, or the high one.
  Value nibble(Value byte, Value isHigh) const { return mask(right(byte, times(integer(isHigh), 4)), 15); }

  // Six bits of scale and six of minimum for each of 8 parts, in 12 bytes from the fifth on.
  std::pair<Value, Value> scaleAndLeast(Value part) const {
    Value isLow = less(part, 4);
    constexpr int64_t first = offsetof(Q4_K, scales);
    Value mine = head(add(part, index(first))), behind = head(add(part, index(first + 4)));
    Value before = head(add(part, index(first - 4))); // for parts 4 to 7
    Value scale = join(mask(behind, 15), left(right(before, 6), 4));
    Value least = join(right(behind, 4), left(right(mine, 6), 4));
    return {select(isLow, mask(mine, 63), scale), select(isLow, mask(behind, 63), least)};
  }
  // Twice the value of an E2M1 number, its sign in bit 3; there is no -0.
  Value e2m1(Value bits) const {
    Value exponent = mask(right(bits, 1), 3), fraction = mask(bits, 1);
    Value large =
        arith::ShLIOp::create(b, l, join(fraction, constant(int64_t(2))), sub(exponent, constant(int64_t(1))));
    Value size = select(equal(exponent, 0), fraction, large);
    return number(select(equal(mask(bits, 8), 0), size, sub(constant(int64_t(0)), size)));
  }
};
} // namespace

int64_t panelOf(RankedTensorType type) {
  auto panels = dyn_cast_or_null<ir::PanelsAttr>(type.getEncoding());
  return panels ? panels.getRows() : 0;
}

Decoder::Decoder(OpBuilder &builder, Location location, Value bytes, Encoding encoding, int64_t panel)
    : encoding(encoding), panel(panel), bytes(bytes) {
  Layout layout = layoutOf(encoding);
  if (panel != 0) { // all bytes that loops walk over are in granules of 4
    auto split = [&](SmallVector<int64_t> &sizes) {
      sizes.back() /= 4;
      sizes.push_back(4);
    };
    split(layout.loops);
    if (encoding == Encoding::q6_k) { // (side, part, granule of 4, low or low or high)
      layout.quants = {0, {2, 2, 4, 3, panel, 4}};
      layout.bits = {};
    } else {
      for (Part *part : {&layout.quants, &layout.bits})
        if (!part->sizes.empty()) {
          split(part->sizes);
          part->sizes.insert(part->sizes.end() - 1, panel);
          part->offset *= panel;
        }
    }
  }
  ArrayRef<int64_t> shape = cast<RankedTensorType>(bytes.getType()).getShape();
  bool isByte = layout.loops.empty();
  sizes = {shape[shape.size() - (isByte ? 1 : 2)]};
  llvm::append_range(sizes, layout.loops);
  if (!isByte)
    quants = viewOf(builder, location, bytes, layout.quants);
  if (!layout.bits.sizes.empty())
    bits = viewOf(builder, location, bytes, layout.bits);
}

Value Decoder::element(OpBuilder &builder, Location location, ValueRange rows, ValueRange place) const {
  Block k{builder, location, bytes, SmallVector<Value>(rows)};
  if (panel != 0) {
    k.layout = panel_layout(encoding);
    k.panel = panel;
    k.row = arith::RemUIOp::create(builder, location, rows.back(), k.index(panel));
    k.at.back() = arith::DivUIOp::create(builder, location, rows.back(), k.index(panel));
    k.byteOfGranule = place.back();
  }
  k.at.push_back(place[0]);
  ValueRange in = place.drop_front();
  auto scaled = [&](Value scale, Value quant, int64_t zero) {
    return k.product(scale, k.number(zero == 0 ? quant : k.sub(quant, k.constant(zero))));
  };
  auto plus = [&](Value x, Value y) { return arith::AddFOp::create(builder, location, x, y); };
  auto quant = [&] { return k.nibble(k.byte(quants, {in[1]}), in[0]); }; // of a block of 32
  // With a fifth bit for each element, from this byte on.
  auto fiveBits = [&](int64_t from) {
    Value bit = k.add(k.times(k.integer(in[0]), 16), k.integer(in[1]));
    return k.join(quant(), k.left(k.mask(k.right(k.word(from), bit), 1), 4));
  };
  switch (encoding) {
  case Encoding::q4_0:
    return scaled(k.half(offsetof(Q4_0, scale)), quant(), 8);
  case Encoding::q4_1:
    return plus(scaled(k.half(offsetof(Q4_1, scale)), quant(), 0), k.half(offsetof(Q4_1, least)));
  case Encoding::q5_0:
    return scaled(k.half(offsetof(Q5_0, scale)), fiveBits(offsetof(Q5_0, fifths)), 16);
  case Encoding::q5_1:
    return plus(scaled(k.half(offsetof(Q5_1, scale)), fiveBits(offsetof(Q5_1, fifths)), 0),
                k.half(offsetof(Q5_1, least)));
  case Encoding::q8_0:
    return k.product(k.half(offsetof(Q8_0, scale)), k.number(k.signedByte(quants, {in[0]})));
  case Encoding::q4_k:
  case Encoding::q5_k: { // their heads are the same
    Value part = k.add(k.times(in[0], 2), in[1]);
    auto [scale, least] = k.scaleAndLeast(part);
    Value quant = k.nibble(k.byte(quants, {in[0], in[2]}), in[1]);
    if (bits)
      quant = k.join(quant, k.left(k.mask(k.right(k.byte(bits, {in[2]}), k.integer(part)), 1), 4));
    Value offset = k.product(k.half(offsetof(Q4_K, least)), k.number(least));
    Value factor = k.product(k.half(offsetof(Q4_K, scale)), k.number(scale));
    return arith::SubFOp::create(builder, location, k.product(factor, k.number(quant)), offset);
  }
  case Encoding::q6_k: {
    Value side = in[0], nibble = in[1], half = in[2], part = in[3], lane = in[4];
    Value quarter = k.add(k.times(nibble, 2), half);
    Value group = k.add(k.add(k.times(side, 8), k.times(quarter, 2)), part);
    Value scale = k.sign(k.head(k.add(group, k.index(offsetof(Q6_K, scales)))));
    bool inPanels = panel != 0;
    Value upper = inPanels ? k.byte(quants, {side, part, lane, k.index(2)}) : k.byte(bits, {side, part, lane});
    Value lower = inPanels ? k.byte(quants, {side, part, lane, half}) : k.byte(quants, {side, half, part, lane});
    Value high = k.mask(k.right(upper, k.times(k.integer(quarter), 2)), 3);
    Value quant = k.join(k.nibble(lower, nibble), k.left(high, 4));
    return scaled(k.product(k.half(offsetof(Q6_K, scale)), k.number(scale)), quant, 32);
  }
  case Encoding::mxfp4: { // a power of two, halved
    Value exponent = k.head(offsetof(Mxfp4, exponent));
    Value small = arith::ShLIOp::create(builder, location, k.constant(int64_t(0x00200000)), k.mask(exponent, 1));
    Value scale = k.select(k.less(exponent, 2), small, k.left(k.sub(exponent, k.constant(int64_t(1))), 23));
    return k.product(k.ofBits(scale), k.e2m1(quant()));
  }
  case Encoding::nvfp4: { // an E4M3 number without sign, halved; its NaN counts as 0
    Value byte = k.head(k.add(in[0], k.index(offsetof(Nvfp4, scales)))), exponent = k.mask(k.right(byte, 3), 15),
          fraction = k.mask(byte, 7);
    Value normal = k.ofBits(k.join(k.left(k.add(exponent, k.constant(int64_t(119))), 23), k.left(fraction, 20)));
    Value scale = k.select(k.equal(exponent, 0), k.product(k.number(fraction), k.constant(0x1p-10)), normal);
    scale = k.select(k.equal(byte, 0x7f), k.constant(0.0), scale);
    return k.product(scale, k.e2m1(k.nibble(k.byte(quants, {in[0], in[2]}), in[1])));
  }
  case Encoding::f8e4m3: {
    Value byte = k.byte(bytes, {}), exponent = k.mask(k.right(byte, 3), 15), fraction = k.mask(byte, 7);
    Value normal = k.join(k.left(k.add(exponent, k.constant(int64_t(120))), 23), k.left(fraction, 20));
    Value small = arith::BitcastOp::create(builder, location, builder.getI32Type(),
                                           k.product(k.number(fraction), k.constant(0x1p-9)));
    Value size = k.select(k.equal(exponent, 0), small, normal);
    size = k.select(k.equal(k.mask(byte, 0x7f), 0x7f), k.constant(int64_t(0x7fc00000)), size);
    return k.ofBits(k.join(size, k.left(k.mask(byte, 0x80), 24)));
  }
  case Encoding::f8e5m2:
    return k.ofHalf(k.left(k.byte(bytes, {}), 8));
  case Encoding::none:
    break;
  }
  return k.constant(0.0);
}

Value decode(OpBuilder &builder, Operation *at, Value bytes, ArrayRef<Dim> dims, Encoding encoding, int64_t panel) {
  Type f32 = builder.getF32Type();
  if (isEmpty(dims))
    return emptyTensor(builder, at, dims, f32);
  Decoder decoder(builder, at->getLoc(), bytes, encoding, panel);
  Dims loops(dims.drop_back());
  for (int64_t size : decoder.loops())
    loops.push_back({size, {}});
  size_t rows = dims.size() - 1;
  Value elements = compute(builder, at, loops, f32, {}, {}, [&](OpBuilder &b, Location l, ValueRange) {
    SmallVector<Value> place;
    for (unsigned loop = 0; loop < loops.size(); ++loop)
      place.push_back(linalg::IndexOp::create(b, l, loop));
    return decoder.element(b, l, ArrayRef(place).take_front(rows), ArrayRef(place).drop_front(rows));
  });
  return reshape(builder, at, elements, loops, dims);
}

void remarkDecoded(Operation *op, Encoding encoding) {
  op->emitRemark("computed by way of f32: there is no kernel for weights in ") << StringRef(name_of(encoding));
}

} // namespace varve::lower
