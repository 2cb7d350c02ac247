// Elements of lists as replies.
#include "commands/list_value.h"

namespace pinion::commands {
namespace {

using resp::ReplyWriter;

// From the listpack straight into the output, into room reserved once.
void WriteRun(ReplyWriter& reply, const types::ListRun& run) {
  if (run.first == nullptr) return reply.Bulk(run.plain);
  char* const start = reply.out().Reserve(run.bytes + run.count * (ReplyWriter::kMaxBulkOverhead + kMaxInt64Text));
  char* end = start;
  char scratch[kMaxInt64Text];
  const uint8_t* p = run.first;
  for (size_t i = 0; i < run.count; ++i, p += types::listpack_format::BytesOfElementAt(p)) {
    end = ReplyWriter::PutBulk(end, types::ListpackView::Get(p).View(scratch));
  }
  reply.out().Advance(static_cast<size_t>(end - start));
}

}  // namespace

void ReplyElements(ReplyWriter& reply, const types::List& list, size_t index, size_t count) {
  reply.Array(count);
  list.ForEachRun(index, count, [&](const types::ListRun& run) { WriteRun(reply, run); });
}

void ReplyElementsFrom(ReplyWriter& reply, const types::List& list, types::ListEnd end, size_t count) {
  if (end == types::ListEnd::kHead) return ReplyElements(reply, list, 0, count);
  reply.Array(count);
  if (count == 0) return;
  list.Walk(end, [&](const types::ListpackItem& item) {
    ReplyElement(reply, item);
    return --count != 0;
  });
}

}  // namespace pinion::commands
