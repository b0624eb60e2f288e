// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
#include "lib/runtime/executable/PackedFile.h"
#include "lib/runtime/Digest.h"
#include "lib/runtime/executable/Pack.h"
#include "lib/runtime/tensor/Memory.h"
#include "varve/Error.h"
#include <chrono>
#include <cstdio>
#include <cstring>
#include <set>
#include <thread>

namespace varve::runtime {
namespace {

namespace fs = std::filesystem;

struct Header {
  char magic[8];
  uint32_t version, count;
  uint64_t layout, source;
  int64_t made;
  uint64_t size, contents, self;
};
static_assert(sizeof(Header) == 64);
constexpr char magic[] = "VARVEPCK";
constexpr uint32_t version = 1;
constexpr uint64_t page = 4096, most = uint64_t(1) << 47;

uint64_t self_digest(const Header &header) {
  return digest_of(std::as_bytes(std::span(&header, 1)).first(offsetof(Header, self)));
}

uint64_t digest_of_all(const std::vector<uint64_t> &digests) { return digest_of(std::as_bytes(std::span(digests))); }

// What the file must be, from what is bound.
struct Plan {
  std::vector<const WeightInfo *> weights;
  std::vector<uint64_t> places, bytes;
  uint64_t layout = 0, size = 0;

  explicit Plan(const Manifest &manifest) {
    std::string text;
    for (const WeightInfo &info : manifest.weights)
      if (info.panel != 0) {
        weights.push_back(&info);
        text += std::to_string(info.name.size()) + ' ' + info.name + ' ' + std::string(name_of(info.dtype)) + ' ' +
                std::string(name_of(info.encoding)) + shape_text(info.shape) + ' ' + std::to_string(info.panel) + ' ' +
                std::to_string(info.group) + (info.winograd ? " winograd\n" : "\n");
      }
    layout = digest_of(std::as_bytes(std::span(text)));
    size = sizeof(Header) + 8 * weights.size();
    for (const WeightInfo *info : weights) { // size <= most
      places.push_back((size + page - 1) / page * page);
      std::optional<size_t> count = byte_count(info->dtype, panels_shape(*info));
      if (!count || *count > most - places.back())
        throw Error("weight '" + info->name + "' expects panels that fit into a file of 2^47 bytes, but got more");
      bytes.push_back(*count);
      size = places.back() + bytes.back();
    }
  }
};

// What says which weights are bound: of mapped files, when they were changed; of all others, what they hold.
struct Source {
  uint64_t digest = 0;
  std::vector<MapStamp> stamps;

  Source(const Plan &plan, const StateDict &state, const std::string &given) {
    std::string text = given;
    for (const WeightInfo *info : plan.weights) {
      const Tensor &tensor = state.at(info->name);
      std::optional<MapStamp> stamp = stamp_of(tensor.owner());
      if (stamp)
        stamps.push_back(*stamp);
      if (!given.empty())
        continue;
      if (stamp)
        for (uint64_t part :
             {stamp->size, stamp->inode, static_cast<uint64_t>(stamp->modified), static_cast<uint64_t>(stamp->changed),
              static_cast<uint64_t>(static_cast<const std::byte *>(tensor.data()) -
                                    static_cast<const std::byte *>(stamp->begin))})
          text += std::to_string(part) + ' ';
      else
        text += std::to_string(digest_of({static_cast<const std::byte *>(tensor.data()), tensor.bytes()}));
      text += '\n';
    }
    digest = digest_of(std::as_bytes(std::span(text)));
  }
};

std::string differs(const std::string &what, uint64_t expected, uint64_t found) {
  return "expects " + what + " " + std::to_string(expected) + ", but got " + std::to_string(found);
}

class Keeper {
public:
  Keeper(const Manifest &manifest, const StateDict &state, const BindOptions &options)
      : plan(manifest), source(plan, state, options.version), state(state), options(options) {}

  std::optional<MappedFile> find() const {
    std::optional<MappedFile> there = map_if_there();
    if (!there)
      return std::nullopt;
    MappedFile map = std::move(*there);
    if (map.size != 0 && std::memcmp(map.data.get(), magic, std::min(map.size, size_t(8))) != 0)
      throw Error(options.packed.string() + ": expects a file of packed weights, which begins with " + magic +
                  ", to use or to replace, but got another kind of file");
    std::string problem = problem_of(map);
    if (problem.empty())
      return map;
    warn(problem + "; it is made anew");
    return std::nullopt;
  }

  MappedFile make() const {
    wait_for_clock();
    NewFile file(options.packed);
    std::vector<uint64_t> digests(plan.weights.size());
    std::vector<std::byte> gap(sizeof(Header) + 8 * digests.size());
    std::shared_ptr<void> buffer;
    size_t room = 0;
    uint64_t at = 0;
    for (size_t i = 0; i < plan.weights.size(); ++i) {
      gap.resize(at == 0 ? plan.places[0] : plan.places[i] - at);
      file.write(gap);
      Digest digest;
      std::span<const std::byte> part;
      pack_weight(
          *plan.weights[i], state.at(plan.weights[i]->name),
          [&](size_t begin, size_t end) {
            if (end - begin > room) {
              buffer.reset();
              buffer = allocate(room = end - begin);
            }
            part = {static_cast<const std::byte *>(buffer.get()), end - begin};
            return buffer.get();
          },
          [&] {
            digest.add(part);
            file.write(part);
          });
      digests[i] = digest.value();
      at = plan.places[i] + plan.bytes[i];
    }
    if (Source after(plan, state, options.version.empty() ? "-" : options.version); after.stamps != source.stamps)
      throw Error(options.packed.string() +
                  ": expects a checkpoint that stays as it is while it is packed, but got one "
                  "that was written to");
    // Even seconds that are past: every file system can tell them, and whoever writes next is later.
    int64_t made = (now() / 1'000'000'000 / 2 - 1) * 2;
    Header header{{},
                  version,
                  static_cast<uint32_t>(digests.size()),
                  plan.layout,
                  source.digest,
                  made,
                  plan.size,
                  digest_of_all(digests),
                  0};
    std::memcpy(header.magic, magic, sizeof header.magic);
    header.self = self_digest(header);
    file.write_at(0, std::as_bytes(std::span(&header, 1)));
    file.write_at(sizeof header, std::as_bytes(std::span(digests)));
    file.set_modified(made);
    MappedFile map = file.map();
    file.commit();
    return map;
  }

  void warn(const std::string &problem) const {
    std::string text = options.packed.string() + ": " + problem;
    if (problem.starts_with(options.packed.string()))
      text = problem;
    if (options.warning)
      options.warning(text);
    else
      std::fprintf(stderr, "varve: warning: %s\n", text.c_str());
  }

  const Plan plan;

private:
  // Another process may take the file away, or replace it, between the question and the answer.
  std::optional<MappedFile> map_if_there() const {
    constexpr int most = 10;
    for (int turn = 1;; ++turn) {
      std::error_code code;
      if (fs::status(options.packed, code).type() == fs::file_type::not_found)
        return std::nullopt;
      try {
        return map_file(options.packed);
      } catch (const Error &) {
        if (turn == most)
          throw;
      }
    }
  }

  static int64_t now() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now().time_since_epoch())
        .count();
  }

  // A file that was written to just now can be again without another time: systems count in steps of some milliseconds.
  void wait_for_clock() const {
    constexpr int64_t step = 20'000'000;
    int64_t latest = 0;
    for (const MapStamp &stamp : source.stamps)
      latest = std::max({latest, stamp.modified, stamp.changed});
    if (int64_t age = now() - latest; age >= 0 && age < step)
      std::this_thread::sleep_for(std::chrono::nanoseconds(step - age));
  }

  // Why the file cannot be used; "" if it can.
  std::string problem_of(const MappedFile &map) const {
    Header header{};
    if (map.size < sizeof header)
      return "expects a header of 64 bytes, but got " + std::to_string(map.size);
    std::memcpy(&header, map.data.get(), sizeof header);
    if (header.version != version)
      return differs("packed weights of version", version, header.version);
    if (uint64_t found = self_digest(header); found != header.self)
      return differs("a header with the digest", header.self, found) + " (the file is damaged)";
    if (header.layout != plan.layout || header.count != plan.weights.size() || header.size != plan.size)
      return "expects weights packed as this executable reads them, but got another layout";
    if (header.source != source.digest)
      return "expects weights of this checkpoint as it is now, but got those of another, or of an older state of it";
    if (map.size != plan.size)
      return "expects a file of " + std::to_string(plan.size) + " bytes, but got " + std::to_string(map.size);
    std::vector<uint64_t> digests(plan.weights.size());
    std::memcpy(digests.data(), map.data.get() + sizeof header, 8 * digests.size());
    if (uint64_t found = digest_of_all(digests); found != header.contents)
      return differs("digests with the digest", header.contents, found) + " (the file is damaged)";
    if (stamp_of(map.data)->modified == header.made * 1'000'000'000)
      return "";
    return contents_problem(map, digests);
  }

  // Reads all.
  std::string contents_problem(const MappedFile &map, const std::vector<uint64_t> &digests) const {
    for (size_t i = 0; i < digests.size(); ++i) {
      uint64_t found = digest_of({map.data.get() + plan.places[i], plan.bytes[i]});
      if (found != digests[i])
        return "weight '" + plan.weights[i]->name + "' " + differs("contents with the digest", digests[i], found) +
               " (the file is damaged)";
    }
    warn("expects a file that nobody wrote to since it was made, but got one with another time; it was read, and is as "
         "it "
         "was made");
    return "";
  }

  const Source source;
  const StateDict &state;
  const BindOptions &options;
};

} // namespace

std::optional<PackedFile> keep_packed(const Manifest &manifest, const StateDict &state, const BindOptions &options) {
  Keeper keeper(manifest, state, options);
  if (keeper.plan.weights.empty())
    return std::nullopt;
  if (std::optional<MappedFile> map = keeper.find())
    return PackedFile{*map, keeper.plan.places};
  try {
    return PackedFile{keeper.make(), keeper.plan.places};
  } catch (const Error &error) {
    keeper.warn(std::string(error.what()) + "; packed weights are in memory, and not kept");
    return std::nullopt;
  }
}

} // namespace varve::runtime
