#include "api/sealed_answer.hpp"

#include <fmt/format.h>

#include "api/problem.hpp"
#include "formats/tile.hpp"

namespace comity::api {
namespace {

/// Runs `answer` where it may block; when no thread is free, says so.
void answer_from(Background& background, const VisitPtr& visit,
                 std::function<node::Answer()> answer) {
  const bool is_taken =
      background.run([visit, answer = std::move(answer)] { visit->reply(answer()); });
  if (!is_taken) visit->reply(problem(Fault{FaultCode::limit_busy, "files being read"}));
}

node::Answer unsatisfiable(std::uint64_t total_size) {
  auto answer = problem(Fault{FaultCode::bad_usage, "the range lies beyond the end"}, 416);
  answer.headers["Content-Range"] = fmt::format("bytes */{}", total_size);
  return answer;
}

}  // namespace

node::Afterwards send_sealed(Vault& vault, Background& background, const VisitPtr& visit,
                             const node::Cargo& cargo) {
  return [&vault, &background, visit, cargo, total_size = cargo.bytes] {
    const auto& range = visit->call.range;
    const std::uint64_t first = range ? range->first : 0;
    if (first >= total_size) return visit->reply(unsatisfiable(total_size));
    const std::uint64_t last =
        std::min(range ? range->second.value_or(total_size - 1) : total_size - 1, total_size - 1);
    answer_from(background, visit, [&vault, cargo, first, last, total_size, is_part = !!range] {
      auto file = vault.sealed(cargo.item, first, last - first + 1);
      if (!file) return problem(file.error());
      file->cargo = cargo;
      node::Answer answer;
      answer.content_type = "application/octet-stream";
      answer.headers["Accept-Ranges"] = "bytes";
      if (is_part) {
        answer.status = 206;
        answer.headers["Content-Range"] = fmt::format("bytes {}-{}/{}", first, last, total_size);
      }
      answer.body = *file;
      return answer;
    });
  };
}

Result<node::Afterwards> send_tile(Vault& vault, Background& background, const VisitPtr& visit,
                                   const ItemId& item, std::string_view tail) {
  std::string path = fmt::format("tile/{}", tail);
  const auto tile = formats::parse_tile_path(path);
  if (!tile || tile->kind != formats::Tile::Kind::hashes) return fault(FaultCode::not_found, path);
  return [&vault, &background, visit, item, path = std::move(path)] {
    answer_from(background, visit, [&vault, item, path] {
      auto bytes = vault.tile(item, path);
      if (!bytes) return problem(bytes.error());
      node::Answer answer;
      answer.content_type = "application/octet-stream";
      answer.body = *std::move(bytes);
      return answer;
    });
  };
}

}  // namespace comity::api
