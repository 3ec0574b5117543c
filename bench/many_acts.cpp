// Fills the home of a node that is stopped with acts, as many as years of work would leave: real
// rows, a real log with the home's own keys, signed checkpoints and tiles. The acts' bytes are one
// act's again and again, under another id each. For the measurement of a start (restart.py).
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstring>

#include "crypto/digest.hpp"
#include "exchange/life.hpp"
#include "keys/key_files.hpp"
#include "keys/memory_keys.hpp"
#include "law/sample_test.hpp"
#include "node/office.hpp"
#include "store/home.hpp"
#include "store/log_files.hpp"
#include "store/sqlite_store.hpp"

namespace {

using namespace comity;
using formats::Json;

constexpr std::size_t k_batch = 1000, k_acts_of_an_exchange = 4, k_p7m_bytes = 2500;

template <typename T>
T must(Result<T> result) {
  if (!result) {
    fmt::print(stderr, "many_acts: {}: {}\n", row_of(result.error().code).name,
               result.error().detail);
    std::exit(1);
  }
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

ExchangeId exchange_of(std::size_t number) {
  const auto digest = crypto::sha256(as_bytes(fmt::format("exchange {}", number)));
  return *ExchangeId::from_bytes(digest.view().first(16));
}

/// What four receipted acts of an exchange leave behind.
void put_exchange(node::Turn& turn, std::size_t number, const StateCode& partner) {
  must(turn.store().put_exchange({.id = exchange_of(number),
                                  .partner = partner,
                                  .our_side = node::Side::requested,
                                  .instrument = "un-cybercrime-2024",
                                  .measure = "stored-data",
                                  .phase = "closed",
                                  .life = exchange::Life().to_text(),
                                  .opened_at = turn.now,
                                  .changed_at = turn.now}));
}

void put_act(node::Turn& turn, std::size_t number, const StateCode& partner, const Bytes& p7m) {
  const auto id = crypto::sha256(as_bytes(fmt::format("act {}", number)));
  const auto exchange = exchange_of(number / k_acts_of_an_exchange);
  const auto log = node::partner_log(partner);
  const auto index = must(node::note(turn, log, custody::EntryKind::act_received,
                                     Json::object({{"act", id.hex()},
                                                   {"p7m", crypto::sha256(p7m).hex()},
                                                   {"sequence", number % k_acts_of_an_exchange + 1},
                                                   {"side", "requester"},
                                                   {"type", "supplement"}}),
                                     {.exchange = exchange}));
  must(turn.store().put_act({.id = id,
                             .exchange = exchange,
                             .side = node::Side::requester,
                             .sequence = number % k_acts_of_an_exchange + 1,
                             .type = node::ActType::supplement,
                             .draft = *DraftId::from_bytes(id.view().first(16)),
                             .p7m = p7m,
                             .logged_at = turn.now,
                             .log_index = index,
                             .standing = node::Standing::logged,
                             .receipt = std::string(1200, 'r')}));
}

/// As the heart does now and then: the files are durable, and a start need not write them anew.
void settle(node::Office& office) {
  must(office.ports.log_files.sync());
  must(office.ports.store.begin());
  for (auto& [name, book] : office.books) {
    if (!book.state) continue;
    book.installed = book.state->size();
    must(office.ports.store.put_log({.name = name,
                                     .origin = book.state->origin(),
                                     .size = book.state->size(),
                                     .edge = book.state->edge().bytes(),
                                     .checkpoint = book.state->checkpoint(),
                                     .installed = book.installed}));
  }
  must(office.ports.store.commit());
}

void fill(const std::string& directory, std::size_t acts) {
  const auto home = must(store::Home::open(directory));
  const auto rows = must(store::SqliteStore::open(home.database(), store::Opening::existing));
  store::DiskLogFiles files(home.logs());
  SystemRandom random;
  SystemClock clock;
  keys::CmsOpener opener;
  const auto signer = must(keys::FileAuthoritySigner::load(home.keys()));
  const auto log_signer = must(keys::FileLogSigner::load(home.keys()));
  keys::MemoryEvidenceKeys evidence_keys(random);
  node::Office office{.ports = {*rows, files, *signer, opener, *log_signer, evidence_keys, random},
                      .charter = {.state = home.settings().state,
                                  .exercise = true,
                                  .origin_prefix = home.settings().log_origin_prefix,
                                  .treaties = treaty::sample::shared_treaties(),
                                  .registers = treaty::sample::exercise_registers(),
                                  .profile = law::sample::exercise_profile(),
                                  .root = signer->certificate()},
                      .notify = {}};
  must(node::open_books(office));
  const auto partner = *StateCode::from_text("BFA");
  const Bytes p7m(k_p7m_bytes, 0x30);
  for (std::size_t number = 0; number < acts;) {
    node::Turn turn{.office = office, .now = clock.now()};
    must(rows->begin());
    for (std::size_t i = 0; i < k_batch && number < acts; ++i, ++number) {
      if (number % k_acts_of_an_exchange == 0)
        put_exchange(turn, number / k_acts_of_an_exchange, partner);
      put_act(turn, number, partner, p7m);
    }
    must(node::seal_books(turn));
    must(rows->commit());
    must(node::publish(turn));
    if (number % (20 * k_batch) == 0 || number == acts) settle(office);
  }
}

}  // namespace

int main(int count, char** arguments) {
  std::size_t acts = 0;
  if (count != 3 ||
      std::from_chars(arguments[2], arguments[2] + std::strlen(arguments[2]), acts).ec !=
          std::errc()) {
    fmt::print(stderr, "usage: many_acts HOME COUNT\n");
    return 2;
  }
  fill(arguments[1], acts);
}
