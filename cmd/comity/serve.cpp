#include "serve.hpp"

#include <fmt/format.h>
#include <signal.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <cstdio>

#include "keys/hardening.hpp"
#include "running_node.hpp"

namespace comity {
namespace {

/// Of this thread and all that it starts: they wait here for one thread that asks for them.
sigset_t hold_stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  signal(SIGPIPE, SIG_IGN);
  return signals;
}

int tell(const Fault& fault) {
  const auto& row = row_of(fault.code);
  // Not fmt::print, which throws: these words may go to the very disk that is full.
  const auto said =
      fmt::format("comity: {}\n  {}\n  {} ({})\n", row.happened, fault.detail, row.next, row.name);
  std::fputs(said.c_str(), stderr);
  return row.exit_code;
}

}  // namespace

int serve(const std::filesystem::path& directory) {
  if (const auto hard = keys::harden_process(); !hard) return tell(hard.error());
  spdlog::set_default_logger(spdlog::stderr_logger_mt("comity"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %l %v", spdlog::pattern_time_type::utc);
  const sigset_t signals = hold_stop_signals();
  if (!keys::lock_memory())
    spdlog::info(
        "memory is not locked: keys may come to lie in swap; deploy/comity@.service locks it");

  auto node = RunningNode::start(directory);
  if (!node) return tell(node.error());
  std::fputs(((*node)->banner() + '\n').c_str(), stdout);
  std::fflush(stdout);

  int signal_number = 0;
  sigwait(&signals, &signal_number);
  spdlog::info("stopping");
  node->reset();
  spdlog::info("stopped; everything is stored");
  return 0;
}

}  // namespace comity
