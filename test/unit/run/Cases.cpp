// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "Cases.h"
#include "../Support.h"

namespace varve::test {

std::vector<Case> load_cases(const std::filesystem::path &folder) {
  auto blob = std::make_shared<std::vector<std::byte>>(read_bytes(folder / "cases.bin"));
  nlohmann::json root = nlohmann::json::parse(std::ifstream(folder / "cases.json"));
  if (root.at("version") != 1 || root.at("blob_bytes") != blob->size())
    throw Error(folder.string() + ": expects cases.json of version 1 and the cases.bin that belongs to it");
  auto tensor = [&](const nlohmann::json &value) {
    size_t offset = value.at("offset"), bytes = value.at("bytes");
    if (offset > blob->size() || bytes > blob->size() - offset)
      throw Error(folder.string() + ": expects tensors inside of cases.bin");
    const void *data = blob->data() + offset; // const: of a read-only tensor
    Tensor made = Tensor::view(dtype_from_name(value.at("dtype").get<std::string>()), value.at("shape"), data, blob);
    if (made.bytes() != bytes)
      throw Error(folder.string() + ": expects a tensor's bytes to be those of its shape");
    return made;
  };
  std::vector<Case> cases;
  for (const nlohmann::json &value : root.at("cases")) {
    Case &made = cases.emplace_back();
    made = {value.at("name"), value.at("op"), value.at("attributes"), {}, {}, {}, value.at("rtol"), value.at("atol")};
    for (const nlohmann::json &input : value.at("inputs")) {
      made.operands.push_back(input.at("name"));
      made.inputs.push_back(tensor(input));
    }
    for (const nlohmann::json &output : value.at("outputs"))
      made.outputs.push_back(tensor(output));
  }
  return cases;
}

} // namespace varve::test
