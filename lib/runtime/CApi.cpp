// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/tensor/DLPack.h"
#include "varve/Error.h"
#include "varve/runtime/Session.h"
#include "varve/runtime/varve.h"
#include <algorithm>
#include <map>
#include <new>

struct varve_executable {
  varve::Executable executable;
};
struct varve_session {
  varve::Session session;
};

namespace {

using varve::Error;
using varve::Tensor;

thread_local std::string last_error;
thread_local const char *last_text = "";

// Runs `body`; what it throws becomes this thread's last error, and false.
template <typename Body> bool guarded(Body body) noexcept {
  try {
    try {
      body();
      return true;
    } catch (const std::bad_alloc &) {
      last_text = "expects memory, but the system has none left";
    } catch (const std::exception &error) {
      last_error = error.what();
      last_text = last_error.c_str();
    } catch (...) { // a print sink may throw anything
      last_text = "expects exceptions derived from std::exception, but got another";
    }
  } catch (...) { // no memory to keep the text
    last_text = "expects memory for the text of an error, but the system has none left";
  }
  return false;
}

template <typename T> T &given(T *pointer, const char *what) {
  if (!pointer)
    throw Error("expects " + std::string(what) + ", but got null");
  return *pointer;
}

// A tensor on the caller's memory.
Tensor borrowed(const DLTensor *tensor, const char *what) {
  varve::runtime::CheckedDLPack checked = varve::runtime::check_dlpack(given(tensor, what));
  return Tensor::view(checked.dtype, std::move(checked.shape), static_cast<const void *>(checked.data), nullptr);
}

// The encodings of an executable's weights: DLPack has none, so bytes of such a weight are taken as its blocks.
std::map<std::string, varve::Encoding> encodings_of(const varve::Executable &executable) {
  std::map<std::string, varve::Encoding> encodings;
  for (const varve::TensorInfo &info : executable.weights())
    if (info.encoding != varve::Encoding::none)
      encodings.emplace(info.name, info.encoding);
  return encodings;
}

void bind(varve_executable *executable, const char *const *names, const DLTensor *const *tensors, size_t count,
          const varve::BindOptions &options) {
  given(executable, "an executable");
  std::map<std::string, varve::Encoding> encodings = encodings_of(executable->executable);
  varve::StateDict state;
  for (size_t i = 0; i < count; ++i) {
    const char *name = &given((&given(names, "names"))[i], "a name for each weight");
    Tensor tensor = borrowed((&given(tensors, "tensors"))[i], "a tensor for each weight");
    if (auto found = encodings.find(name); found != encodings.end() && tensor.dtype() == varve::u8)
      tensor = Tensor::encoded(found->second, tensor);
    if (!state.emplace(name, tensor).second)
      throw Error("expects each weight once, but got '" + std::string(name) + "' twice");
  }
  executable->executable = executable->executable.bind(std::move(state), options);
}

} // namespace

const char *varve_last_error(void) { return last_text; }

varve_executable *varve_executable_load(const char *path) {
  varve_executable *result = nullptr;
  guarded([&] { result = new varve_executable{varve::Executable::load(&given(path, "a path"))}; });
  return result;
}

void varve_executable_free(varve_executable *executable) { delete executable; }

int varve_executable_bind_weights(varve_executable *executable, const char *const *names,
                                  const DLTensor *const *tensors, size_t count) {
  return guarded([&] { bind(executable, names, tensors, count, {}); }) ? 0 : 1;
}

int varve_executable_bind_weights_packed(varve_executable *executable, const char *const *names,
                                         const DLTensor *const *tensors, size_t count, const char *packed,
                                         const char *version) {
  return guarded([&] {
    bind(executable, names, tensors, count,
         {.packed = &given(packed, "the path of a file for packed weights"), .version = version ? version : ""});
  })
             ? 0
             : 1;
}

varve_session *varve_session_create(const varve_executable *executable, int threads) {
  varve_session *result = nullptr;
  guarded([&] {
    result = new varve_session{varve::Session(given(executable, "an executable").executable, {.threads = threads})};
  });
  return result;
}

void varve_session_free(varve_session *session) { delete session; }

int varve_session_run(varve_session *session, const char *entry, const DLTensor *const *inputs, size_t input_count,
                      DLManagedTensorVersioned **outputs, size_t output_count) {
  return guarded([&] {
    varve::Session &target = given(session, "a session").session;
    std::string name = entry ? entry : "";
    if (size_t count = target.executable().outputs(name).size(); count != output_count)
      throw Error("expects room for " + std::to_string(count) + " outputs, but got " + std::to_string(output_count));
    std::vector<Tensor> tensors;
    tensors.reserve(std::min(input_count, size_t(64)));
    for (size_t i = 0; i < input_count; ++i)
      tensors.push_back(borrowed((&given(inputs, "inputs"))[i], "a tensor for each input"));
    std::vector<std::unique_ptr<DLManagedTensorVersioned, void (*)(DLManagedTensorVersioned *)>> results;
    for (const Tensor &result : target.run(name, tensors))
      results.emplace_back(result.to_dlpack_versioned(), [](DLManagedTensorVersioned *self) { self->deleter(self); });
    for (size_t i = 0; i < results.size(); ++i)
      (&given(outputs, "room for outputs"))[i] = results[i].release();
  })
             ? 0
             : 1;
}

int varve_session_tap(varve_session *session, const char *glob, varve_tap_function function, void *user) {
  return guarded([&] {
    varve::Session &target = given(session, "a session").session;
    if (!function)
      throw Error("expects a function, but got null");
    target.tap(&given(glob, "a glob"), [=](const varve::Tap &tap) {
      std::unique_ptr<DLManagedTensorVersioned, void (*)(DLManagedTensorVersioned *)> value(
          tap.value.to_dlpack_versioned(), [](DLManagedTensorVersioned *self) { self->deleter(self); });
      function(user, tap.path.c_str(), &value->dl_tensor);
    });
  })
             ? 0
             : 1;
}

int varve_session_clear_taps(varve_session *session) {
  return guarded([&] { given(session, "a session").session.clear_taps(); }) ? 0 : 1;
}

int varve_session_reset(varve_session *session) {
  return guarded([&] { given(session, "a session").session.reset(); }) ? 0 : 1;
}
