#include "wire/access_log.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace comity::wire {
namespace {

spdlog::logger& logger() {
  static const auto log = [] {
    auto made = std::make_shared<spdlog::logger>("access",
                                                 std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%eZ %v", spdlog::pattern_time_type::utc);
    return made;
  }();
  return *log;
}

std::string_view name_of(node::Door door) {
  switch (door) {
    case node::Door::peer:
      return "peer";
    case node::Door::socket:
      return "socket";
    case node::Door::console:
      return "console";
  }
  return "";
}

}  // namespace

void log_call(const CallLine& line, int status, std::int64_t took_ms) {
  logger().info("{} {} {} {} {} ms {}", name_of(line.door), line.method, line.path, status, took_ms,
                line.peer ? line.peer->text() : "-");
}

}  // namespace comity::wire
