// The named limits of everything that arrives by a socket. Each has a test at the limit and one
// past it. A server takes them as a value, so that a test can shorten the times.
#pragma once

#include <chrono>
#include <cstddef>

namespace comity::wire {

using std::chrono::milliseconds;
using std::chrono::seconds;

inline constexpr std::size_t k_kib = 1024;
inline constexpr std::size_t k_mib = 1024 * k_kib;

inline constexpr std::size_t k_head_bytes_max = 16 * k_kib;   // start line and headers
inline constexpr std::size_t k_head_fields_max = 64;          // headers in one message
inline constexpr std::size_t k_query_names_max = 32;          // names in one query
inline constexpr std::size_t k_body_bytes_max = 2 * k_mib;    // a whole body, own doors
inline constexpr std::size_t k_act_bytes_max = 8 * k_mib;     // a whole body, peers' door
inline constexpr std::size_t k_answer_bytes_max = 8 * k_mib;  // a whole answer, by a client
inline constexpr std::size_t k_interim_answers_max = 16;      // before one that counts
inline constexpr std::size_t k_pipe_bytes = k_mib;            // held of one bulk body
inline constexpr std::size_t k_slab_bytes = 256 * k_kib;      // one read or write of bulk
inline constexpr std::size_t k_socket_path_bytes_max = 107;   // sun_path, unix(7)

inline constexpr std::size_t k_peer_connections_max = 32;     // of one State
inline constexpr std::size_t k_antechamber_max = 128;         // TLS clients not yet known
inline constexpr std::size_t k_producers_max = 64;            // bodies produced at once
inline constexpr std::size_t k_outbound_queue_max = 1024;     // calls waiting for one peer
inline constexpr std::size_t k_outbound_connections_max = 4;  // to one peer
inline constexpr std::size_t k_certificate_pem_bytes_max = 64 * k_kib;

/// What a server holds its callers to.
struct ServerLimits {
  milliseconds handshake{10'000};    // from accept to a finished TLS handshake
  milliseconds header{10'000};       // from the first byte of a head to its last
  milliseconds idle{60'000};         // between calls
  milliseconds stall{30'000};        // without one byte moving, in a body or an answer
  milliseconds patience{3'600'000};  // the same in a body that is allowed to rest
  milliseconds linger{2'000};        // for a caller to take the last answer before the close
  std::size_t whole_body_bytes_per_s_min = 512;  // slower than this, a whole body is given up
  std::size_t body_bytes_max = k_body_bytes_max;
  std::size_t act_bytes_max = k_act_bytes_max;
  std::size_t connections_max = 512;  // at each door
  std::size_t peer_connections_max = k_peer_connections_max;
  std::size_t antechamber_max = k_antechamber_max;
  std::size_t producers_max = k_producers_max;
};

}  // namespace comity::wire
