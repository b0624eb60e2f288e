// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/models/ResNet.h"
#include "lib/models/Config.h"
#include <algorithm>

namespace varve::models {

// The channels that the convolutions within a block have.
static int64_t width_of(int64_t out, const ResNetConfig &config) {
  if (config.bottleneck && out % 4 != 0)
    throw Error("expects hidden_sizes of bottlenecks that are multiples of 4, but got " + std::to_string(out));
  return config.bottleneck ? out / 4 : out;
}

static nn::ConvOptions convolution(int64_t kernel, int64_t stride, const ResNetConfig &config) {
  return {.kernel = {kernel}, .strides = {stride}, .padding = {kernel / 2}, .dtype = config.dtype};
}

ResNetBlock::ResNetBlock(int64_t in, int64_t out, int64_t stride, const ResNetConfig &config)
    : conv1(*this, "conv1", in, width_of(out, config),
            config.bottleneck ? convolution(1, config.downsample_in_bottleneck ? stride : 1, config)
                              : convolution(3, stride, config)),
      bn1(*this, "bn1", width_of(out, config), {.dtype = config.dtype}),
      conv2(*this, "conv2", width_of(out, config), width_of(out, config),
            convolution(3, config.bottleneck && !config.downsample_in_bottleneck ? stride : 1, config)),
      bn2(*this, "bn2", width_of(out, config), {.dtype = config.dtype}) {
  nn::BatchNormOptions norm{.dtype = config.dtype};
  if (config.bottleneck) {
    conv3.emplace(*this, "conv3", width_of(out, config), out, convolution(1, 1, config));
    bn3.emplace(*this, "bn3", out, norm);
  }
  if (in != out || stride != 1) {
    downsample.emplace(*this, "downsample");
    (*downsample).emplace<nn::Conv2d>(in, out, convolution(1, stride, config));
    (*downsample).emplace<nn::BatchNorm>(out, norm);
  }
}

Value ResNetBlock::forward(Value x) {
  Value y = bn2(conv2(relu(bn1(conv1(x)))));
  if (conv3)
    y = (*bn3)((*conv3)(relu(y)));
  return relu(y + (downsample ? (*downsample)(x) : x));
}

ResNet::ResNet(const ResNetConfig &config)
    : conv1(*this, "conv1", config.num_channels, config.embedding_size, convolution(7, 2, config)),
      bn1(*this, "bn1", config.embedding_size, {.dtype = config.dtype}) {
  int64_t in = config.embedding_size;
  nn::LayerList<ResNetBlock> *parts[] = {&layer1, &layer2, &layer3, &layer4};
  for (size_t part = 0; part < 4; ++part) {
    int64_t out = config.hidden_sizes[part], stride = part == 0 && !config.downsample_in_first_stage ? 1 : 2;
    for (int64_t i = 0; i < config.depths[part]; ++i)
      parts[part]->emplace(std::exchange(in, out), out, i == 0 ? stride : 1, config);
  }
  if (config.num_labels > 0)
    fc.emplace(*this, "fc", in, config.num_labels, nn::LinearOptions{.dtype = config.dtype, .bias = true});
}

Value ResNet::forward(Value x) {
  x = max_pool(relu(bn1(conv1(x))), {.kernel = {3}, .strides = {2}, .padding = {1}});
  for (nn::LayerList<ResNetBlock> *part : {&layer1, &layer2, &layer3, &layer4})
    for (ResNetBlock &block : *part)
      x = block(x);
  x = flatten(global_avg_pool(x), 1);
  return fc ? (*fc)(x) : x;
}

ResNetConfig ResNetConfig::of(int64_t layers) {
  ResNetConfig config;
  switch (layers) {
  case 18:
    config.depths = {2, 2, 2, 2};
    break;
  case 34:
  case 50:
    config.depths = {3, 4, 6, 3};
    break;
  case 101:
    config.depths = {3, 4, 23, 3};
    break;
  case 152:
    config.depths = {3, 8, 36, 3};
    break;
  default:
    throw Error("expects a ResNet of 18, 34, 50, 101 or 152 layers, but got " + std::to_string(layers));
  }
  config.bottleneck = layers >= 50;
  if (!config.bottleneck)
    config.hidden_sizes = {64, 128, 256, 512};
  return config;
}

ResNetConfig ResNetConfig::from_file(const std::string &path) {
  Config file(path);
  file.expect("model_type", "resnet");
  file.expect("layer_type", std::vector<std::string>{"basic", "bottleneck"});
  file.expect("hidden_act", "relu");
  ResNetConfig config;
  auto four = [&](const std::string &key, std::array<int64_t, 4> &into) {
    std::vector<int64_t> numbers = file.integers(key, {into.begin(), into.end()});
    std::copy(numbers.begin(), numbers.end(), into.begin());
  };
  config.num_channels = file.integer("num_channels", config.num_channels);
  config.embedding_size = file.integer("embedding_size", config.embedding_size);
  four("hidden_sizes", config.hidden_sizes);
  four("depths", config.depths);
  config.bottleneck = !file.is("layer_type", "basic");
  config.downsample_in_first_stage = file.boolean("downsample_in_first_stage", config.downsample_in_first_stage);
  config.downsample_in_bottleneck = file.boolean("downsample_in_bottleneck", config.downsample_in_bottleneck);
  config.num_labels = file.labels();
  config.dtype = file.dtype(config.dtype);
  return config;
}

ResNetConfig ResNetConfig::from_checkpoint(const weights::Checkpoint &checkpoint) {
  ResNetConfig config = from_file(config_beside(checkpoint));
  if (!checkpoint.tensors.contains("classifier.1.weight") && !checkpoint.tensors.contains("fc.weight"))
    config.num_labels = 0;
  return config;
}

} // namespace varve::models
