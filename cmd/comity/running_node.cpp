#include "running_node.hpp"

#include <fmt/format.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>

#include "court/state_files.hpp"
#include "keys/node_keys.hpp"
#include "law.hpp"
#include "node/leftovers.hpp"
#include "transfer/descriptor_source.hpp"

namespace comity {
namespace {

constexpr int k_stop_deadline_s = 5;
constexpr std::size_t k_background_threads = 4;  // reads that a cold disk may delay
constexpr std::size_t k_background_queue = 1024;
constexpr std::size_t k_live_sources_max = 64;
constexpr std::string_view k_own_entry_setting = "entry/own";  // as the heart keeps it

/// What an officer's own command line handed over. It is looked at by the thread that seals it,
/// since a disk may be slow even to say what it is.
class HandedFile final : public node::Source {
 public:
  explicit HandedFile(int descriptor)
      : file_(transfer::File::adopt(descriptor, "the file handed over")) {}
  Result<std::size_t> read(std::span<std::uint8_t> into) override {
    TRY(look());
    return source_->read(into);
  }
  int whole_file() override {
    const bool is_whole = look() && ::lseek(source_->file().descriptor(), 0, SEEK_CUR) == 0;
    return is_whole ? source_->file().descriptor() : -1;
  }

 private:
  Result<void> look() {
    if (source_) return {};
    TRY_LET(auto source, transfer::DescriptorSource::of(std::move(file_)));
    if (!source.total()) return fault(FaultCode::bad_usage, "it is neither a file nor a disk");
    source_.emplace(std::move(source));
    return {};
  }

  transfer::File file_;
  std::optional<transfer::DescriptorSource> source_;
};

/// It lies beside this program, wherever that is.
transfer::Path survey_program() {
  std::error_code error;
  return std::filesystem::read_symlink("/proc/self/exe", error).parent_path() / "comity-survey";
}

std::shared_ptr<node::Source> source_of_file(int descriptor) {
  return std::make_shared<HandedFile>(descriptor);
}

/// Takes the entry that `comity init` made as ours: no officer is known yet who could.
node::Job take_first_entry(Bytes p7m, Result<void>& outcome) {
  return [p7m = std::move(p7m), &outcome](node::Desk& desk) -> node::Afterwards {
    const auto step = [&]() -> Result<void> {
      TRY_LET(const auto draft, desk.make_draft({}, formats::Json::object({
                                                        {"type", "statement"},
                                                        {"kind", "entry.renew"},
                                                        {"p7m", base64(p7m)},
                                                    })));
      TRY_LET(const auto id, DraftId::from_hex(draft.at("draft").text()));
      TRY(desk.send({}, id));
      return {};
    };
    outcome = step();
    return {};
  };
}

}  // namespace

Result<std::unique_ptr<RunningNode>> RunningNode::start(const std::filesystem::path& directory) {
  TRY_LET(auto home, store::Home::open(directory));
  TRY(home.check_permissions());
  std::unique_ptr<RunningNode> node(new RunningNode(std::move(home)));
  TRY(node->open_store());
  TRY(HomeBackups::clear(node->home_));
  TRY(node->start_heart());
  TRY(node->clear_leftovers());
  TRY(node->start_work());
  TRY(node->open_doors());
  return node;
}

Result<void> RunningNode::open_store() {
  std::error_code error;
  const bool is_new = !std::filesystem::exists(home_.database(), error);
  TRY_LET(store_, store::SqliteStore::open(home_.database(), is_new ? store::Opening::create
                                                                    : store::Opening::existing));
  log_files_ = std::make_unique<store::DiskLogFiles>(home_.logs());
  TRY_LET(signer_, keys::FileAuthoritySigner::load(home_.keys()));
  TRY_LET(log_signer_, keys::FileLogSigner::load(home_.keys()));
  TRY_LET(evidence_keys_, keys::FileEvidenceKeys::open(home_.keys(), random_));
  TRY_LET(auto tls, keys::load_tls_key(home_.keys()));
  identity_ = {tls.certificate.pem(), std::move(tls.private_key_pem)};
  return {};
}

Result<void> RunningNode::start_heart() {
  const auto file = home_.directory() / "entry.p7m";
  TRY_LET(Bytes entry, store::read_bounded(file, 2 * directory::k_entry_bytes_max));
  TRY_LET(const auto own, store_->setting(k_own_entry_setting));
  if (own) {
    // What officers put in force; the file is a copy to be handed out, and may have been left
    // behind.
    TRY_LET(Bytes in_force, from_base64(*own));
    if (in_force != entry) TRY(store::write_durably(file, in_force, store::k_secret_mode));
    entry = std::move(in_force);
  }
  TRY_LET(auto charter, load_charter(home_, entry));
  TRY(check_certificates(entry));
  const node::Ports ports{.store = *store_,
                          .log_files = *log_files_,
                          .signer = *signer_,
                          .opener = opener_,
                          .log_signer = *log_signer_,
                          .evidence_keys = *evidence_keys_,
                          .random = random_};
  heart_ =
      std::make_unique<node::Heart>(ports, std::move(charter), [this](const formats::Json& notice) {
        watch_.notice(notice);
        notices_.publish(notice);
      });
  TRY(heart_->start(clock_.now()));
  if (own) return {};
  Result<void> taken;
  TRY(heart_->turn({take_first_entry(entry, taken)}, clock_.now()));
  return taken;
}

/// A certificate of ours that is not what our root signed, or that our entry does not name, is no
/// secret and no danger: nobody will take it. It is named, so that people need not learn it from
/// their partners.
Result<void> RunningNode::check_certificates(View own_entry) const {
  TRY_LET(const auto entry, court::open_entry_file(own_entry));
  const auto check = [&](const char* file, const crypto::Certificate& certificate,
                         crypto::Usage usage, bool is_named) {
    const auto holds =
        crypto::verify_issued(certificate, entry.root, usage, certificate.not_before());
    if (holds && is_named) return;
    const auto& row = row_of(holds ? FaultCode::directory_role : holds.error().code);
    spdlog::error("keys/{}: {}: {} {} Partners will not take what it signs: docs/runbooks.", file,
                  row.name, row.happened,
                  holds ? "It is not in this State's entry in force." : holds.error().detail);
  };
  const auto& authority = signer_->certificate();
  check("authority.crt", authority, crypto::Usage::authority,
        std::ranges::find(entry.authorities, authority, &directory::Authority::certificate) !=
            entry.authorities.end());
  if (const auto tls = crypto::Certificate::from_pem(identity_.certificate_pem))
    check("tls.crt", *tls, crypto::Usage::tls,
          std::ranges::find(entry.tls, *tls) != entry.tls.end());
  if (!log_signer_->holds(entry.logs))
    spdlog::error(
        "keys/log-*.key: not the keys that this State's entry in force names. Partners will not "
        "take our receipts: docs/runbooks.");
  return {};
}

/// Bytes of what is no more: of a seal that broke off, of an item that was destroyed or whose
/// delivery became void. If we die here, the next start goes on. What no row speaks of is kept and
/// named, and so is what rows speak of and is not there: both are for people to look into.
Result<void> RunningNode::clear_leftovers() {
  const store::EvidenceFiles files(home_.evidence());
  TRY_LET(const auto items, files.items());
  for (const auto& id : items) {
    TRY_LET(const auto need, node::need_of_bytes(*store_, id));
    if (need == node::Need::unknown)
      spdlog::warn("evidence/{}: no item of this name is known; it is left alone", id.hex());
    if (need == node::Need::leftover) TRY(files.remove(id));
  }
  TRY_LET(const auto keys, evidence_keys_->names());
  for (const auto& name : keys) {
    TRY_LET(const auto need, node::need_of_key(*store_, name));
    if (need == node::Need::unknown)
      spdlog::warn("keys/evidence/{}: nothing known needs this key; it is left alone", name);
  }
  const auto has_bytes = [&](const ItemId& id) {
    const auto size = files.sealed_size(id);
    return size && *size;
  };
  TRY_LET(const auto missing, node::missing_of(*store_, *evidence_keys_, has_bytes));
  for (const auto& one : missing)
    spdlog::error("item {} ({}): its {} should be here and can not be found", one.item.hex(),
                  one.name, one.what);
  return {};
}

Result<void> RunningNode::start_work() {
  const auto& limits = home_.settings().limits;
  const store::EvidenceFiles files(home_.evidence());
  vault_ = std::make_unique<HomeVault>(HomeVault::Parts{.files = files,
                                                        .keys = *evidence_keys_,
                                                        .random = random_,
                                                        .progress = progress_,
                                                        .item_bytes_max = limits.item_bytes_max,
                                                        .survey_program = survey_program(),
                                                        .stop = stopping_.get_token()});
  backups_ = std::make_unique<HomeBackups>(
      HomeBackups::Parts{.home = home_, .store = *store_, .clock = clock_, .random = random_});
  lines_ = std::make_unique<Lines>(clock_, home_.settings().lines);
  background_ = std::make_unique<BackgroundWorkers>(k_background_threads, k_background_queue);
  // None waits: whoever sends bytes would wait at the other end, with a connection that stalls.
  sealing_ = std::make_unique<BackgroundWorkers>(limits.transfers_max, 0);
  live_ = std::make_unique<LiveItems>(LiveItems::Parts{.mailbox = mailbox_,
                                                       .files = files,
                                                       .keys = *evidence_keys_,
                                                       .signer = *log_signer_,
                                                       .clock = clock_,
                                                       .identity = identity_.clone()});
  sources_ = std::make_unique<BackgroundWorkers>(k_live_sources_max, 0);
  router_ = std::make_unique<api::Router>(
      api::ApiPorts{clock_, random_, mailbox_, *background_, *sealing_, *sources_, notices_,
                    *vault_, *backups_, *live_},
      api::Nameplate{home_.settings().state, home_.settings().exercise});
  peer_door_ = std::make_unique<api::PeerDoor>(mailbox_, *background_, *vault_, *live_);
  TRY_LET(outbox_, Outbox::make(mailbox_, identity_));
  fetching_ = std::make_unique<Fetching>(Fetching::Parts{.mailbox = mailbox_,
                                                         .files = files,
                                                         .identity = identity_.clone(),
                                                         .progress = progress_,
                                                         .lines = *lines_,
                                                         .live = *live_,
                                                         .item_bytes_max = limits.item_bytes_max,
                                                         .transfers_max = limits.transfers_max});
  return {};
}

Result<void> RunningNode::open_doors() {
  const auto& settings = home_.settings();
  wire::ServerOptions options;
  options.limits.connections_max = settings.limits.connections_max;
  const auto handle = [this](node::Call call, node::Reply reply) {
    if (call.door == node::Door::peer) return peer_door_->handle(std::move(call), std::move(reply));
    router_->handle(std::move(call), std::move(reply));
  };
  const auto pace_of = [this](const StateCode& peer, const node::Cargo& cargo) -> wire::Pace {
    return [passage = lines_->enter(peer, Way::out, cargo)](std::uint64_t bytes) {
      return passage->ask(bytes);
    };
  };
  server_ =
      std::make_unique<wire::Server>(wire::Handlers{handle, api::Router::takes_bulk, source_of_file,
                                                    pace_of, api::Router::is_patient},
                                     options);
  TRY_LET(peers_port_, server_->open(wire::PeersDoor{
                           settings.listen.host, settings.listen.port, identity_.clone(),
                           [this](const Digest& certificate) { return pins_.of(certificate); }}));
  TRY(server_->open(wire::SocketDoor{home_.socket().string()}));
  if (settings.console) {
    TRY_LET(console_port_,
            server_->open(wire::ConsoleDoor{settings.console->host, settings.console->port}));
  }
  const auto remove_bytes = [this](const ItemId& item) {
    const bool is_taken = background_->run([this, item] {
      if (const auto removed = vault_->remove(item); !removed)
        spdlog::error("item {}: its bytes are still there: {}", item.hex(), removed.error().detail);
    });
    if (!is_taken) spdlog::warn("item {}: its bytes go at the next start", item.hex());
  };
  // Last, so that a door that can not be opened sends nothing.
  heart_thread_ = std::make_unique<HeartThread>(HeartThread::Parts{.heart = *heart_,
                                                                   .clock = clock_,
                                                                   .mailbox = mailbox_,
                                                                   .outbox = *outbox_,
                                                                   .backups = *backups_,
                                                                   .fetching = *fetching_,
                                                                   .lines = *lines_,
                                                                   .live = *live_,
                                                                   .pins = pins_,
                                                                   .watch = watch_,
                                                                   .remove_bytes = remove_bytes});
  scrubbing_ =
      std::make_unique<Scrubbing>(Scrubbing::Parts{.mailbox = mailbox_,
                                                   .files = store::EvidenceFiles(home_.evidence()),
                                                   .bytes_s = settings.limits.scrub_bytes_s});
  return {};
}

/// Doors first, so that nothing new comes; then what was under way; the heart last, which writes
/// down how that ended. A letter without an answer is sent again at the next start.
RunningNode::~RunningNode() {
  notices_.close();
  if (server_) server_->stop(k_stop_deadline_s);
  stopping_.request_stop();
  if (live_) live_->stop();
  if (sealing_) sealing_->join();
  if (sources_) sources_->join();
  if (background_) background_->join();
  if (fetching_) fetching_->stop();
  if (scrubbing_) scrubbing_->stop();
  if (backups_) backups_->stop();
  heart_thread_.reset();
  outbox_.reset();
}

Result<node::Json> RunningNode::back_up(const std::filesystem::path& directory,
                                        const node::Json& input) {
  TRY_LET(auto home, store::Home::open(directory));
  TRY(home.check_permissions());
  RunningNode still(std::move(home));
  TRY(still.open_store());
  TRY(HomeBackups::clear(still.home_));
  TRY(still.start_heart());
  const HomeBackups::Parts parts{
      .home = still.home_, .store = *still.store_, .clock = still.clock_, .random = still.random_};
  Result<node::Json> answer = fault(FaultCode::node_stopping);
  const auto turn = [&](std::function<Result<void>(node::Desk&)> step) -> Result<void> {
    Result<void> done;
    TRY(still.heart_->turn({[&](node::Desk& desk) -> node::Afterwards {
                             done = step(desk);
                             return {};
                           }},
                           still.clock_.now()));
    return done;
  };
  node::BackupOrder order;
  TRY(turn([&](node::Desk& desk) -> Result<void> {
    TRY_LET(order, desk.begin_backup({}, input));
    return {};
  }));
  const auto outcome = HomeBackups::make_now(parts, order);
  TRY(turn([&](node::Desk& desk) -> Result<void> {
    if (!outcome) return desk.backup_failed(order, outcome.error());
    TRY_LET(answer, desk.backup_made(order, *outcome));
    return {};
  }));
  TRY(still.heart_->settle(still.clock_.now()));
  if (!outcome) return std::unexpected(outcome.error());
  return answer;
}

std::string RunningNode::banner() const {
  const auto& settings = home_.settings();
  std::string text =
      fmt::format("comity: {} serves peers at {}, officers at {}", settings.state.text(),
                  store::to_text(directory::Endpoint{settings.listen.host, peers_port_}),
                  home_.socket().string());
  if (settings.console)
    text += fmt::format(", console at {}",
                        store::to_text(directory::Endpoint{settings.console->host, console_port_}));
  return text + (settings.exercise ? " (EXERCISE)" : "");
}

}  // namespace comity
