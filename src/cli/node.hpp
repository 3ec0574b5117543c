// The node of a home, as the verbs ask it: over its socket, each call signed by an officer.
#pragma once

#include <memory>

#include "cli/context.hpp"
#include "cli/officer_key.hpp"
#include "formats/json.hpp"
#include "store/home.hpp"
#include "wire/client.hpp"

namespace comity::cli {

using formats::Json;

using Query = std::vector<std::pair<std::string, std::string>>;

inline constexpr int k_bulk_stall_s = 300;
/// Before it answers, the node may read again all that it has sealed: hours, for an image of a
/// terabyte. Of a node that dies the socket tells at once.
inline constexpr int k_seal_stall_s = 24 * 3600;

class Node {
 public:
  /// Reads the home and the officers' files; connects with the first call. Nothing is asked yet.
  /// Faults: as store::Home::open and OfficerKey::load.
  static Result<Node> reach(Context& context);

  const store::Home& home() const { return home_; }
  const std::vector<OfficerKey>& officers() const { return officers_; }
  bool exercise() const { return home_.settings().exercise; }
  Context& context() { return *context_; }

  // Asked by the first officer; by nobody when none was named. A problem that the node answers
  // comes back as its Fault. Faults: also node.down, peer.timeout, peer.protocol.
  Result<Json> get(std::string_view path, const Query& query = {});
  Result<Json> post(std::string_view path, const Json& body);
  Result<Json> post_as(const OfficerKey* officer, std::string_view path, const Json& body);
  Result<Json> remove(std::string_view path);
  /// As post, for what takes its time.
  Result<Json> post_slowly(std::string_view path, const Json& body, int deadline_s);
  /// Bulk bytes in either direction. `stall_s`: how long nothing may move.
  Result<Json> put(std::string_view path, node::Source& source, int stall_s = k_bulk_stall_s);
  /// Hands the open file over instead; the node reads it from where it stands.
  Result<Json> put_file(std::string_view path, int file);
  Result<void> fetch(std::string_view path, const Query& query, node::Sink& sink);
  /// As fetch, but gives up when no byte came for `stall_s`: for updates.
  Result<void> listen(std::string_view path, node::Sink& sink, int stall_s);

  /// The one among `known` that begins with `prefix`; a whole id needs no look-up. `what` stands
  /// in faults: request.not_found; request.usage for one that is short or fits several.
  Result<std::string> exchange_id(std::string_view prefix);
  Result<std::string> draft_id(std::string_view prefix);
  Result<std::string> item_id(std::string_view prefix);
  /// What the query asks for, page by page, `most` at most: {"items": […], "next", "exercise"};
  /// "next" is no null when there are more.
  Result<Json> exchanges(Query query, std::size_t most);
  Result<Json> items(Query query, std::size_t most);

 private:
  Node(Context& context, store::Home home, std::vector<OfficerKey> officers, wire::Client client)
      : context_(&context),
        home_(std::move(home)),
        officers_(std::move(officers)),
        client_(std::move(client)) {}
  Result<Json> beginning_with(std::string_view path, std::string_view prefix);
  Result<Json> pages(std::string_view path, std::string_view name, Query query, std::size_t most,
                     std::size_t page_size);
  Result<Json> ask(const OfficerKey* officer, std::string_view method, const std::string& target,
                   const std::optional<Json>& body, int deadline_s);
  wire::Headers headers(const OfficerKey* officer, std::string_view method, std::string_view target,
                        std::optional<View> body);
  const OfficerKey* first() const { return officers_.empty() ? nullptr : &officers_.front(); }

  Context* context_;
  store::Home home_;
  std::vector<OfficerKey> officers_;
  wire::Client client_;
};

/// --limit of a list: how many are asked for at most, and that there are more, said aside.
inline constexpr std::int64_t k_list_limit = 1000;
Result<std::size_t> list_limit(std::int64_t given);
void tell_more(const Json& answer);

/// A problem document (RFC 9457) as the fault that it tells of.
Fault fault_of(int status, View body);

/// `prefix` among `ids`, each 32 hex digits; see Node::exchange_id.
Result<std::string> by_prefix(std::string_view prefix, const std::vector<std::string>& ids,
                              std::string_view what);

}  // namespace comity::cli
