#include "wire/client.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/check.hpp"
#include "wire/exchange.hpp"

namespace comity::wire {
namespace {

constexpr milliseconds k_connect{10'000};

/// RFC 9110 §9.2.2: only these may be sent again when it is not known whether they arrived.
bool is_repeatable(std::string_view method) {
  constexpr std::array<std::string_view, 4> repeatable = {"GET", "HEAD", "PUT", "DELETE"};
  return std::find(repeatable.begin(), repeatable.end(), method) != repeatable.end();
}

std::string authority(const Endpoint& at) {
  return at.host.find(':') == std::string::npos ? fmt::format("{}:{}", at.host, at.port)
                                                : fmt::format("[{}]:{}", at.host, at.port);
}

}  // namespace

/// Runs the same coroutines as the peers' client, on the calling thread and one at a time.
struct Client::Parts {
  asio::io_context io{1};
  std::string path;  // of a Unix socket, or
  Endpoint endpoint;
  std::shared_ptr<TlsContext> context;
  std::unique_ptr<Exchange> exchange;
  milliseconds stall{60'000};

  Result<Response> run(const Question& question) {
    std::optional<Result<Response>> result;
    auto life = [&]() -> asio::awaitable<void> {
      result = co_await ask(question);
      io.stop();  // a watchdog may still be set
    };
    io.restart();
    asio::co_spawn(io, life, asio::detached);
    io.run();
    return std::move(*result);
  }

  asio::awaitable<Result<Response>> ask(const Question& question) {
    const bool is_kept = exchange && exchange->is_usable();
    if (!is_kept) {
      const auto reached = co_await reach(question.deadline);
      if (!reached) co_return std::unexpected(reached.error());
    }
    auto response = co_await exchange->ask(question);
    const bool is_stale = is_kept && !response && !exchange->is_touched() && !question.source &&
                          response.error().code == FaultCode::peer_unreachable;
    if (!is_stale || !is_repeatable(question.method)) co_return response;
    const auto reached = co_await reach(question.deadline);
    if (!reached) co_return std::unexpected(reached.error());
    co_return co_await exchange->ask(question);
  }

  asio::awaitable<Result<void>> reach(Moment deadline) {
    const std::string host = context ? authority(endpoint) : "localhost";
    exchange = std::make_unique<Exchange>(io.get_executor(), host);
    const Moment by = std::min(deadline, in(k_connect));
    if (!context) {
      auto done = co_await exchange->reach_local(path, by);
      if (!done && done.error().code == FaultCode::peer_unreachable)
        done = fault(FaultCode::node_down, path + ": " + done.error().detail);
      co_return done;
    }
    auto endpoints = resolve(endpoint.host, endpoint.port);
    if (!endpoints) co_return std::unexpected(endpoints.error());
    co_return co_await exchange->reach_tls(std::move(*endpoints), context, by);
  }
};

Client::Client(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Client::~Client() = default;
Client::Client(Client&&) noexcept = default;
Client& Client::operator=(Client&&) noexcept = default;

Result<Client> Client::over_socket(std::string path) {
  auto parts = std::make_unique<Parts>();
  parts->path = std::move(path);
  return Client(std::move(parts));
}

Result<Client> Client::over_tls(Endpoint endpoint, const TlsIdentity& identity,
                                std::vector<Digest> server_certificates) {
  auto parts = std::make_unique<Parts>();
  const auto accept = [pins = std::move(server_certificates)](const Digest& shown) {
    return std::ranges::find(pins, shown) != pins.end();
  };
  TRY_LET(parts->context, TlsContext::make(TlsContext::Side::client, identity, accept));
  parts->endpoint = std::move(endpoint);
  return Client(std::move(parts));
}

Result<Response> Client::ask(std::string_view method, std::string_view target,
                             const Headers& headers, View body, int deadline_s) {
  Question question{method, target, &headers, body};
  question.stall = seconds(deadline_s);
  question.deadline = in(seconds(deadline_s));
  return parts_->run(question);
}

Result<Response> Client::send_bulk(std::string_view method, std::string_view target,
                                   const Headers& headers, node::Source& source) {
  Question question{method, target, &headers};
  question.source = &source;
  question.stall = parts_->stall;
  return parts_->run(question);
}

Result<Response> Client::send_file(std::string_view method, std::string_view target,
                                   const Headers& headers, int file) {
  CHECK(!parts_->context);
  Question question{method, target, &headers};
  question.file = file;
  question.stall = parts_->stall;
  return parts_->run(question);
}

Result<Response> Client::fetch(std::string_view method, std::string_view target,
                               const Headers& headers, node::Sink& sink) {
  Question question{method, target, &headers};
  question.sink = &sink;
  question.stall = parts_->stall;
  return parts_->run(question);
}

void Client::set_stall_s(int stall_s) {
  parts_->stall = seconds(stall_s);
}

std::string url_encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool is_unreserved = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
                               (c >= 'A' && c <= 'Z') || c == '-' || c == '.' || c == '_' ||
                               c == '~';
    if (is_unreserved)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

std::string target(std::string_view path,
                   const std::vector<std::pair<std::string, std::string>>& query) {
  std::string out(path);
  char before = '?';
  for (const auto& [name, value] : query) {
    out += before;
    out.append(url_encoded(name)).append("=").append(url_encoded(value));
    before = '&';
  }
  return out;
}

}  // namespace comity::wire
