// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
// From the bytes of an executable to code that can be called.
#include "lib/runtime/File.h"
#include "lib/runtime/executable/Program.h"
#include "varve/Error.h"
#include <cstring>
#include <dlfcn.h>
#include <elf.h>
#include <link.h>

namespace varve::runtime {
namespace {

// dlopen trusts what it is given; these fields say that it is for this kind of machine.
void expect_shared_object(std::span<const std::byte> bytes, const std::string &where) {
  Elf64_Ehdr header{};
  if (bytes.size() >= sizeof header)
    std::memcpy(&header, bytes.data(), sizeof header);
  bool fits = std::memcmp(header.e_ident, ELFMAG, SELFMAG) == 0 && header.e_ident[EI_CLASS] == ELFCLASS64 &&
              header.e_ident[EI_DATA] == ELFDATA2LSB && header.e_type == ET_DYN;
  if (!fits)
    throw Error(where + ": expects a 64-bit ELF shared object, but got something else");
  if (header.e_machine != EM_X86_64)
    throw Error(where + ": expects code for x86-64 (ELF machine 62), but got machine " +
                std::to_string(header.e_machine));
}

void *find_symbol(void *handle, const std::string &name, const std::string &where) {
  void *address = ::dlsym(handle, name.c_str());
  if (!address)
    throw Error(where + ": expects code that exports " + name + ", but got none");
  return address;
}

std::string read_manifest(void *handle, const std::string &where) {
  const void *text = find_symbol(handle, "varve_manifest", where);
  uint64_t size = 0;
  std::memcpy(&size, find_symbol(handle, "varve_manifest_size", where), sizeof size);
  Dl_info info{};
  void *extra = nullptr;
  if (::dladdr1(text, &info, &extra, RTLD_DL_SYMENT) != 0 && extra) {
    auto symbol = static_cast<const ElfW(Sym) *>(extra);
    if (size > symbol->st_size)
      throw Error(where + ": expects a manifest of " + std::to_string(size) + " bytes, but got " +
                  std::to_string(symbol->st_size));
  }
  return std::string(static_cast<const char *>(text), size);
}

} // namespace

Code::~Code() {
  if (handle)
    ::dlclose(handle);
}

std::shared_ptr<const Code> load_code(std::vector<std::byte> bytes, const std::string &where) {
  std::span<const std::byte> elf = unseal(bytes, where);
  expect_shared_object(elf, where);
  auto code = std::make_shared<Code>();
  {
    TemporaryFile file(elf);
    code->handle = ::dlopen(file.path().c_str(), RTLD_NOW | RTLD_LOCAL);
    if (!code->handle) {
      const char *reason = ::dlerror();
      throw Error(where + ": expects code that can be loaded, but got '" + (reason ? reason : "no reason") + "'");
    }
  }
  code->json = read_manifest(code->handle, where);
  try {
    code->manifest = Manifest::parse(code->json);
  } catch (const Error &error) {
    throw Error(where + ": " + error.message());
  }
  for (size_t i = 0; i < code->manifest.entries.size(); ++i) {
    std::string number = std::to_string(i);
    code->entries.push_back(reinterpret_cast<abi::Entry>(find_symbol(code->handle, "varve_entry_" + number, where)));
    code->scratch.push_back(
        reinterpret_cast<abi::Scratch>(find_symbol(code->handle, "varve_scratch_" + number, where)));
  }
  code->bytes = std::move(bytes);
  return code;
}

} // namespace varve::runtime
