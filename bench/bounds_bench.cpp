// What this machine can do at most: each primitive that evidence needs, per byte on one core, by
// the very functions that the node calls; and writing to a disk by two writers. Prints one JSON
// object. usage: bounds_bench FOLDER MIB    (files of MIB mebibytes are written in FOLDER, and
// removed)
#include <fcntl.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstring>
#include <functional>
#include <thread>

#include "base/check.hpp"
#include "base/page_buffer.hpp"
#include "crypto/digest.hpp"
#include "formats/age_stream.hpp"
#include "formats/merkle.hpp"
#include "transfer/file.hpp"

namespace comity {
namespace {

using Clock = std::chrono::steady_clock;
using transfer::File;
using transfer::Path;

constexpr std::size_t k_block = 1UL << 20;
constexpr std::size_t k_record = 16384;  // RFC 8446 §5.1
constexpr int k_rounds = 5;              // the best of them is the bound
constexpr std::chrono::milliseconds k_round{200};

double seconds(Clock::duration time) {
  return std::chrono::duration<double>(time).count();
}

/// Seconds of processor that this process has used: what another program takes does not count.
double cpu_s() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  const auto of = [](const timeval& time) {
    return double(time.tv_sec) + double(time.tv_usec) / 1e6;
  };
  return of(usage.ru_utime) + of(usage.ru_stime);
}

/// Nanoseconds a byte, of work that does `bytes` at a time.
double ns_per_byte(std::size_t bytes, const std::function<void()>& work) {
  double best = 1e9;
  for (int round = 0; round < k_rounds; ++round) {
    std::size_t times = 0;
    const double start = cpu_s();
    const auto until = Clock::now() + k_round;
    for (; Clock::now() < until; ++times) work();
    best = std::min(best, (cpu_s() - start) * 1e9 / double(times * bytes));
  }
  return best;
}

Bytes incompressible(std::size_t size) {
  Bytes bytes(size);
  std::uint64_t state = 88172645463325252ULL;
  for (std::size_t at = 0; at + 8 <= size; at += 8) {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    std::memcpy(bytes.data() + at, &state, 8);
  }
  return bytes;
}

/// One record of TLS_AES_128_GCM_SHA256, as OpenSSL does it beneath a connection.
class Record {
 public:
  explicit Record(int encrypt) : context_(EVP_CIPHER_CTX_new()), encrypt_(encrypt) {
    const Bytes key(16, 7);
    CHECK(EVP_CipherInit_ex(context_, EVP_aes_128_gcm(), nullptr, key.data(), nullptr, encrypt) ==
          1);
  }
  ~Record() { EVP_CIPHER_CTX_free(context_); }
  Record(const Record&) = delete;
  Record& operator=(const Record&) = delete;
  void run(std::span<std::uint8_t> bytes) {
    const Bytes nonce(12, 1);
    std::uint8_t header[5] = {23, 3, 3, 64, 17}, tag[16] = {};
    int size = 0;
    CHECK(EVP_CipherInit_ex(context_, nullptr, nullptr, nullptr, nonce.data(), encrypt_) == 1);
    if (!encrypt_) EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_SET_TAG, 16, tag);
    CHECK(EVP_CipherUpdate(context_, nullptr, &size, header, sizeof header) == 1);
    CHECK(EVP_CipherUpdate(context_, bytes.data(), &size, bytes.data(), int(bytes.size())) == 1);
    // The tag of a record that is opened here is wrong, which costs the same to find out.
    const int done = EVP_CipherFinal_ex(context_, tag, &size);
    CHECK(!encrypt_ || done == 1);
    if (encrypt_) EVP_CIPHER_CTX_ctrl(context_, EVP_CTRL_AEAD_GET_TAG, 16, tag);
  }

 private:
  EVP_CIPHER_CTX* context_;
  int encrypt_;
};

/// CPU of both ends for a byte through a TCP connection on the loopback.
double loopback_ns() {
  const int listening = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  CHECK(::bind(listening, reinterpret_cast<sockaddr*>(&address), size) == 0);
  CHECK(::listen(listening, 1) == 0);
  CHECK(::getsockname(listening, reinterpret_cast<sockaddr*>(&address), &size) == 0);
  constexpr std::size_t k_slab = 256UL << 10, k_total = 2UL << 30;
  std::thread sender([&] {
    const int out = ::socket(AF_INET, SOCK_STREAM, 0);
    CHECK(::connect(out, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
    const PageBuffer slab(k_slab);
    for (std::size_t sent = 0; sent < k_total;) {
      const auto some = ::send(out, slab.data(), std::min(slab.size(), k_total - sent), 0);
      CHECK(some > 0);
      sent += std::size_t(some);
    }
    ::close(out);
  });
  const int in = ::accept(listening, nullptr, nullptr);
  PageBuffer slab(k_slab);
  const double before = cpu_s();
  while (::recv(in, slab.data(), slab.size(), 0) > 0) {
  }
  const double spent = cpu_s() - before;
  sender.join();
  ::close(in);
  ::close(listening);
  return spent * 1e9 / double(k_total);
}

File must(Result<File> file) {
  CHECK(file.has_value());
  return *std::move(file);
}

/// MiB a second of two writers at once, until all of it is durable.
double two_writers(const Path& folder, std::size_t mib, bool direct) {
  void* memory = nullptr;
  CHECK(::posix_memalign(&memory, 4096, 4 * k_block) == 0);
  const auto bytes = incompressible(4 * k_block);
  std::memcpy(memory, bytes.data(), bytes.size());
  const View block(static_cast<std::uint8_t*>(memory), bytes.size());
  std::vector<std::thread> writers;
  ::sync();
  const auto start = Clock::now();
  for (const std::string name : {"first", "second"})
    writers.emplace_back([&, path = folder / ("writing-" + name)] {
      auto file = must(File::open(path, O_WRONLY | O_CREAT | O_TRUNC | (direct ? O_DIRECT : 0)));
      CHECK(file.reserve(0, mib << 20).has_value());
      for (std::size_t at = 0; at < mib << 20; at += block.size()) {
        CHECK(file.write_at(block, at).has_value());
        if (!direct) file.write_behind(at + block.size());
      }
      CHECK(file.sync_data().has_value());
      CHECK(transfer::remove_tree(path).has_value());
    });
  for (auto& writer : writers) writer.join();
  const double rate = 2.0 * double(mib) / seconds(Clock::now() - start);
  ::free(memory);
  return rate;
}

void measure(const Path& folder, std::size_t mib) {
  std::string rows;
  const auto row = [&](std::string_view name, double ns) {
    rows += fmt::format("{}\"{}\": {:.4f}", rows.empty() ? "" : ", ", name, ns);
  };
  const auto plain = incompressible(k_block);
  Bytes sealed(formats::k_age_sealed_chunk_size);
  const View chunk = View(plain).first(formats::k_age_chunk_size);
  crypto::Sha256 sha256;
  row("plaintext_sha256", ns_per_byte(k_block, [&] { sha256.update(plain); }));
  const Secret key(Bytes(32, 9));
  formats::AgeChunkCipher cipher(key);
  row("chunk_seal", ns_per_byte(chunk.size(), [&] { cipher.seal(0, false, chunk, sealed); }));
  Bytes opened(chunk.size());
  row("chunk_open",
      ns_per_byte(chunk.size(), [&] { CHECK(cipher.open(0, false, sealed, opened).has_value()); }));
  row("sha256_of_the_library",
      ns_per_byte(sealed.size(), [&] { (void)formats::leaf_hash(sealed); }));
  const auto other = sealed;
  const std::array<View, 2> chunks = {sealed, other};
  std::array<Digest, 2> leaves;
  row("chunk_leaf_hash",
      ns_per_byte(2 * sealed.size(), [&] { formats::leaf_hashes(chunks, leaves); }));
  Bytes record(plain.begin(), plain.begin() + k_record);
  Record encrypting(1), decrypting(0);
  row("tls_encrypt", ns_per_byte(k_record, [&] { encrypting.run(record); }));
  row("tls_decrypt", ns_per_byte(k_record, [&] { decrypting.run(record); }));
  row("loopback", loopback_ns());
  PageBuffer block(k_block);
  row("copy", ns_per_byte(k_block, [&] {
        std::memcpy(block.data(), plain.data(), k_block);
        asm volatile("" : : "r"(block.data()) : "memory");
      }));
  {
    const Path path = folder / "bounds";
    const auto file = must(File::open(path, O_RDWR | O_CREAT | O_TRUNC));
    constexpr std::size_t k_blocks = 64;
    CHECK(file.reserve(0, k_blocks * k_block).has_value());
    double best = 1e9;
    for (int round = 0; round < k_rounds; ++round) {
      CHECK(::ftruncate(file.descriptor(), 0) == 0);
      CHECK(file.reserve(0, k_blocks * k_block).has_value());
      const double before = cpu_s();
      for (std::size_t i = 0; i < k_blocks; ++i)
        CHECK(file.write_at(plain, i * k_block).has_value());
      best = std::min(best, (cpu_s() - before) * 1e9 / double(k_blocks * k_block));
    }
    row("file_write", best);
    std::size_t at = 0;
    row("file_read", ns_per_byte(k_block, [&] {
          CHECK(file.read_at(block.span(), at).has_value());
          at = (at + k_block) % (k_blocks * k_block);
        }));
    CHECK(transfer::remove_tree(path).has_value());
  }
  fmt::print("{{\"ns_per_byte\": {{{}}}, \"buffered_mib_s\": {:.1f}, \"direct_mib_s\": {:.1f}}}\n",
             rows, two_writers(folder, mib, false), two_writers(folder, mib, true));
}

}  // namespace
}  // namespace comity

int main(int count, char** words) {
  if (count != 3) return 2;
  comity::measure(words[1], std::stoul(words[2]));
}
