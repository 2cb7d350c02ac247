// MIGRATE: keys to another server, which takes them with RESTORE.
#include <hiredis/hiredis.h>

#include <algorithm>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "command/args.h"
#include "command/context.h"
#include "persist/families.h"
#include "persist/payload.h"
#include "resp/errors.h"

namespace pinion::persist {
namespace {

using command::Context;
namespace error = resp::error;

constexpr size_t kKeyAt = 3, kOptionsAt = 6;
constexpr int64_t kDefaultTimeout = 1000;  // milliseconds

struct MigrateOptions {
  bool copy = false, replace = false;
  std::string_view user, password;
  bool authenticates = false;
};

// Reads what stands before KEYS; whose keys follow are those of the request.
MigrateOptions ReadOptions(Context& ctx, command::ArgReader& args) {
  MigrateOptions o;
  while (args.more()) {
    if (args.Accept("COPY")) {
      o.copy = true;
    } else if (args.Accept("REPLACE")) {
      o.replace = true;
    } else if (args.AcceptWithValue("AUTH")) {
      ctx.HideArgument(args.position());
      o.password = args.Next();
      o.authenticates = true;
    } else if (args.left() >= 3 && args.Accept("AUTH2")) {
      ctx.HideArgument(args.position());
      ctx.HideArgument(args.position() + 1);
      o.user = args.Next();
      o.password = args.Next();
      o.authenticates = true;
    } else if (args.Accept("KEYS")) {
      if (!ctx.arg(kKeyAt).empty()) {
        args.Fail("ERR When using MIGRATE KEYS option, the key argument must be set to the empty string");
      }
      args.Skip(args.left());
    } else {
      args.Fail(error::kSyntax);
    }
  }
  return o;
}

// A conversation with the other server. Nothing waits longer than the timeout.
class Target {
 public:
  Target(const std::string& host, int port, int64_t timeout_millis) {
    const timeval timeout{timeout_millis / 1000, timeout_millis % 1000 * 1000};
    link_.reset(redisConnectWithTimeout(host.c_str(), port, timeout));
    if (connected()) redisSetTimeout(link_.get(), timeout);
  }
  [[nodiscard]] bool connected() const { return link_ != nullptr && link_->err == 0; }

  void Send(const std::vector<std::string_view>& args) {
    std::vector<const char*> texts;
    std::vector<size_t> sizes;
    for (std::string_view a : args) {
      texts.push_back(a.data());
      sizes.push_back(a.size());
    }
    redisAppendCommandArgv(link_.get(), static_cast<int>(args.size()), texts.data(), sizes.data());
  }
  // The next reply: false when none came. `refusal` is empty, or the error that it is.
  [[nodiscard]] bool Receive(std::string* refusal) {
    void* raw = nullptr;
    if (redisGetReply(link_.get(), &raw) != REDIS_OK) return false;
    const std::unique_ptr<redisReply, void (*)(void*)> reply(static_cast<redisReply*>(raw), freeReplyObject);
    refusal->clear();
    if (reply->type == REDIS_REPLY_ERROR) refusal->assign(reply->str, reply->len);
    return true;
  }

 private:
  struct Free {
    void operator()(redisContext* c) const { redisFree(c); }
  };
  std::unique_ptr<redisContext, Free> link_;
};

// Sends a key as it is now.
void SendKey(Context& ctx, const store::Key& key, const store::Entry& e, const MigrateOptions& o, Target& target) {
  const std::string ttl = std::to_string(e.has_deadline() ? std::max<int64_t>(1, e.deadline() - ctx.now()) : 0);
  const std::string payload = PayloadOf(ctx.services(), e);
  std::vector<std::string_view> restore = {"RESTORE", key.text, ttl, payload};
  if (o.replace) restore.emplace_back("REPLACE");
  target.Send(restore);
}

// Sends all keys in one go and deletes here what has arrived there.
void MigrateKeys(Context& ctx, const std::vector<const store::Key*>& keys, const MigrateOptions& o,
                 const std::string& database, Target& target) {
  size_t greetings = 1;
  if (o.authenticates) {
    ++greetings;
    o.user.empty() ? target.Send({"AUTH", o.password}) : target.Send({"AUTH", o.user, o.password});
  }
  target.Send({"SELECT", database});
  for (const store::Key* key : keys) SendKey(ctx, *key, *ctx.db().Peek(*key), o, target);
  std::string refusal, first_refusal;
  const auto receive = [&] {
    if (!target.Receive(&refusal)) return false;
    if (first_refusal.empty()) first_refusal = refusal;
    return true;
  };
  bool all_came = true;
  for (; greetings > 0 && all_came; --greetings) all_came = receive();
  const bool admitted = all_came && first_refusal.empty();
  for (size_t i = 0; i < keys.size() && all_came; ++i) {
    all_came = receive();
    if (!all_came || !refusal.empty() || !admitted || o.copy) continue;
    auto w = ctx.db().Write(*keys[i]);
    w.Delete();
    w.Notify(store::kEventGeneric, "del");
  }
  if (!first_refusal.empty()) {
    return ctx.reply().Error(fmt::format("ERR Target instance replied with error: {}", first_refusal));
  }
  if (!all_came) return ctx.reply().Error("IOERR error or timeout reading to target instance");
  ctx.reply().Ok();
}

void Migrate(Context& ctx) {
  command::ArgReader args(ctx, kOptionsAt);
  const MigrateOptions o = ReadOptions(ctx, args);
  if (!args.Finish()) return;
  const auto timeout = ParseInt64(ctx.arg(5)), database = ParseInt64(ctx.arg(4)), port = ParseInt64(ctx.arg(2));
  if (!timeout || !database) return ctx.reply().Error(error::kNotInteger);
  std::vector<const store::Key*> present;
  for (const store::Key& key : ctx.keys()) {
    const auto is_same = [&](const store::Key* k) { return k->text == key.text; };
    if (std::none_of(present.begin(), present.end(), is_same) && ctx.db().Read(key) != nullptr) present.push_back(&key);
  }
  if (present.empty()) return ctx.reply().Simple("NOKEY");
  const int64_t patience = *timeout > 0 ? *timeout : kDefaultTimeout;
  Target target(std::string(ctx.arg(1)), static_cast<int>(port.value_or(-1)), patience);
  if (!target.connected()) return ctx.reply().Error("IOERR error or timeout connecting to the client");
  MigrateKeys(ctx, present, o, std::to_string(*database), target);
}

// The key argument, or when that is empty those behind KEYS, which may also be what AUTH and AUTH2 are given.
void FindMigrated(std::span<const std::string_view> args, std::vector<command::KeyPosition>* out) {
  const uint32_t flags = out->empty() ? 0 : out->front().flags;
  out->clear();
  if (!args[kKeyAt].empty()) return out->push_back({kKeyAt, flags});
  for (size_t i = kOptionsAt; i < args.size(); ++i) {
    if (command::EqualsNoCase(args[i], "AUTH")) {
      ++i;
    } else if (command::EqualsNoCase(args[i], "AUTH2")) {
      i += 2;
    } else if (command::EqualsNoCase(args[i], "KEYS")) {
      while (++i < args.size()) out->push_back({static_cast<uint32_t>(i), flags});
    }
  }
}

using namespace command;
constexpr uint32_t kMigrated = kKeyRW | kKeyAccess | kKeyDelete;
constexpr KeySpec kMigratedKeys[] = {Range(3, 0, 1, kMigrated), Keyword("KEYS", -2, -1, 1, kMigrated | kKeyIncomplete)};
constexpr CommandRow kMigrateRows[] = {
    {"MIGRATE", -6, kWrite, kMigratedKeys, Migrate, kCatDangerous, {}, nullptr, FindMigrated},
};

}  // namespace

const command::Family kMigrateFamily = {"generic", kCatKeyspace, kMigrateRows};

}  // namespace pinion::persist
