// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "varve/runtime/Session.h"
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Program.h"
#include "lib/runtime/session/Arguments.h"
#include "lib/runtime/session/RunContext.h"
#include "lib/runtime/tensor/Memory.h"
#include <algorithm>
#include <cstring>
#include <sys/resource.h>

namespace varve {

using namespace runtime;

struct Session::Impl {
  Executable executable;
  const Program &program;
  const Manifest &manifest;
  ThreadPool pool;
  std::unique_ptr<Profiler> profiler; // null: nothing is measured
  RunContext context;
  std::vector<Tensor> buffers;
  std::shared_ptr<BlockPool> outputs = std::make_shared<BlockPool>();
  std::shared_ptr<void> arena;
  size_t arena_bytes = 0;
  // Kept between runs so that a run allocates only its outputs.
  std::vector<int64_t> symbols;
  std::vector<void *> pointers;
  mutable std::atomic_flag busy;

  Impl(const Executable &executable, SessionOptions options);
  std::vector<Tensor> run(size_t index, std::span<const Tensor> inputs);
  size_t find_buffer(std::string_view name) const;
  void expect_bound(const EntryInfo &entry) const;
  MemoryUse memory() const;
  Profiler &expect_profiler() const {
    if (!profiler)
      throw Error("expects a Session with SessionOptions::profile, but got one without");
    return *profiler;
  }
};

namespace {

// Held during every call: two at once would share scratch and state.
class Exclusive {
public:
  explicit Exclusive(std::atomic_flag &flag) : flag(flag) {
    if (flag.test_and_set(std::memory_order_acquire))
      throw Error("expects one call of a Session at a time, but got a second one; make a Session for each thread");
  }
  ~Exclusive() { flag.clear(std::memory_order_release); }
  Exclusive(const Exclusive &) = delete;
  Exclusive &operator=(const Exclusive &) = delete;

private:
  std::atomic_flag &flag;
};

const Manifest &expect_machine(const Manifest &manifest) {
  check_machine(manifest.triple, manifest.features);
  return manifest;
}

} // namespace

PrintSink print_to(std::FILE *stream) {
  return [stream](std::string_view text) {
    if (std::fwrite(text.data(), 1, text.size(), stream) != text.size() || std::fflush(stream) != 0)
      throw Error("expects a stream that printed values can be written to, but got one that refuses them");
  };
}

Session::Impl::Impl(const Executable &exe, SessionOptions options)
    : executable(exe), program(*executable.program), manifest(expect_machine(program.code->manifest)),
      pool(options.threads, options.pin),
      profiler(options.profile ? std::make_unique<Profiler>(manifest, pool) : nullptr),
      context(manifest, pool, std::move(options.print), std::move(options.folder)) {
  context.profile_with(profiler.get());
  for (const BufferInfo &info : manifest.buffers)
    buffers.push_back(Tensor::zeros(info.dtype, info.shape));
}

size_t Session::Impl::find_buffer(std::string_view name) const {
  std::string names;
  for (size_t i = 0; i < manifest.buffers.size(); ++i) {
    if (manifest.buffers[i].name == name)
      return i;
    names += (names.empty() ? " (" : ", ") + manifest.buffers[i].name;
  }
  throw Error("expects the name of one of the " + std::to_string(manifest.buffers.size()) + " state buffers" + names +
              (names.empty() ? "" : ")") + ", but got '" + std::string(name) + "'");
}

void Session::Impl::expect_bound(const EntryInfo &entry) const {
  if (program.bound())
    return;
  std::string names;
  for (uint32_t weight : entry.weights)
    names += (names.empty() ? "" : ", ") + manifest.weights[weight].name;
  if (!names.empty())
    throw Error("expects weights to be bound before entry '" + entry.name +
                "' runs (executable.bind(state)), but got none for " + names);
}

MemoryUse Session::Impl::memory() const {
  MemoryUse use{
      .scratch = arena_bytes, .packed = program.packed_bytes - program.mapped_bytes, .mapped = program.mapped_bytes};
  for (const Tensor &buffer : buffers)
    use.state += buffer.bytes();
  for (const Tensor &weight : program.weights)
    use.weights += weight.bytes();
  use.weights -= program.packed_bytes;
  return use;
}

std::vector<Tensor> Session::Impl::run(size_t index, std::span<const Tensor> inputs) {
  const EntryInfo &entry = manifest.entries[index];
  expect_bound(entry);
  for (const std::shared_ptr<const void> &map : program.maps)
    expect_intact(map);
  bind_inputs(entry, inputs, symbols);
  run_checks(entry, symbols);

  pointers.clear();
  for (const Tensor &input : inputs)
    pointers.push_back(const_cast<void *>(input.data())); // the code does not write its inputs
  for (uint32_t weight : entry.weights)
    pointers.push_back(const_cast<void *>(program.weights[weight].data()));
  for (uint32_t buffer : entry.buffers)
    pointers.push_back(buffers[buffer].mutable_data());

  std::vector<Tensor> results;
  results.reserve(entry.outputs.size());
  for (const OutputInfo &output : entry.outputs) {
    std::vector<int64_t> shape = output_shape(output, symbols);
    std::optional<size_t> bytes = byte_count(output.dtype, shape);
    if (!bytes)
      throw Error("output '" + output.name + "' expects a shape whose bytes fit in 63 bits, but got " +
                  varve::shape_text(shape));
    std::shared_ptr<void> memory = outputs->take(*bytes);
    void *data = memory.get();
    results.push_back(Tensor::view(output.dtype, std::move(shape), data, std::move(memory)));
    pointers.push_back(data);
  }

  int64_t scratch = program.code->scratch[index](symbols.data(), pool.threads());
  if (scratch < 0)
    throw Error("entry '" + entry.name + "' expects scratch memory of 0 bytes or more, but got " +
                std::to_string(scratch));
  if (!arena || arena_bytes < static_cast<size_t>(scratch)) {
    arena.reset(); // before the new one: both may not fit
    arena = allocate(static_cast<size_t>(scratch));
    arena_bytes = static_cast<size_t>(scratch);
  }

  context.begin();
  if (profiler)
    profiler->begin_run(index, symbols);
  program.code->entries[index](context.context(), pointers.data(), symbols.data(), arena.get());
  if (profiler)
    profiler->end_run();
  context.finish();
  return results;
}

Session::Session(Executable executable, SessionOptions options)
    : impl(std::make_unique<Impl>(executable, std::move(options))) {}
Session::Session(Session &&) noexcept = default;
Session &Session::operator=(Session &&) noexcept = default;
Session::~Session() = default;

Session::Impl &Session::get() const {
  if (!impl)
    throw Error("expects a Session, but got one that was moved from");
  return *impl;
}

std::vector<Tensor> Session::run(std::string_view entry, std::span<const Tensor> inputs) {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  return self.run(self.program.find_entry(entry), inputs);
}

std::vector<Tensor> Session::run(std::string_view entry, std::initializer_list<Tensor> inputs) {
  return run(entry, std::span<const Tensor>(inputs.begin(), inputs.size()));
}

std::vector<Tensor> Session::run(std::span<const Tensor> inputs) { return run(std::string_view(), inputs); }

std::vector<Tensor> Session::run(std::initializer_list<Tensor> inputs) { return run(std::string_view(), inputs); }

void Session::tap(std::string_view glob, TapFunction fn) {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  self.context.tap(glob, std::move(fn));
}

void Session::clear_taps() {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  self.context.clear_taps();
}

Profile Session::profile() const {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  Profile profile = self.expect_profiler().profile();
  MemoryUse memory = self.memory();
  profile.scratch_bytes = memory.scratch;
  profile.state_bytes = memory.state;
  profile.weight_bytes = memory.weights;
  profile.packed_bytes = memory.packed;
  profile.mapped_bytes = memory.mapped;
  rusage usage{};
  if (::getrusage(RUSAGE_SELF, &usage) == 0)
    profile.resident_bytes = static_cast<size_t>(usage.ru_maxrss) * 1024;
  return profile;
}

void Session::clear_profile() {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  self.expect_profiler().clear();
}

Tensor Session::buffer(std::string_view name) const {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  return self.buffers[self.find_buffer(name)];
}

void Session::set_buffer(std::string_view name, Tensor value) {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  size_t index = self.find_buffer(name);
  const BufferInfo &info = self.manifest.buffers[index];
  if (value.dtype() != info.dtype || value.shape() != info.shape)
    throw Error("expects state buffer '" + info.name + "' to be " + std::string(name_of(info.dtype)) + " " +
                varve::shape_text(info.shape) + ", but got " + value.type());
  if (value.read_only())
    throw Error("expects memory that may be written for state buffer '" + info.name + "', but got a read-only tensor");
  if (reinterpret_cast<uintptr_t>(value.data()) % size_of(info.dtype) != 0)
    throw Error("expects memory aligned to its elements for state buffer '" + info.name + "', but got " + value.type() +
                " that is not");
  self.buffers[index] = std::move(value);
}

void Session::reset() {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  for (Tensor &buffer : self.buffers)
    if (buffer.bytes() != 0)
      std::memset(buffer.mutable_data(), 0, buffer.bytes());
}

int Session::threads() const { return get().pool.threads(); }
MemoryUse Session::memory() const {
  Impl &self = get();
  Exclusive exclusive(self.busy);
  return self.memory();
}
const Executable &Session::executable() const { return get().executable; }

} // namespace varve
