// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "tools/fuzz/Ops.h"
#include "varve/nn.h"
#include <functional>
#include <map>

namespace varve::fuzz {
namespace {

using Values = std::vector<Value>;
using Function = std::function<Values(const Values &, const Json &)>;
using Numbers = std::vector<int64_t>;

Function unary(Value (*op)(Operand)) {
  return [op](const Values &v, const Json &) { return Values{op(v.at(0))}; };
}
Function binary(Value (*op)(Operand, Operand)) {
  return [op](const Values &v, const Json &) { return Values{op(v.at(0), v.at(1))}; };
}
Function reduction(Value (*op)(Operand, ReduceOptions)) {
  return [op](const Values &v, const Json &a) {
    return Values{op(v.at(0), {.axes = a.at("axes").get<Numbers>(), .keep_dims = a.at("keep_dims").get<bool>()})};
  };
}
Function arg(Value (*op)(Operand, ArgmaxOptions)) {
  return [op](const Values &v, const Json &a) {
    return Values{op(v.at(0), {.axis = a.at("axis"), .keep_dims = a.at("keep_dims").get<bool>()})};
  };
}
Function cumulative(Value (*op)(Operand, int64_t)) {
  return [op](const Values &v, const Json &a) { return Values{op(v.at(0), a.at("axis"))}; };
}

Numbers numbers(const Json &a, const char *name) { return a.value(name, Numbers()); }
DType dtype_of(const Json &a) { return dtype_from_name(a.at("dtype").get<std::string>()); }
Dim dim_of(const Json &dim) { return dim.is_string() ? Dim(dim.get<std::string>()) : Dim(dim.get<int64_t>()); }

Tensor tensor_of(const Json &a) {
  DType dtype = dtype_of(a);
  auto shape = a.at("shape").get<Numbers>();
  const Json &list = a.at("data");
  if (is_floating(dtype)) {
    std::vector<float> data;
    for (const Json &number : list) // JSON has no number for these
      data.push_back(number.is_string() ? std::stof(number.get<std::string>()) : number.get<float>());
    return Tensor::from<float>(shape, data).to(dtype);
  }
  Tensor tensor = Tensor::empty(dtype, shape);
  auto fill = [&]<class T>(T *into) {
    for (const Json &number : list)
      *into++ = number.is_boolean() ? static_cast<T>(number.get<bool>()) : static_cast<T>(number.get<int64_t>());
  };
  switch (dtype) {
  case DType::i8:
    fill(tensor.mutable_data<int8_t>());
    break;
  case DType::i32:
    fill(tensor.mutable_data<int32_t>());
    break;
  case DType::i64:
    fill(tensor.mutable_data<int64_t>());
    break;
  case DType::u8:
    fill(tensor.mutable_data<uint8_t>());
    break;
  default:
    fill(tensor.mutable_data<bool>());
  }
  return tensor;
}

Value compare(const Values &v, const Json &a) {
  static const std::map<std::string, Value (*)(Operand, Operand)> ops = {
      {"eq", equal}, {"ne", not_equal}, {"lt", less}, {"le", less_equal}, {"gt", greater}, {"ge", greater_equal}};
  return ops.at(a.at("predicate"))(v.at(0), v.at(1));
}

ScatterOptions scatter_options(const Json &a) {
  return {.axis = a.at("axis"), .reduction = a.at("reduction") == "add" ? Scatter::add : Scatter::replace};
}

Value slice_of(const Values &v, const Json &a) {
  std::vector<Range> ranges;
  for (const Json &range : a.at("ranges"))
    ranges.push_back({dim_of(range.at(0)), dim_of(range.at(1)), range.at(2).get<int64_t>()});
  return slice(v.at(0), ranges);
}

Value pad_of(const Values &v, const Json &a) {
  std::vector<Padding> paddings;
  for (size_t i = 0; i < a.at("low").size(); ++i)
    paddings.push_back({dim_of(a.at("low")[i]), dim_of(a.at("high")[i])});
  PadOptions options;
  std::string mode = a.at("mode");
  options.mode = mode == "constant" ? PadMode::constant : mode == "reflect" ? PadMode::reflect : PadMode::replicate;
  if (v.size() > 1)
    options.value = Operand(v[1]);
  return pad(v.at(0), paddings, options);
}

Value attention_of(const Values &v, const Json &a) {
  AttentionOptions options;
  size_t next = 3;
  for (auto [name, operand] :
       {std::pair("mask", &options.mask), std::pair("sinks", &options.sinks), std::pair("slopes", &options.slopes)})
    if (a.value(name, false))
      *operand = v.at(next++);
  if (a.contains("scale"))
    options.scale = a["scale"].get<double>();
  options.causal = a.value("causal", false);
  if (a.contains("window"))
    options.window = a["window"].get<int64_t>();
  if (a.contains("soft_cap"))
    options.soft_cap = a["soft_cap"].get<double>();
  return attention(v.at(0), v.at(1), v.at(2), options);
}

Value conv_of(const Values &v, const Json &a) {
  ConvOptions options{.strides = numbers(a, "strides"),
                      .padding = numbers(a, "padding_begin"),
                      .padding_end = numbers(a, "padding_end"),
                      .dilations = numbers(a, "dilations"),
                      .groups = a.at("groups")};
  return v.size() > 2 ? conv(v[0], v[1], v[2], options) : conv(v.at(0), v.at(1), options);
}
Value conv_transpose_of(const Values &v, const Json &a) {
  ConvTransposeOptions options{.strides = numbers(a, "strides"),
                               .padding = numbers(a, "padding_begin"),
                               .padding_end = numbers(a, "padding_end"),
                               .output_padding = numbers(a, "output_padding"),
                               .dilations = numbers(a, "dilations"),
                               .groups = a.at("groups")};
  return v.size() > 2 ? conv_transpose(v[0], v[1], v[2], options) : conv_transpose(v.at(0), v.at(1), options);
}
Value max_pool_of(const Values &v, const Json &a) {
  return max_pool(v.at(0), {.kernel = numbers(a, "kernel"),
                            .strides = numbers(a, "strides"),
                            .padding = numbers(a, "padding"),
                            .dilations = numbers(a, "dilations"),
                            .ceil_mode = a.value("ceil_mode", false)});
}
Value avg_pool_of(const Values &v, const Json &a) {
  return avg_pool(v.at(0), {.kernel = numbers(a, "kernel"),
                            .strides = numbers(a, "strides"),
                            .padding = numbers(a, "padding"),
                            .ceil_mode = a.value("ceil_mode", false),
                            .count_include_pad = a.value("count_include_pad", false)});
}

Value group_norm_of(const Values &v, const Json &a) {
  NormOptions options{.epsilon = a.at("epsilon")};
  int64_t groups = a.at("groups");
  return v.size() > 2 ? group_norm(v[0], groups, v[1], v[2], options) : group_norm(v.at(0), groups, options);
}
Value batch_norm_of(const Values &v, const Json &a) {
  NormOptions options{.epsilon = a.at("epsilon")};
  return v.size() > 3 ? batch_norm(v[0], v[1], v[2], v[3], v[4], options)
                      : batch_norm(v.at(0), v.at(1), v.at(2), options);
}
Value layer_norm_of(const Values &v, const Json &a) {
  NormOptions options{.epsilon = a.at("epsilon")};
  return v.size() > 2 ? layer_norm(v[0], v[1], v[2], options) : layer_norm(v.at(0), v.at(1), options);
}

Value resize_of(const Values &v, const Json &a) {
  static const std::map<std::string, ResizeMode> modes = {{"nearest", ResizeMode::nearest},
                                                          {"nearest_exact", ResizeMode::nearest_exact},
                                                          {"linear", ResizeMode::linear},
                                                          {"cubic", ResizeMode::cubic}};
  ResizeOptions options{.mode = modes.at(a.at("mode")), .align_corners = a.value("align_corners", false)};
  if (a.contains("sizes"))
    options.sizes = shape_of(a["sizes"]);
  else
    options.scales = a.at("scales").get<std::vector<double>>();
  return resize(v.at(0), options);
}

Value random_of(const Values &v, const Json &a) {
  Shape shape = shape_of(a.at("shape"));
  std::string distribution = a.at("distribution");
  if (distribution == "bits")
    return random_bits(v.at(0), v.at(1), shape);
  return (distribution == "uniform" ? random_uniform : random_normal)(v.at(0), v.at(1), shape, dtype_of(a));
}

Values causal_conv_of(const Values &v, const Json &) {
  Scanned scanned = causal_conv(v.at(0), v.at(1), {.state = v.at(2)});
  return {scanned.result, scanned.state};
}
Values selective_scan_of(const Values &v, const Json &) {
  Scanned scanned = selective_scan(v.at(0), v.at(1), v.at(2), v.at(3), v.at(4), {.state = v.at(5)});
  return {scanned.result, scanned.state};
}
Values sorted(const Sorted &sorted) { return {sorted.values, sorted.indices}; }

Function one(Value (*op)(const Values &, const Json &)) {
  return [op](const Values &v, const Json &a) { return Values{op(v, a)}; };
}

const std::map<std::string, Function> &table() {
  static const std::map<std::string, Function> ops = {
      {"neg", unary(neg)},
      {"abs", unary(abs)},
      {"exp", unary(exp)},
      {"exp2", unary(exp2)},
      {"expm1", unary(expm1)},
      {"log", unary(log)},
      {"log1p", unary(log1p)},
      {"log2", unary(log2)},
      {"log10", unary(log10)},
      {"sqrt", unary(sqrt)},
      {"rsqrt", unary(rsqrt)},
      {"sin", unary(sin)},
      {"cos", unary(cos)},
      {"tan", unary(tan)},
      {"asin", unary(asin)},
      {"acos", unary(acos)},
      {"atan", unary(atan)},
      {"sinh", unary(sinh)},
      {"cosh", unary(cosh)},
      {"tanh", unary(tanh)},
      {"asinh", unary(asinh)},
      {"acosh", unary(acosh)},
      {"atanh", unary(atanh)},
      {"erf", unary(erf)},
      {"sigmoid", unary(sigmoid)},
      {"silu", unary(silu)},
      {"relu", unary(relu)},
      {"floor", unary(floor)},
      {"ceil", unary(ceil)},
      {"round", unary(round)},
      {"trunc", unary(trunc)},
      {"sign", unary(sign)},
      {"not", unary(bitwise_invert)},
      {"gelu",
       [](const Values &v, const Json &a) {
         return Values{
             gelu(v.at(0), {.approximate = a.at("approximate") == "tanh" ? Approximate::tanh : Approximate::none})};
       }},
      {"add", binary(add)},
      {"sub", binary(sub)},
      {"mul", binary(mul)},
      {"div", binary(div)},
      {"floor_divide", binary(floor_divide)},
      {"remainder", binary(remainder)},
      {"pow", binary(pow)},
      {"atan2", binary(atan2)},
      {"copysign", binary(copysign)},
      {"nextafter", binary(nextafter)},
      {"maximum", binary(maximum)},
      {"minimum", binary(minimum)},
      {"and", binary(bitwise_and)},
      {"or", binary(bitwise_or)},
      {"xor", binary(bitwise_xor)},
      {"shift_left", binary(bitwise_left_shift)},
      {"shift_right", binary(bitwise_right_shift)},
      {"compare", one(compare)},
      {"select", [](const Values &v, const Json &) { return Values{select(v.at(0), v.at(1), v.at(2))}; }},
      {"cast", [](const Values &v, const Json &a) { return Values{cast(v.at(0), dtype_of(a))}; }},
      {"matmul", binary(matmul)},
      {"linear", binary(linear)},
      {"grouped_matmul",
       [](const Values &v, const Json &) { return Values{grouped_matmul(v.at(0), v.at(1), v.at(2))}; }},
      {"gather", [](const Values &v, const Json &a) { return Values{gather(v.at(0), v.at(1), a.at("axis"))}; }},
      {"take_along_axis",
       [](const Values &v, const Json &a) { return Values{take_along_axis(v.at(0), v.at(1), a.at("axis"))}; }},
      {"scatter",
       [](const Values &v, const Json &a) { return Values{scatter(v.at(0), v.at(1), v.at(2), scatter_options(a))}; }},
      {"put_along_axis",
       [](const Values &v, const Json &a) {
         return Values{put_along_axis(v.at(0), v.at(1), v.at(2), scatter_options(a))};
       }},
      {"iota",
       [](const Values &, const Json &a) { return Values{iota(shape_of(a.at("shape")), dtype_of(a), a.at("axis"))}; }},
      {"cumsum", cumulative(cumsum)},
      {"cumprod", cumulative(cumprod)},
      {"softmax", cumulative(softmax)},
      {"reduce_sum", reduction(reduce_sum)},
      {"reduce_mean", reduction(reduce_mean)},
      {"reduce_max", reduction(reduce_max)},
      {"reduce_min", reduction(reduce_min)},
      {"reduce_prod", reduction(reduce_prod)},
      {"argmax", arg(argmax)},
      {"argmin", arg(argmin)},
      {"layer_norm", one(layer_norm_of)},
      {"rms_norm",
       [](const Values &v, const Json &a) { return Values{rms_norm(v.at(0), v.at(1), {.epsilon = a.at("epsilon")})}; }},
      {"group_norm", one(group_norm_of)},
      {"batch_norm", one(batch_norm_of)},
      {"rope",
       [](const Values &v, const Json &a) {
         return Values{rope(v.at(0), v.at(1), v.at(2),
                            {.pairing = a.at("pairing") == "half" ? Pairing::half : Pairing::interleaved})};
       }},
      {"attention", one(attention_of)},
      {"conv", one(conv_of)},
      {"conv_transpose", one(conv_transpose_of)},
      {"max_pool", one(max_pool_of)},
      {"avg_pool", one(avg_pool_of)},
      {"adaptive_max_pool",
       [](const Values &v, const Json &a) { return Values{adaptive_max_pool(v.at(0), numbers(a, "size"))}; }},
      {"adaptive_avg_pool",
       [](const Values &v, const Json &a) { return Values{adaptive_avg_pool(v.at(0), numbers(a, "size"))}; }},
      {"resize", one(resize_of)},
      {"random", one(random_of)},
      {"causal_conv", causal_conv_of},
      {"selective_scan", selective_scan_of},
      {"reshape", [](const Values &v, const Json &a) { return Values{reshape(v.at(0), shape_of(a.at("shape")))}; }},
      {"transpose",
       [](const Values &v, const Json &a) { return Values{transpose(v.at(0), numbers(a, "permutation"))}; }},
      {"broadcast", [](const Values &v, const Json &a) { return Values{broadcast(v.at(0), shape_of(a.at("shape")))}; }},
      {"slice", one(slice_of)},
      {"concat", [](const Values &v, const Json &a) { return Values{concat(v, a.at("axis"))}; }},
      {"split", [](const Values &v, const Json &a) { return split(v.at(0), shape_of(a.at("sizes")), a.at("axis")); }},
      {"pad", one(pad_of)},
      {"flip", [](const Values &v, const Json &a) { return Values{flip(v.at(0), numbers(a, "axes"))}; }},
      {"sort",
       [](const Values &v, const Json &a) {
         return sorted(sort(v.at(0), {.axis = a.at("axis"), .descending = a.at("descending").get<bool>()}));
       }},
      {"top_k", [](const Values &v, const Json &a) { return sorted(top_k(v.at(0), a.at("k"), a.at("axis"))); }},
      {"constant", [](const Values &, const Json &a) { return Values{constant(tensor_of(a))}; }},
      {"dim", [](const Values &, const Json &a) { return Values{dim_value(dim_of(a.at("value")))}; }},
      {"identity",
       [](const Values &v, const Json &a) { return Values{identity(v.at(0), a.at("tag").get<std::string>())}; }},
      {"rebind",
       [](const Values &v, const Json &a) { return Values{rebind(v.at(0), shape_of(a.at("shape")), "sizes")}; }},
      {"dequantize", [](const Values &v, const Json &) { return Values{dequantize(v.at(0))}; }},
  };
  return ops;
}

} // namespace

Shape shape_of(const Json &dims) {
  Shape shape;
  for (const Json &dim : dims)
    shape.push_back(dim_of(dim));
  return shape;
}

std::vector<Value> record(const std::string &op, const std::vector<Value> &operands, const Json &attributes) {
  auto found = table().find(op);
  if (found == table().end())
    throw Error("expects an op that the fuzzer knows, but got '" + op + "'");
  return found->second(operands, attributes);
}

std::vector<std::string> recorded_ops() {
  std::vector<std::string> names;
  for (const auto &[name, function] : table())
    names.push_back(name);
  return names;
}

} // namespace varve::fuzz
