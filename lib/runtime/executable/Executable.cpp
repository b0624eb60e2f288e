// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Executable.h"
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Program.h"
#include "lib/runtime/session/Arguments.h"
#include "varve/runtime/Session.h"
#include <mutex>

namespace varve {

using namespace runtime;

/// The session of `operator()`. Its own handle on the executable has another one, never used, so that the two do not
/// hold each other.
struct runtime::DefaultSession {
  std::mutex mutex;
  std::unique_ptr<Session> session;
};

size_t Program::find_entry(std::string_view name) const {
  const std::vector<EntryInfo> &entries = code->manifest.entries;
  if (name.empty() && entries.size() == 1)
    return 0;
  std::string names;
  for (size_t i = 0; i < entries.size(); ++i) {
    if (entries[i].name == name)
      return i;
    names += (names.empty() ? "" : ", ") + entries[i].name;
  }
  throw Error("expects the name of an entry (" + names + "), but got " +
              (name.empty() ? "none" : "'" + std::string(name) + "'"));
}

Executable::Executable(std::shared_ptr<const Program> program)
    : program(std::move(program)), session(std::make_shared<DefaultSession>()) {}

namespace {

std::shared_ptr<const Program> unbound(std::shared_ptr<const Code> code) {
  auto program = std::make_shared<Program>();
  program->code = std::move(code);
  return program;
}

TensorInfo describe(std::string name, DType dtype, const std::vector<DimExpr> &shape) {
  TensorInfo info{std::move(name), dtype, shape_text(shape), {}, {}};
  for (const DimExpr &dim : shape) {
    info.sizes.push_back(dim.is_constant() ? dim.terms[0].coefficient : -1);
  }
  return info;
}

} // namespace

Executable Executable::from_bytes(std::span<const std::byte> bytes) {
  return Executable(unbound(load_code({bytes.begin(), bytes.end()}, "executable")));
}

Executable Executable::load(const std::filesystem::path &path) {
  return Executable(unbound(load_code(read_file(path), path.string())));
}

void Executable::save(const std::filesystem::path &path) const {
  std::span<const std::byte> bytes = program->code->bytes;
  write_file(path, {&bytes, 1});
}

std::vector<std::string> Executable::entries() const {
  std::vector<std::string> names;
  for (const EntryInfo &entry : program->code->manifest.entries)
    names.push_back(entry.name);
  return names;
}

std::vector<TensorInfo> Executable::inputs(std::string_view name) const {
  const EntryInfo &entry = program->code->manifest.entries[program->find_entry(name)];
  std::vector<TensorInfo> infos;
  for (const InputInfo &input : entry.inputs) {
    infos.push_back(describe(input.name, input.dtype, input.shape));
    if (input.symbol >= 0)
      infos.back().symbol = entry.symbols[static_cast<size_t>(input.symbol)];
  }
  return infos;
}

std::vector<TensorInfo> Executable::outputs(std::string_view name) const {
  std::vector<TensorInfo> infos;
  for (const OutputInfo &output : program->code->manifest.entries[program->find_entry(name)].outputs)
    infos.push_back(describe(output.name, output.dtype, output.shape));
  return infos;
}

std::vector<TensorInfo> Executable::weights() const {
  std::vector<TensorInfo> infos;
  for (const WeightInfo &weight : program->code->manifest.weights)
    infos.push_back({weight.name, weight.dtype, varve::shape_text(weight.shape), weight.shape, {}, weight.encoding});
  return infos;
}

std::vector<TensorInfo> Executable::buffers() const {
  std::vector<TensorInfo> infos;
  for (const BufferInfo &buffer : program->code->manifest.buffers)
    infos.push_back({buffer.name, buffer.dtype, varve::shape_text(buffer.shape), buffer.shape, {}});
  return infos;
}

std::vector<TapInfo> Executable::taps() const {
  const Manifest &manifest = program->code->manifest;
  std::vector<TapInfo> infos;
  for (const TapPlace &tap : manifest.taps)
    for (uint32_t site : tap.call_sites)
      infos.push_back({join_path({manifest.call_sites[site], tap.layer, tap.label}), tap.dtype, tap.rank});
  return infos;
}

std::vector<std::string> Executable::remarks() const {
  std::vector<std::string> texts;
  for (const MessageInfo &remark : program->code->manifest.remarks)
    texts.push_back(located(remark.message, remark.layer, remark.location).what());
  return texts;
}

const std::string &Executable::manifest_json() const { return program->code->json; }

Executable Executable::bind(const StateDict &state, const BindOptions &options) const {
  return Executable(bind_weights(program->code, state, options));
}
Executable Executable::bind(StateDict &&state, const BindOptions &options) const {
  return Executable(bind_weights(program->code, std::move(state), options));
}
bool Executable::bound() const { return program->bound(); }
size_t Executable::packed_bytes() const { return program->packed_bytes; }
size_t Executable::mapped_bytes() const { return program->mapped_bytes; }

std::vector<Tensor> Executable::operator()(std::span<const Tensor> inputs) const {
  if (program->code->manifest.entries.size() != 1)
    throw Error("expects an executable with one entry, but got " +
                std::to_string(program->code->manifest.entries.size()) +
                "; make a Session and run its entries by name");
  std::lock_guard lock(session->mutex);
  if (!session->session)
    session->session = std::make_unique<Session>(Executable(program));
  return session->session->run(inputs);
}

std::vector<Tensor> Executable::operator()(std::initializer_list<Tensor> inputs) const {
  return (*this)(std::span<const Tensor>(inputs.begin(), inputs.size()));
}

} // namespace varve
