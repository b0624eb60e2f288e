// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// What a text cannot say, but C++ and bytecode can; and the rules without a location, as the DSL asks them.
#include "dialect/Dialect.h"
#include "mlir/IR/Verifier.h"
#include <catch2/catch.hpp>

using namespace mlir;
using namespace varve::ir;

namespace {
struct Fixture {
  Fixture() { context.loadDialect<VarveDialect>(); }
  // The error that body reports, or nothing.
  std::string errorOf(llvm::function_ref<void(Location)> body) {
    std::string text;
    ScopedDiagnosticHandler handler(&context, [&](Diagnostic &diagnostic) { text += diagnostic.str(); });
    body(UnknownLoc::get(&context));
    return text;
  }
  DimsAttr dims(ArrayRef<StringRef> names) {
    SmallVector<StringAttr> attributes;
    for (StringRef name : names)
      attributes.push_back(StringAttr::get(&context, name));
    return DimsAttr::get(&context, attributes);
  }
  MLIRContext context;
};
} // namespace

TEST_CASE_METHOD(Fixture, "dimensions are in canonical form") {
  auto make = [&](StringRef name) {
    return errorOf([&](Location location) {
      CHECK(succeeded(DimsAttr::verify([&] { return emitError(location); }, StringAttr::get(&context, name))) ==
            (name == "past + seq"));
    });
  };
  CHECK(make("past + seq").empty());
  CHECK(make("seq + past") == "expects a dimension in canonical form, but got 'seq + past' for past + seq");
  CHECK(make("") == "expects a dimension in canonical form, but got ''");
  CHECK(make("a/b") == "expects a dimension in canonical form, but got 'a/b'");
}

TEST_CASE_METHOD(Fixture, "a buffer has a static shape") {
  CHECK(errorOf([&](Location location) {
          CHECK(failed(BufferType::verify([&] { return emitError(location); }, {4, ShapedType::kDynamic},
                                          Float32Type::get(&context))));
        }) == "expects a static shape, but got dimension ?");
}

TEST_CASE_METHOD(Fixture, "dimensions of a type and back") {
  Type f32 = Float32Type::get(&context);
  auto type = RankedTensorType::get({2, ShapedType::kDynamic}, f32, dims({"2", "past + seq"}));
  Dims parts = dimsOf(type);
  REQUIRE(parts.size() == 2);
  CHECK(parts[0] == Dim{2, {}});
  CHECK(parts[1].str() == "past + seq");
  CHECK(str(parts) == "[2, past + seq]");
  CHECK(tensorOf(parts, f32) == type);
  CHECK(tensorOf(ArrayRef(parts).take_front(), f32) == RankedTensorType::get({2}, f32));
  CHECK(productOf(parts).str() == "2*past + 2*seq");
  CHECK(isNamed(type));
  CHECK_FALSE(isNamed(RankedTensorType::get({ShapedType::kDynamic}, f32)));
  CHECK_FALSE(isNamed(RankedTensorType::get({64, 64}, f32, PanelsAttr::get(&context, 32, 1))));
}

TEST_CASE_METHOD(Fixture, "sizes that can be addressed") {
  CHECK(isAddressable({}));
  CHECK(isAddressable({(int64_t(1) << 60) - 1}));
  CHECK_FALSE(isAddressable({int64_t(1) << 60}));
  CHECK_FALSE(isAddressable({int64_t(1) << 30, int64_t(1) << 30}));
  CHECK(isAddressable({(int64_t(1) << 30) - 1, int64_t(1) << 30}));
  CHECK_FALSE(isAddressable({0, int64_t(1) << 60}));
  CHECK_FALSE(isAddressable({ShapedType::kDynamic, int64_t(1) << 60}));
}

TEST_CASE_METHOD(Fixture, "axes") {
  CHECK(*normalizeAxis(std::nullopt, "axis", -1, 3) == 2);
  CHECK(failed(normalizeAxis(std::nullopt, "axis", 3, 3)));
  CHECK(failed(normalizeAxis(std::nullopt, "axis", std::numeric_limits<int64_t>::min(), 3)));
  CHECK(*normalizeAxes(std::nullopt, {-1, 0}, 3) == SmallVector<int64_t>{0, 2});
  CHECK(*normalizeAxes(std::nullopt, {}, 2) == SmallVector<int64_t>{0, 1});
  CHECK(failed(normalizeAxes(std::nullopt, {1, -1}, 2)));
}

TEST_CASE_METHOD(Fixture, "what no axis splits has no segments") {
  CHECK(errorOf([&](Location location) {
          CHECK(failed(SplitAttr::verify([&] { return emitError(location); }, {}, {Segment{4, 128}})));
        }) == "expects segments only where an axis splits a dimension, but got 4x128");
}

TEST_CASE_METHOD(Fixture, "a mesh's symbol may be renamed where weights name it") {
  OpBuilder builder(&context);
  OwningOpRef<ModuleOp> module = ModuleOp::create(builder.getUnknownLoc());
  builder.setInsertionPointToStart(module->getBody());
  auto mesh = MeshOp::create(builder, builder.getUnknownLoc(), "mesh", builder.getStrArrayAttr({"model"}),
                             builder.getDenseI64ArrayAttr(1), builder.getStrArrayAttr({"cpu:0"}));
  SplitAttr split = SplitAttr::get(&context, {builder.getStringAttr("model")}, {Segment{2, 2}});
  Type f32 = builder.getF32Type();
  auto weight = WeightOp::create(builder, builder.getUnknownLoc(), "w", RankedTensorType::get({4}, f32),
                                 ShardingAttr::get(&context, FlatSymbolRefAttr::get(mesh), split));
  REQUIRE(succeeded(SymbolTable::replaceAllSymbolUses(mesh, builder.getStringAttr("other"), *module)));
  mesh.setSymName("other");
  CHECK(weight.getShardingAttr().getMesh().getValue() == "other");
  CHECK(weight.getShardingAttr().getDims()[0] == split);
  CHECK(succeeded(verify(*module)));
}
