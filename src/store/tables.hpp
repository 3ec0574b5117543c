// Which fields of a record stand in which column: said once, so that writing and reading can not
// disagree. Private to the room. Columns come in the order of the schema's tables.
#pragma once

#include "node/records.hpp"

namespace comity::store {

/// A table and its columns. `key` is what a put replaces by; it is the table's primary key.
template <typename Record>
struct Table;

template <>
struct Table<node::ExchangeRecord> {
  static constexpr std::string_view name = "exchange", key = "id";
  static void columns(auto& row, auto&& visit) {
    visit("id", row.id);
    visit("partner", row.partner);
    visit("our_side", row.our_side);
    visit("instrument", row.instrument);
    visit("measure", row.measure);
    visit("phase", row.phase);
    visit("life", row.life);
    visit("opened_at", row.opened_at);
    visit("changed_at", row.changed_at);
    visit("linked", row.linked);
  }
};

template <>
struct Table<node::ActRecord> {
  static constexpr std::string_view name = "act", key = "id";
  static void columns(auto& row, auto&& visit) {
    visit("id", row.id);
    visit("exchange", row.exchange);
    visit("side", row.side);
    visit("sequence", row.sequence);
    visit("type", row.type);
    visit("draft", row.draft);
    visit("p7m", row.p7m);
    visit("logged_at", row.logged_at);
    visit("log_index", row.log_index);
    visit("standing", row.standing);
    visit("receipt", row.receipt);
    visit("rejection", row.rejection);
  }
};

template <>
struct Table<node::PartRecord> {
  static constexpr std::string_view name = "part", key = "owner, name";
  static void columns(auto& row, auto&& visit) {
    visit("owner", row.owner);
    visit("name", row.part.name);
    visit("media_type", row.part.media_type);
    visit("salt", row.part.salt);
    visit("bytes", row.part.bytes);
    visit("erased", row.erased);
  }
};

template <>
struct Table<node::DraftRecord> {
  static constexpr std::string_view name = "draft", key = "id";
  static void columns(auto& row, auto&& visit) {
    visit("id", row.id);
    visit("kind", row.kind);
    visit("type", row.type);
    visit("exchange", row.exchange);
    visit("content", row.content);
    visit("created_by", row.created_by);
    visit("created_at", row.created_at);
    visit("signatures", row.signatures);
    visit("state", row.state);
  }
};

template <>
struct Table<node::OutboxRecord> {
  static constexpr std::string_view name = "outbox", key = "act";
  static void columns(auto& row, auto&& visit) {
    visit("act", row.act);
    visit("partner", row.partner);
    visit("exchange", row.exchange);
    visit("sequence", row.sequence);
    visit("next_try_at", row.next_try_at);
    visit("attempts", row.attempts);
    visit("last_fault", row.last_fault);
  }
};

template <>
struct Table<node::LogRecord> {
  static constexpr std::string_view name = "log", key = "name";
  static void columns(auto& row, auto&& visit) {
    visit("name", row.name);
    visit("origin", row.origin);
    visit("size", row.size);
    visit("edge", row.edge);
    visit("checkpoint", row.checkpoint);
    visit("installed", row.installed);
  }
};

template <>
struct Table<node::LogEntryRecord> {
  static constexpr std::string_view name = "log_entry", key = "log, number";
  static void columns(auto& row, auto&& visit) {
    visit("log", row.log);
    visit("number", row.index);
    visit("entry", row.entry);
    visit("kind", row.kind);
    visit("exchange", row.exchange);
    visit("item", row.item);
  }
};

template <>
struct Table<node::PartnerRecord> {
  static constexpr std::string_view name = "partner", key = "state";
  static void columns(auto& row, auto&& visit) {
    visit("state", row.state);
    visit("checkpoint", row.checkpoint);
    visit("called_back", row.called_back);
    visit("called_back_by", row.called_back_by);
  }
};

template <>
struct Table<node::DirectoryRecord> {
  static constexpr std::string_view name = "directory", key = "state, serial";
  static void columns(auto& row, auto&& visit) {
    visit("state", row.state);
    visit("serial", row.serial);
    visit("p7m", row.p7m);
    visit("status", row.status);
    visit("accepted_at", row.accepted_at);
    visit("how", row.how);
    visit("officers", row.officers);
    visit("revoked_from", row.revoked_from);
  }
};

template <>
struct Table<node::OfficerRecord> {
  static constexpr std::string_view name = "officer", key = "fingerprint";
  static void columns(auto& row, auto&& visit) {
    visit("fingerprint", row.fingerprint);
    visit("certificate", row.certificate);
    visit("revoked_from", row.revoked_from);
    visit("reason", row.reason);
  }
};

template <>
struct Table<node::ItemRecord> {
  static constexpr std::string_view name = "item", key = "id";
  static void columns(auto& row, auto&& visit) {
    visit("id", row.id);
    visit("exchange", row.exchange);
    visit("ours", row.ours);
    visit("state", row.state);
    visit("name", row.name);
    visit("manifest", row.manifest);
    visit("delivery", row.delivery);
    visit("added_by", row.added_by);
    visit("changed_at", row.changed_at);
  }
};

}  // namespace comity::store
