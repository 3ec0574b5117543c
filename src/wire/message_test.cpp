#include "wire/message.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "wire/limits.hpp"

namespace comity::wire {
namespace {

using Kind = MessageReader::Kind;

/// Reads a whole message offered in pieces of `step`; the body, or the fault.
Result<std::string> read(std::string_view raw, Kind kind = Kind::request, std::size_t step = 1) {
  MessageReader reader(kind);
  std::size_t begin = 0, end = 0;
  bool has_head = false;
  std::string body;
  while (!has_head || !reader.done()) {
    const View offered = as_bytes(raw.substr(begin, end - begin));
    std::size_t used = 0;
    if (!has_head) {
      TRY_LET(used, reader.take_head(offered));
      has_head = used > 0;
    } else {
      TRY_LET(const auto piece, reader.take_body(offered));
      body += as_text(piece.body);
      used = piece.consumed;
    }
    begin += used;
    if (used > 0) continue;
    if (end == raw.size()) return fault(FaultCode::peer_unreachable, "more is needed");
    end = std::min(raw.size(), end + step);
  }
  return body;
}

FaultCode code_of(std::string_view raw, Kind kind = Kind::request) {
  const auto got = read(raw, kind, raw.size());
  EXPECT_FALSE(got) << raw;
  return got ? FaultCode::conflict : got.error().code;
}

TEST(Message, ReadsBodiesOfBothFramingsInPiecesOfAnySize) {
  const std::string with_length = "POST /a HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nhello";
  const std::string chunked =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
      "2\r\nhe\r\n3\r\nllo\r\n0\r\n\r\n";
  for (std::size_t step = 1; step < 40; ++step) {
    EXPECT_EQ(read(with_length, Kind::request, step), "hello");
    EXPECT_EQ(read(chunked, Kind::request, step), "hello");
  }
}

TEST(Message, RefusesEveryShapeByWhichARequestCouldBeSmuggled) {
  const std::string start = "POST /a HTTP/1.1\r\nHost: h\r\n";
  const std::string_view shapes[] = {
      "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 5\r\n",
      "Content-Length: 5\r\nContent-Length: 6\r\n",
      "Content-Length: 5, 5\r\n",
      "Content-Length: +5\r\n",
      "Content-Length: -5\r\n",
      "Content-Length: 0x5\r\n",
      "Content-Length: 5 5\r\n",
      "Content-Length: \r\n",
      "Content-Length: 18446744073709551621\r\n",
      "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
      "Transfer-Encoding: chunked, chunked\r\n",
      "Transfer-Encoding: identity\r\n",
      "Transfer-Encoding: gzip, chunked\r\n",
      "Transfer-Encoding: xchunked\r\n",
      "Transfer-Encoding: chunked, identity\r\n",
      "Transfer-Encoding:\vchunked\r\n",
      "Transfer-Encoding : chunked\r\n",
      "Content-Length : 5\r\n",
      " Content-Length: 5\r\n",
      "X: a\r\n Content-Length: 5\r\n",
      "X: a\r\n\tfolded\r\n",
      "X: a\nContent-Length: 5\r\n",
      "X: a\rContent-Length: 5\r\n",
      "X\r\n",
      ": nameless\r\n",
      "X y: z\r\n",
      "X: a\x01z\r\n",
  };
  for (const auto shape : shapes)
    EXPECT_EQ(code_of(start + std::string(shape) + "\r\nhello"), FaultCode::peer_protocol) << shape;
  EXPECT_EQ(code_of(start + std::string("X: a\0b\r\n\r\n", 10)), FaultCode::peer_protocol);
}

TEST(Message, RefusesStartLinesThatAreNotHttp11) {
  for (const std::string_view line :
       {"GET /a HTTP/1.0", "GET /a HTTP/2.0", "GET /a", "GET  /a HTTP/1.1", "GET /a  HTTP/1.1",
        " GET /a HTTP/1.1", "GET /a http/1.1", "G@T /a HTTP/1.1", "GET /a b HTTP/1.1",
        "GET /a HTTP/1.1 ", "", "\x16\x03\x01\x02"})
    EXPECT_EQ(code_of(std::string(line) + "\r\nHost: h\r\n\r\n"), FaultCode::peer_protocol) << line;
}

TEST(Message, RefusesChunksThatAreNotPlain) {
  const std::string start = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (const std::string_view body :
       {"5;name=value\r\nhello\r\n0\r\n\r\n", "0\r\nContent-Length: 5\r\n\r\n", "x\r\n", "-1\r\n",
        "5\r\nhelloX\r\n0\r\n\r\n", "11111111111111111\r\n", "5 \r\nhello\r\n0\r\n\r\n",
        "0x5\r\nhello\r\n0\r\n\r\n", "\r\n5\r\nhello\r\n0\r\n\r\n", "5\nhello\r\n0\r\n\r\n"})
    EXPECT_EQ(code_of(start + std::string(body)), FaultCode::peer_protocol) << body;
}

TEST(Message, HoldsAChunksSizeToFifteenDigits) {
  const std::string start = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
  const std::string zeros(k_chunk_digits_max - 1, '0');
  EXPECT_EQ(read(start + zeros + "2\r\nok\r\n0\r\n\r\n"), "ok");
  EXPECT_EQ(code_of(start + zeros + "02\r\nok\r\n0\r\n\r\n"), FaultCode::peer_protocol);
}

TEST(Message, HoldsTheHeadToItsLimits) {
  const std::string start = "GET /a HTTP/1.1\r\nX: ";
  const auto head_of = [&](std::size_t size) {
    return start + std::string(size - start.size() - 4, 'x') + "\r\n\r\n";
  };
  EXPECT_TRUE(read(head_of(k_head_bytes_max), Kind::request, 4096));
  EXPECT_EQ(code_of(head_of(k_head_bytes_max + 1)), FaultCode::limit_size);

  const auto fields = [](std::size_t count) {
    std::string head = "GET /a HTTP/1.1\r\n";
    for (std::size_t i = 0; i < count; ++i) head += "N" + std::to_string(i) + ": v\r\n";
    return head + "\r\n";
  };
  EXPECT_TRUE(read(fields(k_head_fields_max), Kind::request, 4096));
  EXPECT_EQ(code_of(fields(k_head_fields_max + 1)), FaultCode::limit_count);
}

TEST(Message, ReadsAnswersButNoneThatEndsWithTheConnection) {
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", Kind::answer), "ok");
  EXPECT_EQ(read("HTTP/1.1 204 No Content\r\n\r\n", Kind::answer), "");
  EXPECT_EQ(read("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", Kind::answer_without_body), "");
  EXPECT_EQ(code_of("HTTP/1.1 200 OK\r\n\r\nok", Kind::answer), FaultCode::peer_protocol);
  EXPECT_EQ(code_of("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", Kind::answer),
            FaultCode::peer_protocol);
  EXPECT_EQ(code_of("HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\nok", Kind::answer),
            FaultCode::peer_protocol);
}

RC_GTEST_PROP(Message, GivesBackAnyBodyHoweverItIsCut, ()) {
  const auto chunks = *rc::gen::container<std::vector<std::string>>(rc::gen::string<std::string>());
  const auto step = *rc::gen::inRange<std::size_t>(1, 64);
  std::string raw = "POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", whole;
  for (const auto& chunk : chunks) {
    if (chunk.empty()) continue;
    char size[32];
    std::snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    raw += size + chunk + "\r\n";
    whole += chunk;
  }
  const auto got = read(raw + "0\r\n\r\n", Kind::request, step);
  RC_ASSERT(got.has_value());
  RC_ASSERT(*got == whole);
}

RC_GTEST_PROP(Message, SurvivesAnyBytes, ()) {
  const auto noise = *rc::gen::string<std::string>();
  const auto step = *rc::gen::inRange<std::size_t>(1, 64);
  const auto body =
      read("POST /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + noise, Kind::request, step);
  const auto head = read(noise + "\r\n\r\n", Kind::answer, step);
  for (const auto& read_so : {body, head})
    RC_ASSERT(read_so || read_so.error().code == FaultCode::peer_protocol ||
              read_so.error().code == FaultCode::peer_unreachable);
}

}  // namespace
}  // namespace comity::wire
