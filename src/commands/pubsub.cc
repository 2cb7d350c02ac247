// Publish/subscribe: channels, patterns and shard channels.
#include "command/pubsub.h"

#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "command/context.h"
#include "command/help.h"
#include "commands/families.h"

namespace pinion::commands {
namespace {

using command::Context;
using command::PubSub;
using command::Session;
using command::SubscriptionState;
using OutputClass = command::ClientLink::OutputClass;

// What the three kinds of subscriptions differ in.
struct KindTraits {
  PubSub::Kind kind;
  std::string_view subscribed, unsubscribed;  // first words of the confirmations
  std::unordered_set<std::string> SubscriptionState::*names;
  // The number in a confirmation: shard channels are counted apart.
  size_t (*count)(const SubscriptionState&);
};

size_t CountGlobal(const SubscriptionState& s) { return s.Count(); }
size_t CountShard(const SubscriptionState& s) { return s.shard_channels.size(); }

constexpr KindTraits kChannels = {PubSub::Kind::kChannel, "subscribe", "unsubscribe", &SubscriptionState::channels,
                                  CountGlobal};
constexpr KindTraits kPatterns = {PubSub::Kind::kPattern, "psubscribe", "punsubscribe", &SubscriptionState::patterns,
                                  CountGlobal};
constexpr KindTraits kShardChannels = {PubSub::Kind::kShardChannel, "ssubscribe", "sunsubscribe",
                                       &SubscriptionState::shard_channels, CountShard};

void Confirm(Context& ctx, std::string_view word, std::string_view name, size_t count) {
  ctx.reply().Push(3);
  ctx.reply().Bulk(word);
  ctx.reply().Bulk(name);
  ctx.reply().Integer(static_cast<int64_t>(count));
}

// A message that another thread sends from now on waits in the inbox until this command is done: it comes after its
// subscription's confirmation.
void Subscribe(Context& ctx, const KindTraits& k) {
  Session& session = ctx.session();
  SubscriptionState& s = session.Subscriptions();
  for (std::string_view name : ctx.args().subspan(1)) {
    if ((s.*k.names).emplace(name).second) ctx.services().pubsub.Subscribe(k.kind, name, session);
    Confirm(ctx, k.subscribed, name, k.count(s));
  }
  session.link.SetOutputClass(OutputClass::kPubSub);
}

struct Cancelled {
  std::string name;
  size_t count;
};

// Takes the names (all when none is given) out of the session's and the server's books.
std::vector<Cancelled> Cancel(Context& ctx, const KindTraits& k) {
  Session& session = ctx.session();
  SubscriptionState& s = session.Subscriptions();
  std::vector<std::string> names;
  if (ctx.argc() > 1) {
    names.assign(ctx.args().begin() + 1, ctx.args().end());
  } else {
    names.assign((s.*k.names).begin(), (s.*k.names).end());
  }
  std::vector<Cancelled> cancelled;
  for (std::string& name : names) {
    if ((s.*k.names).erase(name) != 0) ctx.services().pubsub.Unsubscribe(k.kind, name, session);
    cancelled.push_back({std::move(name), k.count(s)});
  }
  return cancelled;
}

// Messages that were published before the subscription ended must come before its end is confirmed: a RESP2 client
// would take a later one for a reply. Inside EXEC's array there is no place for them.
void SettleInbox(Context& ctx) {
  if (!ctx.in_exec()) {
    ctx.services().pubsub.Deliver(ctx.worker());
  } else if (ctx.session().protocol == 2 && !ctx.session().subscribed()) {
    ctx.worker().inbox.Forget(ctx.session().id);
  }
}

void Unsubscribe(Context& ctx, const KindTraits& k) {
  Session& session = ctx.session();
  const std::vector<Cancelled> cancelled = Cancel(ctx, k);
  SettleInbox(ctx);
  for (const Cancelled& c : cancelled) Confirm(ctx, k.unsubscribed, c.name, c.count);
  if (cancelled.empty()) {
    ctx.reply().Push(3);
    ctx.reply().Bulk(k.unsubscribed);
    ctx.reply().Null();
    ctx.reply().Integer(static_cast<int64_t>(k.count(*session.subscriptions)));
  }
  if (session.subscribed()) return;
  session.subscriptions.reset();
  session.link.SetOutputClass(OutputClass::kNormal);
}

void SubscribeChannels(Context& ctx) { Subscribe(ctx, kChannels); }
void SubscribePatterns(Context& ctx) { Subscribe(ctx, kPatterns); }
void SubscribeShardChannels(Context& ctx) { Subscribe(ctx, kShardChannels); }
void UnsubscribeChannels(Context& ctx) { Unsubscribe(ctx, kChannels); }
void UnsubscribePatterns(Context& ctx) { Unsubscribe(ctx, kPatterns); }
void UnsubscribeShardChannels(Context& ctx) { Unsubscribe(ctx, kShardChannels); }

void Publish(Context& ctx) {
  const size_t n = ctx.services().pubsub.Publish(ctx.arg(1), ctx.arg(2), false, &ctx.worker());
  ctx.EffectAsSent();
  ctx.reply().Integer(static_cast<int64_t>(n));
}

void PublishShard(Context& ctx) {
  const size_t n = ctx.services().pubsub.Publish(ctx.arg(1), ctx.arg(2), true, &ctx.worker());
  ctx.EffectAsSent();
  ctx.reply().Integer(static_cast<int64_t>(n));
}

void ListChannels(Context& ctx, PubSub::Kind kind) {
  if (ctx.argc() > 3) return command::ReplyUnknownForm(ctx);
  std::optional<std::string_view> pattern;
  if (ctx.argc() == 3) pattern = ctx.arg(2);
  const auto names = ctx.services().pubsub.Channels(kind, pattern);
  ctx.reply().Array(names.size());
  for (const std::string& name : names) ctx.reply().Bulk(name);
}

void CountSubscribers(Context& ctx, PubSub::Kind kind) {
  const auto names = ctx.args().subspan(2);
  ctx.reply().Array(names.size() * 2);
  for (std::string_view name : names) {
    ctx.reply().Bulk(name);
    ctx.reply().Integer(static_cast<int64_t>(ctx.services().pubsub.Subscribers(kind, name)));
  }
}

void PubSubChannels(Context& ctx) { ListChannels(ctx, PubSub::Kind::kChannel); }
void PubSubShardChannels(Context& ctx) { ListChannels(ctx, PubSub::Kind::kShardChannel); }
void PubSubNumSub(Context& ctx) { CountSubscribers(ctx, PubSub::Kind::kChannel); }
void PubSubShardNumSub(Context& ctx) { CountSubscribers(ctx, PubSub::Kind::kShardChannel); }
void PubSubNumPat(Context& ctx) { ctx.reply().Integer(static_cast<int64_t>(ctx.services().pubsub.PatternCount())); }

void PubSubHelp(Context& ctx) {
  static constexpr std::string_view kLines[] = {
      "CHANNELS [<pattern>]",
      "    Return the currently active channels matching a <pattern> (default: '*').",
      "NUMPAT",
      "    Return number of subscriptions to patterns.",
      "NUMSUB [<channel> ...]",
      "    Return the number of subscribers for the specified channels, excluding",
      "    pattern subscriptions(default: no channels).",
      "SHARDCHANNELS [<pattern>]",
      "    Return the currently active shard level channels matching a <pattern> (default: '*').",
      "SHARDNUMSUB [<shardchannel> ...]",
      "    Return the number of subscribers for the specified shard level channel(s)",
  };
  command::ReplyHelp(ctx, kLines);
}

using namespace command;
constexpr KeySpec kShardChannel[] = {Range(1, 0, 1, kKeyNotKey)};
constexpr KeySpec kAllShardChannels[] = {Range(1, -1, 1, kKeyNotKey)};
constexpr uint64_t kLook = kPubSub | kLoading | kStale;
constexpr uint64_t kChange = kPubSub | kNoScript | kLoading | kStale | kInSubscribed | kPushes;
constexpr uint64_t kSend = kPubSub | kLoading | kStale | kFast | kMayReplicate;

constexpr CommandRow kPubSubSubcommands[] = {
    {"CHANNELS", -2, kLook, {}, PubSubChannels},
    {"HELP", 2, kLoading | kStale, {}, PubSubHelp},
    {"NUMPAT", 2, kLook, {}, PubSubNumPat},
    {"NUMSUB", -2, kLook, {}, PubSubNumSub},
    {"SHARDCHANNELS", -2, kLook, {}, PubSubShardChannels},
    {"SHARDNUMSUB", -2, kLook, {}, PubSubShardNumSub},
};
constexpr ChannelArguments kOneChannel = {1};
constexpr ChannelArguments kAllChannels = {1, true};
constexpr ChannelArguments kAllPatterns = {1, true, ChannelArguments::Kind::kPattern};
constexpr CommandRow kPubSubRows[] = {
    {"PSUBSCRIBE", -2, kChange | kSentinel, {}, SubscribePatterns, 0, {}, nullptr, nullptr, nullptr, kAllPatterns},
    {"PUBLISH", 3, kSend | kSentinel, {}, Publish, 0, {}, nullptr, nullptr, nullptr, kOneChannel},
    {"PUBSUB", -2, 0, {}, nullptr, 0, kPubSubSubcommands},
    {"PUNSUBSCRIBE", -1, kChange | kSentinel, {}, UnsubscribePatterns},
    {"SPUBLISH", 3, kSend, kShardChannel, PublishShard, 0, {}, nullptr, nullptr, nullptr, kOneChannel},
    {"SSUBSCRIBE", -2, kChange, kAllShardChannels, SubscribeShardChannels, 0, {}, nullptr, nullptr, nullptr,
     kAllChannels},
    {"SUBSCRIBE", -2, kChange | kSentinel, {}, SubscribeChannels, 0, {}, nullptr, nullptr, nullptr, kAllChannels},
    {"SUNSUBSCRIBE", -1, kChange, kAllShardChannels, UnsubscribeShardChannels},
    {"UNSUBSCRIBE", -1, kChange | kSentinel, {}, UnsubscribeChannels},
};

}  // namespace

const command::Family kPubSubFamily = {"pubsub", 0, kPubSubRows};

}  // namespace pinion::commands
