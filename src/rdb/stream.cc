// Streams: their nodes, IDs and counts, and their groups with consumers and what is pending.
#include <map>
#include <span>

#include "rdb/format.h"
#include "rdb/value.h"
#include "types/stream.h"

namespace pinion::rdb {
namespace {

using types::Listpack;
using types::ListpackView;
using types::Stream;
using types::StreamGroup;
using types::StreamId;

constexpr size_t kIdBytes = 16;

// An ID as it is ordered: milliseconds and sequence number, high bytes first.
void WriteKey(StreamId id, Writer& out) {
  for (uint64_t part : {id.ms, id.seq}) {
    for (int shift = 56; shift >= 0; shift -= 8) out.Byte(static_cast<uint8_t>(part >> shift));
  }
}

StreamId KeyOf(std::string_view bytes) {
  StreamId id;
  for (size_t i = 0; i < bytes.size(); ++i) {
    uint64_t& part = i < kIdBytes / 2 ? id.ms : id.seq;
    part = part << 8 | static_cast<uint8_t>(bytes[i]);
  }
  return id;
}

void WriteId(StreamId id, Writer& out) {
  out.Length(id.ms);
  out.Length(id.seq);
}

StreamId ReadId(Reader& in) {
  StreamId id;
  id.ms = in.Length();
  id.seq = in.Length();
  return id;
}

// --- groups ---

void WriteGroup(uint8_t type, const std::string& name, const StreamGroup& group, Writer& out) {
  out.String(name);
  WriteId(group.last_delivered, out);
  out.Length(static_cast<uint64_t>(group.entries_read));
  out.Length(group.pending().size());
  for (auto p = group.pending().First(); p; p.Next()) {
    WriteKey(p->id, out);
    out.Low(static_cast<uint64_t>(p->delivered_at), 8);
    out.Length(static_cast<uint64_t>(p->deliveries));
  }
  out.Length(group.consumers().size());
  for (const auto& [consumer_name, consumer] : group.consumers()) {
    out.String(consumer_name);
    out.Low(static_cast<uint64_t>(consumer.seen_at), 8);
    if (type == kStream3) out.Low(static_cast<uint64_t>(consumer.active_at), 8);
    out.Length(consumer.pending.size());
    for (auto p = consumer.pending.First(); p; p.Next()) WriteKey(p->id, out);
  }
}

struct Delivery {
  UnixMillis at;
  int64_t count;
};

// The group's pending entries come first; whose each is, its consumers say behind them.
bool ReadConsumers(uint8_t type, StreamGroup* group, std::map<StreamId, Delivery> pending, Reader& in) {
  std::string scratch;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    const std::string name(in.String(&scratch));
    const auto seen_at = static_cast<UnixMillis>(in.Low(8));
    const auto active_at = type == kStream3 ? static_cast<UnixMillis>(in.Low(8)) : seen_at;
    if (!in.ok() || group->FindConsumer(name) != nullptr) return false;
    types::StreamConsumer& consumer = group->CreateConsumer(name, seen_at);
    consumer.active_at = active_at;
    for (uint64_t entries = in.Count(); entries > 0 && in.ok(); --entries) {
      const auto entry = pending.extract(KeyOf(in.Raw(kIdBytes)));
      if (!in.ok() || entry.empty()) return false;  // of nobody, or of two
      group->SetPending(entry.key(), consumer, entry.mapped().at, entry.mapped().count);
    }
  }
  return in.ok() && pending.empty();
}

bool ReadGroup(uint8_t type, Stream* stream, Reader& in) {
  std::string scratch;
  const std::string name(in.String(&scratch));
  const StreamId last = ReadId(in);
  const auto read = type == kStream1 ? stream->CountUpTo(last) : static_cast<int64_t>(in.Length());
  if (!in.ok() || !stream->CreateGroup(name, last, read)) return false;
  std::map<StreamId, Delivery> pending;
  for (uint64_t n = in.Count(); n > 0 && in.ok(); --n) {
    const StreamId id = KeyOf(in.Raw(kIdBytes));
    const auto at = static_cast<UnixMillis>(in.Low(8));
    const auto count = static_cast<int64_t>(in.Length());
    if (!in.ok() || !pending.emplace(id, Delivery{at, count}).second) return false;
  }
  return in.ok() && ReadConsumers(type, stream->FindGroup(name), std::move(pending), in);
}

// --- nodes ---

bool ReadNode(Stream* stream, Reader& in) {
  std::string key_scratch, scratch;
  const std::string_view key = in.String(&key_scratch);
  const std::string_view bytes = in.String(&scratch);
  const std::span<const uint8_t> block{reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size()};
  if (!in.ok() || key.size() != kIdBytes || !ListpackView::Validate(block)) return false;
  const ListpackView node(block.data());
  if (!types::ValidateStreamNode(KeyOf(key), node)) return false;
  return stream->AddNode(KeyOf(key), Listpack::CopyOf(node));
}

}  // namespace

void WriteStream(const Stream& stream, uint8_t type, Writer& out) {
  out.Length(stream.node_count());
  stream.ForEachNode([&](StreamId master, ListpackView node) {
    out.Length(kIdBytes);
    WriteKey(master, out);
    out.String({reinterpret_cast<const char*>(node.data()), node.bytes()});
  });
  out.Length(stream.size());
  WriteId(stream.last_id(), out);
  WriteId(stream.first_id(), out);
  WriteId(stream.max_deleted_id(), out);
  out.Length(stream.entries_added());
  out.Length(stream.groups().size());
  for (const auto& [name, group] : stream.groups()) WriteGroup(type, name, group, out);
}

std::optional<Stream> ReadStream(uint8_t type, Reader& in) {
  Stream stream;
  for (uint64_t nodes = in.Count(); nodes > 0; --nodes) {
    if (!ReadNode(&stream, in)) return std::nullopt;
  }
  const uint64_t length = in.Length();
  const StreamId last = ReadId(in);
  StreamId max_deleted;
  uint64_t added = length;
  if (type != kStream1) {
    ReadId(in);  // the first entry's, which is known
    max_deleted = ReadId(in);
    added = in.Length();
  }
  if (!in.ok() || length != stream.size() || last < stream.last_id()) return std::nullopt;
  stream.SetIds(last, added, max_deleted);
  for (uint64_t groups = in.Count(); groups > 0; --groups) {
    if (!ReadGroup(type, &stream, in)) return std::nullopt;
  }
  if (!in.ok()) return std::nullopt;
  return stream;
}

}  // namespace pinion::rdb
