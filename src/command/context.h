// What a handler sees of its request: arguments, keys, database, reply, session, and the services by name.
#pragma once

#include <span>
#include <string_view>

#include "command/blocked_clients.h"
#include "command/registry.h"
#include "command/services.h"
#include "command/session.h"
#include "command/worker.h"
#include "resp/reply_writer.h"
#include "store/database.h"

namespace pinion::command {

// Lives for one call of a handler. The shards of keys() are locked throughout (or the gate is held exclusively:
// alone()).
class Context {
 public:
  Context(Services& services, Worker& worker, Session& session, const Command& command,
          std::span<const std::string_view> args, std::span<const store::Key> keys, resp::ReplyWriter& reply,
          bool in_exec = false, RepeatedRun* again = nullptr)
      : services_(services), worker_(worker), session_(session), command_(command), args_(args), keys_(keys),
        reply_(reply), db_(services.keyspace, session.db, worker.now(), worker.accessor), in_exec_(in_exec),
        again_(again) {}

  // Arguments with the name first; a subcommand's name is argument 1.
  [[nodiscard]] std::span<const std::string_view> args() const { return args_; }
  [[nodiscard]] std::string_view arg(size_t i) const { return args_[i]; }
  [[nodiscard]] size_t argc() const { return args_.size(); }
  // Keys in the order of the row's key specifications.
  [[nodiscard]] std::span<const store::Key> keys() const { return keys_; }
  [[nodiscard]] const store::Key& key(size_t i = 0) const { return keys_[i]; }

  store::Database& db() { return db_; }
  resp::ReplyWriter& reply() { return reply_; }
  Session& session() { return session_; }
  [[nodiscard]] const Session& session() const { return session_; }
  Worker& worker() { return worker_; }
  Services& services() { return services_; }
  const Command& command() const { return command_; }
  // Wall time of the request: one value throughout it.
  [[nodiscard]] UnixMillis now() const { return worker_.now(); }
  // Whether a deadline that is asked for has passed already. Never when the append-only file is read: what happened
  // then is written behind.
  [[nodiscard]] bool HasCome(UnixMillis deadline) const { return deadline <= now() && !worker_.accessor.replays; }
  // The gate is held exclusively: no lock is needed, and none may be taken.
  [[nodiscard]] bool alone() const { return worker_.alone; }
  // Keeps a password out of MONITOR and SLOWLOG.
  void HideArgument(size_t i) { worker_.hidden_args.push_back(i); }
  // Inside EXEC or a script: a blocking command must not wait.
  [[nodiscard]] bool in_exec() const { return in_exec_; }

  // What the command does is told to the journal, if there is one, as the request that was sent, provided that it
  // changed something. A handler whose request would do something else elsewhere or later names the effects instead,
  // each as a whole command with its arguments, texts and integers; then the request is not told. Nothing happens
  // without a journal. REQUIRES: the keys named are the request's.
  template <typename... Args>
  void Effect(const Args&... args) {
    if (Effects* const e = BeginEffect(db_.index(), sizeof...(args))) (e->Put(AsArgument(args)), ...);
  }
  // The same of arguments that are counted at run time: the caller puts as many into what is returned. Null when
  // nobody wants them.
  [[nodiscard]] Effects* BeginEffect(size_t argc) { return BeginEffect(db_.index(), argc); }
  // The request itself is told, whether or not it changed keys.
  void EffectAsSent();
  // Nothing more is told of this request.
  void NoEffect() { effects_named_ = true; }
  // There is a journal: it is worth while to find out what to name.
  [[nodiscard]] bool journaled() const { return worker_.accessor.journaled; }
  // For the dispatcher: the effects were named, or there are none to be told.
  [[nodiscard]] bool effects_named() const { return effects_named_; }

  // For a handler that found nothing and has not replied: the client waits, and the handler runs again when there may
  // be something (see BlockedClients). False when it must not wait and a null is to be replied.
  [[nodiscard]] bool Wait(WaitOptions options);
  // Whether the key may serve the request. In a repeated run one may not whose shard is not locked, or that got a
  // value of another type meanwhile (with wish.when_gone that matters, and it may): the handler passes over it.
  [[nodiscard]] bool MayServe(const store::Key& key) {
    return again_ == nullptr || MayServeAgain(key);
  }

 private:
  static std::string_view AsArgument(std::string_view text) { return text; }
  static int64_t AsArgument(int64_t number) { return number; }
  [[nodiscard]] Effects* BeginEffect(uint32_t db, size_t argc);
  [[nodiscard]] bool MayServeAgain(const store::Key& key);

  Services& services_;
  Worker& worker_;
  Session& session_;
  const Command& command_;
  const std::span<const std::string_view> args_;
  const std::span<const store::Key> keys_;
  resp::ReplyWriter& reply_;
  store::Database db_;
  const bool in_exec_;
  RepeatedRun* const again_;
  bool effects_named_ = false;
};

}  // namespace pinion::command
