// A mailbox or one message: how many messages, and whether each part of a message that was begun is
// ended. Lines are looked at by their beginnings; no field is read but the boundary of parts.
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "survey/forms.hpp"

namespace comity::survey {
namespace {

constexpr std::size_t k_line_kept = 1024;     // bytes of a line that are looked at
constexpr std::size_t k_boundaries_max = 32;  // parts within parts, open at once
constexpr std::size_t k_boundary_bytes = 70;  // RFC 2046 §5.1.1

/// Follows lines. A value.
class Mail {
 public:
  explicit Mail(bool is_box) : is_box_(is_box) {
    if (!is_box) begin_message();
  }

  void take(View bytes) {
    while (!bytes.empty()) {
      const auto* end =
          static_cast<const std::uint8_t*>(std::memchr(bytes.data(), '\n', bytes.size()));
      const auto size =
          end == nullptr ? bytes.size() : static_cast<std::size_t>(end - bytes.data());
      length_ += size;
      line_ += as_text(bytes.first(std::min(size, k_line_kept - line_.size())));
      if (end == nullptr) return;
      end_line();
      bytes = bytes.subspan(size + 1);
    }
  }

  void finish(Survey& into) {
    if (length_ != 0) {
      end_line();
      into.add_flaw("no-last-line-end");
    }
    end_message();
    add_number(into, "messages", messages_);
    if (parts_ != 0) add_number(into, "mime_parts", parts_);
    if (multipart_ != 0) add_number(into, "messages_multipart", multipart_);
    if (unclosed_ != 0) {
      add_number(into, "messages_unclosed", unclosed_);
      into.add_flaw("part-not-ended");
    }
    if (in_header_ && messages_ != 0) into.add_flaw("ends-in-header");
  }

 private:
  void end_line() {
    if (line_.ends_with('\r')) line_.pop_back();
    if (is_box_ && was_empty_ && line_.starts_with("From "))
      begin_message();
    else if (in_header_)
      header_line();
    else if (line_.starts_with("--"))
      delimiter();
    was_empty_ = line_.empty();
    line_.clear();
    length_ = 0;
  }

  void begin_message() {
    end_message();
    ++messages_;
    in_header_ = true;
    field_.clear();
  }

  void end_message() {
    if (!open_.empty()) ++unclosed_;
    open_.clear();
  }

  /// Fields may be folded over lines: one is looked at when the next begins.
  void header_line() {
    const bool is_folded = !line_.empty() && (line_[0] == ' ' || line_[0] == '\t');
    if (is_folded && field_.size() < k_line_kept) {
      field_ += line_;
      return;
    }
    end_field();
    field_ = line_;
    if (line_.empty()) in_header_ = false;
  }

  void end_field() {
    std::string lower = field_;
    for (auto& c : lower)
      if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (!lower.starts_with("content-type:")) return;
    const auto at = lower.find("boundary=");
    if (at == std::string::npos || !lower.contains("multipart/")) return;
    std::string_view value = std::string_view(field_).substr(at + 9);
    if (value.starts_with('"')) {
      value.remove_prefix(1);
      value = value.substr(0, value.find('"'));
    } else {
      value = value.substr(0, value.find_first_of("; \t"));
    }
    if (value.empty() || value.size() > k_boundary_bytes || open_.size() == k_boundaries_max)
      return;
    if (open_.empty()) ++multipart_;
    open_.emplace_back(value);
  }

  void delimiter() {
    const auto said = std::string_view(line_).substr(2);
    for (std::size_t i = open_.size(); i-- > 0;) {
      if (!said.starts_with(open_[i])) continue;
      const auto rest = said.substr(open_[i].size());
      const bool ends = rest.starts_with("--");
      if (!ends && rest.find_first_not_of(" \t") != std::string_view::npos) continue;
      open_.resize(ends ? i : i + 1);
      if (ends) return;
      ++parts_;
      in_header_ = true;
      field_.clear();
      return;
    }
  }

  bool is_box_;
  bool in_header_ = false, was_empty_ = true;
  std::string line_, field_;
  std::uint64_t length_ = 0;
  std::vector<std::string> open_;
  std::uint64_t messages_ = 0, parts_ = 0, multipart_ = 0, unclosed_ = 0;
};

}  // namespace

void read_mail(Reel& reel, Survey& into) {
  Mail mail(into.form == "mbox");
  for (auto bytes = reel.next(); !bytes.empty(); bytes = reel.next()) mail.take(bytes);
  into.whole = reel.has_ended();
  mail.finish(into);
}

}  // namespace comity::survey
