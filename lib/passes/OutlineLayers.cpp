// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// Equal layers become one function. A hash of each layer, made in one walk, finds candidates; their bodies are then
// written down as words, what comes from outside numbered, so that layers are equal exactly when their words are.
#include "lib/passes/LayerPath.h"
#include "lib/passes/Passes.h"
#include "llvm/ADT/Hashing.h"
#include "llvm/ADT/StringMap.h"
#include <map>

using namespace mlir;

namespace varve::passes {

#define GEN_PASS_DEF_OUTLINELAYERSPASS
#include "lib/passes/Passes.h.inc"

namespace {
// Ops that are copied into a body that uses them from outside: what they give depends on nothing.
bool isCopied(Operation *op) {
  return op && op->getNumOperands() == 0 && op->getNumResults() == 1 &&
         (isa<ir::DimOp>(op) || op->hasTrait<OpTrait::ConstantLike>());
}

//===- hashes ---------------------------------------------------------------------------------------------------------

struct Summary {
  llvm::hash_code hash = 0;
  int64_t ops = 0;  // all of them, so that a layer has more than any inside it
  int64_t work = 0; // those that do something
};

struct Candidate {
  ir::LayerOp layer;
  FlatSymbolRefAttr placement; // where it runs, said of it or of what is around it
  Summary summary = {};
  unsigned end = 0;     // the candidates from the next one to this lie inside the layer
  bool covered = false; // outlined, or inside a layer that is
};

// Adds the ops of a region, which runs on `placement`, to a summary, and the layers in it to the candidates, outer before
// inner.
void summarize(Region &region, FlatSymbolRefAttr placement, Summary &summary, SmallVectorImpl<Candidate> &candidates) {
  for (Block &block : region)
    for (Operation &op : block) {
      if (isa<ir::UseOp>(op))
        continue;
      auto layer = dyn_cast<ir::LayerOp>(op);
      Summary inner;
      if (layer) {
        unsigned index = candidates.size();
        FlatSymbolRefAttr where = layer.getPlacementAttr() ? layer.getPlacementAttr() : placement;
        candidates.push_back({layer, where});
        inner.hash = llvm::hash_combine(layer.getKindAttr(), op.getDiscardableAttrDictionary(), where);
        summarize(layer.getBody(), where, inner, candidates);
        candidates[index].summary = inner;
        candidates[index].end = candidates.size();
        inner.hash = llvm::hash_combine(inner.hash, layer.getNameAttr());
      } else {
        inner.hash = llvm::hash_combine(op.getName(), op.getDiscardableAttrDictionary(), op.hashProperties());
        for (Region &nested : op.getRegions())
          summarize(nested, placement, inner, candidates);
      }
      summary.ops += inner.ops + 1;
      summary.work += inner.work + (layer || isa<ir::OutputOp>(op) ? 0 : 1);
      summary.hash = llvm::hash_combine(summary.hash, inner.hash);
      for (Type type : op.getOperandTypes())
        summary.hash = llvm::hash_combine(summary.hash, type);
      for (Type type : op.getResultTypes())
        summary.hash = llvm::hash_combine(summary.hash, type);
    }
}

//===- words ----------------------------------------------------------------------------------------------------------

// What a layer does, and what it takes from outside in the order of first use.
class Body {
public:
  Body(ir::LayerOp layer, FlatSymbolRefAttr placement) {
    number(layer.getBody());
    add(layer.getKindAttr().getAsOpaquePointer());
    add(placement.getAsOpaquePointer());
    add(layer->getDiscardableAttrDictionary().getAsOpaquePointer());
    write(layer.getBody());
    numbers.clear();
    blocks.clear();
  }

  std::string words;
  SmallVector<Value> captures;
  SmallVector<ir::UseOp> weights; // one for each symbol

private:
  enum class From : uintptr_t { inside, weight, copy, outside };

  void add(uintptr_t word) { words.append(reinterpret_cast<const char *>(&word), sizeof(word)); }
  void add(const void *pointer) { add(reinterpret_cast<uintptr_t>(pointer)); }
  void add(TypeRange types) {
    add(types.size());
    for (Type type : types)
      add(type.getAsOpaquePointer());
  }

  // Definitions get their numbers first: what has none is then from outside.
  void number(Region &region) {
    for (Block &block : region) {
      blocks.try_emplace(&block, blocks.size());
      for (Value argument : block.getArguments())
        numbers.try_emplace(argument, numbers.size());
      for (Operation &op : block) {
        if (isa<ir::UseOp>(op))
          continue;
        for (Value result : op.getResults())
          numbers.try_emplace(result, numbers.size());
        for (Region &nested : op.getRegions())
          number(nested);
      }
    }
  }

  void write(Region &region) {
    add(region.getBlocks().size());
    for (Block &block : region) {
      add(block.getArgumentTypes());
      for (Operation &op : block)
        if (!isa<ir::UseOp>(op))
          write(op);
      add(uintptr_t(0)); // no op's name
    }
  }

  void writeName(Operation &op) {
    add(op.getName().getAsOpaquePointer());
    add(op.getDiscardableAttrDictionary().getAsOpaquePointer());
    add(op.getPropertiesAsAttribute().getAsOpaquePointer());
    add(op.getResultTypes());
  }

  void write(Operation &op) {
    writeName(op);
    add(op.getNumOperands());
    for (Value operand : op.getOperands())
      write(operand);
    add(op.getNumSuccessors());
    for (Block *successor : op.getSuccessors())
      add(blocks.lookup(successor));
    add(op.getNumRegions());
    for (Region &nested : op.getRegions())
      write(nested);
  }

  void write(Value operand) {
    if (auto it = numbers.find(operand); it != numbers.end()) {
      add(uintptr_t(From::inside));
      add(it->second);
    } else if (auto use = operand.getDefiningOp<ir::UseOp>()) {
      auto [symbol, fresh] = symbols.try_emplace(use.getWeightAttr().getAttr(), symbols.size());
      if (fresh)
        weights.push_back(use);
      add(uintptr_t(From::weight));
      add(symbol->second);
      add(TypeRange(operand.getType()));
    } else if (Operation *op = operand.getDefiningOp(); isCopied(op)) {
      add(uintptr_t(From::copy));
      writeName(*op);
    } else {
      auto [capture, fresh] = captured.try_emplace(operand, captured.size());
      if (fresh)
        captures.push_back(operand);
      add(uintptr_t(From::outside));
      add(capture->second);
      add(TypeRange(operand.getType()));
    }
  }

  DenseMap<Value, uintptr_t> numbers, captured;
  DenseMap<Block *, uintptr_t> blocks;
  DenseMap<StringAttr, uintptr_t> symbols;
};

struct Member {
  unsigned index;
  ir::LayerOp layer;
  FlatSymbolRefAttr placement;
  Body body;
};
using Group = SmallVector<Member, 0>;

//===- the pass -------------------------------------------------------------------------------------------------------

struct OutlineLayers : impl::OutlineLayersPassBase<OutlineLayers> {
  void runOnOperation() override {
    ModuleOp module = getOperation();
    SmallVector<Group, 0> groups = findGroups(module);
    if (groups.empty())
      return markAllAnalysesPreserved();
    // Calls first take what layers give, then every layer is replaced at once: what a body takes stays valid till then.
    SymbolTable symbols(module);
    llvm::StringMap<unsigned> numbers;
    SmallVector<std::pair<ir::LayerOp, func::CallOp>> calls;
    for (Group &group : groups)
      outline(group, nameFor(group.front().layer.getKind(), symbols, numbers), symbols, calls);
    for (auto [layer, call] : calls) {
      layer->replaceAllUsesWith(call.getResults());
      layer->erase();
    }
  }

  // Groups of equal layers, in the order of their first members. Larger layers choose first, so that no member lies
  // inside another.
  static SmallVector<Group, 0> findGroups(ModuleOp module) {
    SmallVector<Candidate> candidates;
    for (auto graph : module.getOps<ir::GraphOp>()) {
      Summary summary;
      summarize(graph.getBody(), graph.getPlacementAttr(), summary, candidates);
    }
    std::map<std::pair<int64_t, size_t>, SmallVector<unsigned>, std::greater<>> buckets;
    for (auto [index, candidate] : llvm::enumerate(candidates))
      if (candidate.summary.work >= 2)
        buckets[{candidate.summary.ops, size_t(candidate.summary.hash)}].push_back(index);
    SmallVector<Group, 0> groups;
    for (auto &[key, bucket] : buckets) {
      llvm::erase_if(bucket, [&](unsigned index) { return candidates[index].covered; });
      if (bucket.size() < 2)
        continue;
      SmallVector<Group, 0> equal;
      llvm::StringMap<unsigned> known;
      for (unsigned index : bucket) {
        const Candidate &candidate = candidates[index];
        Member member{index, candidate.layer, candidate.placement, Body(candidate.layer, candidate.placement)};
        auto [it, fresh] = known.try_emplace(member.body.words, equal.size());
        member.body.words.clear();
        if (fresh)
          equal.emplace_back();
        equal[it->second].push_back(std::move(member));
      }
      for (Group &group : equal) {
        if (group.size() < 2)
          continue;
        for (Member &member : group)
          for (unsigned inside = member.index; inside < candidates[member.index].end; ++inside)
            candidates[inside].covered = true;
        groups.push_back(std::move(group));
      }
    }
    llvm::sort(groups, [](const Group &a, const Group &b) { return a.front().index < b.front().index; });
    return groups;
  }

  // A name for the function of a kind of layer: the kind as an identifier, and a number.
  static std::string nameFor(StringRef kind, SymbolTable &symbols, llvm::StringMap<unsigned> &numbers) {
    std::string base = kind.empty() ? "layer" : kind.str();
    for (char &c : base)
      if (!llvm::isAlnum(c))
        c = '_';
    std::string name;
    do
      name = base + "_" + std::to_string(numbers[base]++);
    while (symbols.lookup(name));
    return name;
  }

  // Makes the group's function, and a call of it before each member.
  static void outline(Group &group, StringRef name, SymbolTable &symbols,
                      SmallVectorImpl<std::pair<ir::LayerOp, func::CallOp>> &calls) {
    Member &first = group.front();
    OpBuilder builder(first.layer.getContext());
    SmallVector<Type> inputs;
    llvm::append_range(inputs, ValueRange(first.body.captures).getTypes());
    for (ir::UseOp use : first.body.weights)
      inputs.push_back(use.getType());
    auto function = func::FuncOp::create(builder, first.layer.getLoc(), name,
                                         builder.getFunctionType(inputs, first.layer.getResultTypes()));
    function.setPrivate();
    if (first.placement)
      function->setDiscardableAttr(ir::kPlacementAttr, first.placement);
    symbols.insert(function);
    for (Member &member : group) {
      builder.setInsertionPoint(member.layer);
      SmallVector<Value> operands = member.body.captures;
      for (ir::UseOp use : member.body.weights)
        operands.push_back(ir::UseOp::create(builder, use.getLoc(), use.getType(), use.getWeightAttr()));
      auto call = func::CallOp::create(builder, member.layer.getLoc(), function, operands);
      call->setDiscardableAttrs(member.layer->getDiscardableAttrDictionary());
      call->setDiscardableAttr(kLayerAttr, builder.getStringAttr(pathOf(member.layer)));
      calls.push_back({member.layer, call});
    }
    takeBody(function, first);
  }

  // Makes the layer's body the function's: what comes from outside is an argument, or copied.
  static void takeBody(func::FuncOp function, Member &member) {
    function.getBody().takeBody(member.layer.getBody());
    Block &entry = function.front();
    OpBuilder builder = OpBuilder::atBlockBegin(&entry);
    IRMapping mapping;
    DenseMap<StringAttr, Value> weights;
    for (Value capture : member.body.captures)
      mapping.map(capture, entry.addArgument(capture.getType(), capture.getLoc()));
    for (ir::UseOp use : member.body.weights)
      weights[use.getWeightAttr().getAttr()] = entry.addArgument(use.getType(), use.getLoc());
    SmallVector<ir::UseOp> uses;
    function.walk([&](Operation *op) {
      if (auto use = dyn_cast<ir::UseOp>(op))
        uses.push_back(use);
      for (OpOperand &operand : op->getOpOperands()) {
        Operation *from = operand.get().getDefiningOp();
        if (auto use = dyn_cast_or_null<ir::UseOp>(from))
          operand.set(weights.lookup(use.getWeightAttr().getAttr()));
        else if (Value mapped = mapping.lookupOrNull(operand.get()))
          operand.set(mapped);
        else if (isCopied(from) && !function->isProperAncestor(from))
          operand.set(builder.clone(*from, mapping)->getResult(0));
      }
    });
    for (ir::UseOp use : uses)
      use->erase();
    Operation *output = entry.getTerminator();
    builder.setInsertionPoint(output);
    func::ReturnOp::create(builder, output->getLoc(), output->getOperands());
    output->erase();
  }
};
} // namespace

} // namespace varve::passes
