#include "live_items.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <future>

#include "evidence/opener.hpp"
#include "formats/age_keys.hpp"
#include "outbox.hpp"
#include "transfer/live_reader.hpp"
#include "transfer/live_stream.hpp"
#include "transfer/live_taker.hpp"

namespace comity {
namespace {

using formats::Json;

constexpr std::int64_t k_heartbeat_ms = 2'000;
constexpr std::int64_t k_retry_ms_min = 250, k_retry_ms_max = 60'000;
constexpr int k_acknowledge_deadline_s = 30;
constexpr std::int64_t k_acknowledge_every_ms = 20;
constexpr int k_live_stall_s = 30;
constexpr std::int64_t k_followed_looks_ms = 500;

void warn(const ItemId& item, std::string_view doing, const Fault& why) {
  spdlog::warn("live item {}: {}: {}: {}", item.hex(), doing, row_of(why.code).name, why.detail);
}

Json counts_json(const evidence::Head& head) {
  return Json::object({{"at", to_text_ms(head.at)},
                       {"chunks", head.chunks},
                       {"closed", head.closed.has_value()},
                       {"duplicates", head.counts.duplicates},
                       {"gaps", head.counts.gaps},
                       {"late", head.counts.late},
                       {"missing", head.counts.missing},
                       {"records", head.counts.records}});
}

bool is_of_bytes(const node::LiveOrder& order) {
  return order.opening.records == treaty::k_bytes_kind;
}

/// Ends with what the follower says, or as soon as it is to stop.
class StoppableSink final : public node::Sink {
 public:
  StoppableSink(node::Sink& inner, std::function<bool()> goes_on)
      : inner_(inner), goes_on_(std::move(goes_on)) {}
  Result<void> write(View bytes) override {
    if (!goes_on_()) return fault(FaultCode::node_stopping);
    return inner_.write(bytes);
  }

 private:
  node::Sink& inner_;
  std::function<bool()> goes_on_;
};

}  // namespace

LiveItems::LiveItems(Parts parts) : parts_(std::move(parts)) {
  thread_ = std::thread([this] { run(); });
}

void LiveItems::stop() {
  if (is_stopping_.exchange(true)) return;
  wakes_.notify_all();
  if (thread_.joinable()) thread_.join();
  std::unique_lock lock(mutex_);
  auto items = std::exchange(items_, {});
  lock.unlock();
  for (auto& [id, item] : items) close(item);
}

void LiveItems::order(std::vector<node::LiveOrder> orders) {
  {
    const std::lock_guard lock(mutex_);
    orders_ = std::move(orders);
  }
  wakes_.notify_all();
}

LiveItems::ItemPtr LiveItems::find(const ItemId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = items_.find(id);
  return found == items_.end() ? nullptr : found->second;
}

void LiveItems::run() {
  while (!is_stopping_) {
    std::unique_lock lock(mutex_);
    wakes_.wait(lock, [&] { return is_stopping_ || orders_; });
    if (is_stopping_) return;
    auto orders = *std::exchange(orders_, std::nullopt);
    lock.unlock();
    carry_out(std::move(orders));
  }
}

void LiveItems::carry_out(std::vector<node::LiveOrder> orders) {
  std::vector<ItemPtr> over, to_end, ended_before;
  {
    const std::lock_guard lock(mutex_);
    for (auto at = items_.begin(); at != items_.end();) {
      const bool named =
          at->second->is_new.exchange(false) || std::ranges::any_of(orders, [&](const auto& order) {
            return order.opening.item == at->first;
          });
      if (!named) over.push_back(at->second);
      at = named ? std::next(at) : items_.erase(at);
    }
  }
  for (const auto& item : over) close(item);
  for (auto& order : orders) {
    if (is_stopping_) return;
    const auto id = order.opening.item;
    ItemPtr item;
    {
      const std::lock_guard lock(mutex_);
      if (let_go_.contains(id)) continue;
      auto& place = items_[id];
      if (!place) place = std::make_shared<Item>();
      item = place;
    }
    item->is_served = order.is_served;
    const auto why = order.why_ended;
    const bool ours = order.ours;
    {
      const std::lock_guard lock(item->mutex);
      item->has_begun = item->has_begun || order.has_begun;
      item->order = std::move(order);
    }
    if (ours && !why.empty()) to_end.push_back(item);
    if (ours && why.empty()) {
      // Taken up at once, so that whoever asks hears how far it had come.
      const std::lock_guard lock(item->mutex);
      if (const auto writer = writer_of(*item); !writer)
        warn(id, "taking up", writer.error());
      else if (is_of_bytes(item->order) && (*writer)->is_closed() && !item->is_taking)
        ended_before.push_back(item);  // its source ended, and the heart was not told
    }
    if (!ours && !item->following.joinable() && !item->is_forked) {
      item->following = std::thread([this, item] { follow(item); });
      item->acknowledging = std::thread([this, item] { acknowledge_all(item); });
    }
  }
  for (const auto& item : to_end) {
    if (is_stopping_) return;
    end(item, item->order.why_ended);
  }
  for (const auto& item : ended_before) {
    if (is_stopping_) return;
    end(item, std::string(transfer::k_source_ended));
  }
}

void LiveItems::close(const ItemPtr& item) {
  item->is_over = true;
  wakes_.notify_all();
  {
    const std::lock_guard lock(item->mutex);
    if (item->follower) item->follower->stop();
    if (item->writer) item->writer->suspend();
  }
  if (item->following.joinable()) item->following.join();
  if (item->acknowledging.joinable()) item->acknowledging.join();
}

void LiveItems::let_go(const ItemId& id) {
  ItemPtr item;
  {
    const std::lock_guard lock(mutex_);
    let_go_.insert(id);
    const auto found = items_.find(id);
    if (found == items_.end()) return;
    item = found->second;
    items_.erase(found);
  }
  close(item);
}

bool LiveItems::rest(std::int64_t ms, const Item& item) {
  std::unique_lock lock(mutex_);
  wakes_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return !goes_on(item); });
  return goes_on(item);
}

// --- Our own

Result<Secret> LiveItems::payload_key(const node::LiveOrder& order) {
  TRY_LET(const Secret text, parts_.keys.identity(order.key_name));
  TRY_LET(const auto identity, formats::AgeIdentity::from_text(as_text(text.view())));
  const evidence::SealedShape shape{.prefix_size = order.opening.prefix.size(),
                                    .prefix_sha256 = crypto::sha256(order.opening.prefix)};
  return evidence::payload_key_of(shape, order.opening.prefix, identity);
}

transfer::SignHead LiveItems::signer_of(const node::LiveOrder& order) {
  return [this, log = order.log, origin = order.origin](const std::string& text) {
    return parts_.signer.sign_checkpoint(log, origin, text);
  };
}

/// With the item's mutex held.
Result<transfer::LiveWriter*> LiveItems::writer_of(Item& item) {
  if (item.writer) return item.writer.get();
  const auto& order = item.order;
  if (!order.ours) return fault(FaultCode::evidence_unknown, order.opening.item.hex());
  TRY_LET(auto key, payload_key(order));
  TRY(parts_.files.make(order.opening.item));
  transfer::LiveWriter::Parts parts{.directory = parts_.files.directory(order.opening.item),
                                    .opening = order.opening,
                                    .payload_key = std::move(key),
                                    .origin = order.origin,
                                    .sequence = order.kind.sequence,
                                    .time = order.kind.time,
                                    .sign = signer_of(order),
                                    .clock = &parts_.clock,
                                    .has_room = [this] { return parts_.files.check_room(); },
                                    .has_begun = item.has_begun,
                                    .is_bytes = is_of_bytes(order)};
  TRY_LET(item.writer, transfer::LiveWriter::open(std::move(parts)));
  return item.writer.get();
}

/// Written down before the first record: from then on, files that are gone stop the item.
Result<void> LiveItems::begin(const ItemPtr& item) {
  {
    const std::lock_guard lock(item->mutex);
    if (item->has_begun) return {};
  }
  auto told = std::make_shared<std::promise<Result<void>>>();
  auto done = told->get_future();
  TRY(parts_.mailbox.post(
      [told, id = item->order.opening.item](node::Desk& desk) -> node::Afterwards {
        auto begun = desk.live_begun(id);
        return [told, begun = std::move(begun)] { told->set_value(begun); };
      }));
  while (done.wait_for(std::chrono::milliseconds(100)) != std::future_status::ready)
    if (is_stopping_) return fault(FaultCode::node_stopping);
  TRY(done.get());
  const std::lock_guard lock(item->mutex);
  item->has_begun = true;
  return {};
}

Result<std::uint64_t> LiveItems::take(const node::LiveOrder& order, const std::string& framing,
                                      node::Source& source) {
  TRY_LET(const auto how, transfer::source_framing(framing));
  if (is_of_bytes(order) != (how == transfer::SourceFraming::bytes))
    return fault(FaultCode::evidence_record, "an item of the kind " + order.opening.records +
                                                 " does not take its source as " + framing);
  TRY(parts_.files.check_room());
  auto item = find(order.opening.item);
  if (!item) {
    // Released a moment ago: the order to serve it follows with the next look.
    item = std::make_shared<Item>();
    item->order = order;
    item->has_begun = order.has_begun;
    item->is_served = item->is_new = true;
    const std::lock_guard lock(mutex_);
    item = items_.emplace(order.opening.item, item).first->second;
  }
  transfer::LiveWriter* writer = nullptr;
  {
    const std::lock_guard lock(item->mutex);
    if (item->is_taking) return fault(FaultCode::conflict, "another source is connected");
    TRY_LET(writer, writer_of(*item));
    item->is_taking = true;
  }
  auto taken = [&]() -> Result<std::uint64_t> {
    TRY(begin(item));
    if (!is_of_bytes(order)) return transfer::take_records(source, how, order.kind, *writer);
    TRY_LET(const auto count, transfer::take_file(source, *writer));
    // Durable and closed. If we die before the heart is told, taking it up tells it.
    end(item, std::string(transfer::k_source_ended));
    return count;
  }();
  const std::lock_guard lock(item->mutex);
  item->is_taking = false;
  return taken;
}

Result<void> LiveItems::send(const ItemId& id, std::uint64_t from, node::Sink& sink) {
  const auto item = find(id);
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  transfer::LiveWriter* writer = nullptr;
  {
    const std::lock_guard lock(item->mutex);
    TRY_LET(writer, writer_of(*item));
  }
  // What was closed is shown to its end: its last head went with the completion.
  return transfer::send_live(*writer, from, sink, k_heartbeat_ms, [this, &item, writer] {
    return !is_stopping_ && (writer->is_closed() || (item->is_served && !item->is_over));
  });
}

Result<void> LiveItems::acknowledge(const ItemId& id, View note) {
  const auto item = find(id);
  if (!item) return fault(FaultCode::evidence_unknown, id.hex());
  const std::lock_guard lock(item->mutex);
  if (!item->writer) return fault(FaultCode::evidence_unknown, id.hex());
  TRY_LET(const auto head, evidence::open_head(note, item->order.verifiers));
  return item->writer->acknowledge(head);
}

/// The file ends, the heart says so; if it can not say so now, the next orders ask again.
void LiveItems::end(const ItemPtr& item, const std::string& why) {
  const auto ended = [&]() -> Result<transfer::LiveWriter::Ended> {
    transfer::LiveWriter* writer = nullptr;
    {
      const std::lock_guard lock(item->mutex);
      TRY_LET(writer, writer_of(*item));
    }
    return writer->finish(why);
  }();
  const auto id = item->order.opening.item;
  if (!ended) return warn(id, "closing", ended.error());
  parts_.mailbox.finish([id, ended = *ended](node::Desk& desk) -> node::Afterwards {
    const auto told = desk.live_ended(id, ended.shape, ended.counts, ended.why);
    if (!told) warn(id, "completing", told.error());
    return {};
  });
}

// --- Those of partners

/// With the item's mutex held.
Result<transfer::LiveFollower*> LiveItems::follower_of(Item& item) {
  if (item.follower) return item.follower.get();
  const auto& order = item.order;
  TRY(parts_.files.make(order.opening.item));
  TRY_LET(item.follower,
          transfer::LiveFollower::open({.directory = parts_.files.directory(order.opening.item),
                                        .opening = order.opening,
                                        .verifiers = order.verifiers,
                                        .has_room = [this] { return parts_.files.check_room(); }}));
  return item.follower.get();
}

void LiveItems::follow(const ItemPtr& item) {
  const auto id = item->order.opening.item;
  auto wait_ms = k_retry_ms_min;
  while (goes_on(*item)) {
    const auto followed = [&]() -> Result<void> {
      TRY(parts_.files.check_room());
      node::LiveOrder order;
      transfer::LiveFollower* follower = nullptr;
      {
        const std::lock_guard lock(item->mutex);
        order = item->order;
        TRY_LET(follower, follower_of(*item));
      }
      if (follower->is_closed()) return {};
      TRY_LET(auto client, wire::Client::over_tls({order.endpoint.host, order.endpoint.port},
                                                  parts_.identity, order.tls_certificates));
      client.set_stall_s(k_live_stall_s);
      TRY_LET(const auto before, follower->begin());
      StoppableSink sink(*follower, [this, &item] { return goes_on(*item); });
      const auto response = client.fetch(
          "GET", fmt::format("/comity/v1/items/{}/live/{}", id.hex(), before), {}, sink);
      if (follower->chunks() > before) wait_ms = k_retry_ms_min;
      if (!response) return std::unexpected(response.error());
      if (response->status != 200) return std::unexpected(fault_of(*response));
      return {};
    }();
    if (!goes_on(*item)) return;
    if (!followed && followed.error().code == FaultCode::evidence_fork) {
      // Both heads are kept. No further: what this sender signs is worth nothing.
      item->is_forked = true;
      warn(id, "following", followed.error());
      parts_.mailbox.finish([id](node::Desk& desk) -> node::Afterwards {
        if (const auto told = desk.live_forked(id); !told) warn(id, "telling", told.error());
        return {};
      });
      return;
    }
    if (!followed) warn(id, "following", followed.error());
    if (!rest(wait_ms, *item)) return;
    wait_ms = std::min(2 * wait_ms, k_retry_ms_max);
  }
}

/// Over a connection of its own, so that nothing waits for the answer.
void LiveItems::acknowledge_all(const ItemPtr& item) {
  std::uint64_t told = 0;
  std::optional<wire::Client> client;
  while (goes_on(*item)) {
    transfer::LiveFollower* follower = nullptr;
    node::LiveOrder order;
    {
      const std::lock_guard lock(item->mutex);
      follower = item->follower.get();
      if (follower) order = item->order;
    }
    if (!follower) {
      if (!rest(k_retry_ms_min, *item)) return;
      continue;
    }
    const auto head = follower->wait_past(told, k_followed_looks_ms);
    if (!head || head->head.chunks <= told) {
      if (head && head->head.closed && !rest(k_followed_looks_ms, *item)) return;
      continue;
    }
    const auto sent = [&]() -> Result<void> {
      TRY_LET(const auto note,
              parts_.signer.sign_checkpoint(order.log, order.origin,
                                            evidence::head_text(order.origin, head->head)));
      if (!client) {
        TRY_LET(client, wire::Client::over_tls({order.endpoint.host, order.endpoint.port},
                                               parts_.identity, order.tls_certificates));
      }
      TRY_LET(
          const auto response,
          client->ask("POST", fmt::format("/comity/v1/items/{}/live", order.opening.item.hex()),
                      {{"Content-Type", "text/plain"}}, as_bytes(note), k_acknowledge_deadline_s));
      if (response.status != 204) return std::unexpected(fault_of(response));
      return {};
    }();
    if (sent) {
      told = head->head.chunks;
      if (!rest(k_acknowledge_every_ms, *item)) return;
      continue;
    }
    client.reset();
    if (!rest(k_retry_ms_min, *item)) return;
  }
}

// --- For officers

Result<void> LiveItems::read(const node::LiveOrder& order, std::uint64_t from, bool as_events,
                             node::Sink& sink) {
  const auto item = find(order.opening.item);
  if (!item) return fault(FaultCode::evidence_incomplete, "nothing of it is here yet");
  TRY_LET(auto key, payload_key(order));
  const transfer::LiveWriter* writer = nullptr;
  const transfer::LiveFollower* follower = nullptr;
  {
    const std::lock_guard lock(item->mutex);
    if (order.ours) {
      TRY_LET(writer, writer_of(*item));
    } else {
      TRY_LET(follower, follower_of(*item));
    }
  }
  const transfer::LiveView view{
      .directory = parts_.files.directory(order.opening.item),
      .prefix_size = order.opening.prefix.size(),
      .payload_key = std::move(key),
      .wait =
          [&](std::uint64_t chunks) {
            return writer ? writer->wait_past(chunks, k_heartbeat_ms)
                          : follower->wait_past(chunks, k_heartbeat_ms);
          },
      .goes_on = [&] { return !is_stopping_ && (!item->is_over || order.ours); }};
  std::string text;
  const auto take = [&](std::string_view line) -> Result<void> {
    text.clear();
    if (as_events)
      text.append("data: ").append(line).append("\n\n");
    else
      text.append(line).append("\n");
    return sink.write(as_bytes(text));
  };
  // Something is written now and then, so that a listener who has gone is noticed.
  const auto quiet = [&] { return sink.write(as_bytes(as_events ? ":\n\n" : "\n")); };
  if (is_of_bytes(order)) {
    // Bytes and no others: a listener who has gone is noticed when the next ones come.
    if (as_events || from != 1)
      return fault(FaultCode::bad_usage, "an item of bytes is read as it is, from its beginning");
    return transfer::read_bytes(
        view, [&](View bytes) { return sink.write(bytes); }, [] { return Result<void>(); });
  }
  return transfer::read_lines(view, from, take, quiet);
}

Result<void> LiveItems::tell(const ItemId& id, node::Sink& sink) {
  const auto item = find(id);
  if (!item) return fault(FaultCode::evidence_incomplete, "it is not open now");
  std::uint64_t chunks = 0, acknowledged = 0;
  bool is_first = true;
  while (!is_stopping_) {
    std::optional<transfer::SignedHead> head;
    std::optional<evidence::Head> theirs;
    const transfer::LiveWriter* writer = nullptr;
    const transfer::LiveFollower* follower = nullptr;
    {
      const std::lock_guard lock(item->mutex);
      writer = item->writer.get();
      follower = item->follower.get();
    }
    if (writer) {
      writer->wait_change(chunks, acknowledged, k_heartbeat_ms);
      head = writer->head();
      theirs = writer->acknowledged();
    } else if (follower) {
      head = follower->wait_past(chunks, k_heartbeat_ms);
    } else if (!rest(k_retry_ms_min, *item)) {
      return {};
    }
    const bool is_news = is_first || (head && head->head.chunks != chunks) ||
                         (theirs && theirs->chunks != acknowledged);
    is_first = false;
    if (!is_news) {
      TRY(sink.write(as_bytes("\n")));
      if (head && head->head.closed && item->is_over) return {};
      continue;
    }
    auto line = head ? counts_json(head->head) : Json::object();
    if (theirs) line.set("acknowledged", theirs->counts.records);
    if (writer) line.set("taken", writer->taken());
    TRY(sink.write(as_bytes(formats::canonical(line) + "\n")));
    chunks = head ? head->head.chunks : chunks;
    acknowledged = theirs ? theirs->chunks : acknowledged;
  }
  return {};
}

std::optional<Json> LiveItems::status(const ItemId& id) {
  const auto item = find(id);
  if (!item) return std::nullopt;
  const std::unique_lock lock(item->mutex, std::try_to_lock);
  if (!lock.owns_lock()) return std::nullopt;
  std::optional<transfer::SignedHead> head;
  if (item->writer) head = item->writer->head();
  if (item->follower) head = item->follower->head();
  auto json = head ? counts_json(head->head) : Json::object();
  json.set("has_source", item->is_taking);
  json.set("is_forked", item->is_forked.load());
  if (item->writer) {
    json.set("taken", item->writer->taken());
    if (const auto theirs = item->writer->acknowledged())
      json.set("acknowledged", theirs->counts.records);
  }
  return json;
}

}  // namespace comity
