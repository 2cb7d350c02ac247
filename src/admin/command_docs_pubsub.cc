// Documentation of the commands about publishing and subscribing.
#include "admin/command_docs.h"

namespace pinion::admin {
namespace {

constexpr CommandDoc kPubSubTexts[] = {
    {"psubscribe", "2.0.0", "Listens to the channels that match patterns.",
     "O(N) where N is the number of patterns", "pattern:pattern ..."},
    {"publish", "2.0.0", "Sends a message to whoever listens to a channel.",
     "O(N+M) where N clients listen to the channel and M patterns are in use", "channel message"},
    {"pubsub", "2.8.0", "Groups commands that tell about channels and listeners.", "Depends on the subcommand."},
    {"pubsub|channels", "2.8.0", "Lists channels that somebody listens to.",
     "O(N) where N is the number of channels", "[pattern:pattern]"},
    {"pubsub|help", "6.2.0", "Lists the subcommands.", "O(1)"},
    {"pubsub|numpat", "2.8.0", "Counts the patterns that somebody listens to.", "O(1)"},
    {"pubsub|numsub", "2.8.0", "Counts the listeners of channels.",
     "O(N) where N is the number of channels asked about", "[channel ...]"},
    {"pubsub|shardchannels", "7.0.0", "Lists shard channels that somebody listens to.",
     "O(N) where N is the number of channels", "[pattern:pattern]"},
    {"pubsub|shardnumsub", "7.0.0", "Counts the listeners of shard channels.",
     "O(N) where N is the number of channels asked about", "[shardchannel ...]"},
    {"punsubscribe", "2.0.0", "Stops listening to patterns, or to all of them.",
     "O(N) where N is the number of patterns", "[pattern:pattern ...]"},
    {"spublish", "7.0.0", "Sends a message to whoever listens to a shard channel.",
     "O(N) where N is the number of listeners", "shardchannel message"},
    {"ssubscribe", "7.0.0", "Listens to shard channels.", "O(N) where N is the number of channels",
     "shardchannel ..."},
    {"subscribe", "2.0.0", "Listens to channels.", "O(N) where N is the number of channels", "channel ..."},
    {"sunsubscribe", "7.0.0", "Stops listening to shard channels, or to all of them.",
     "O(N) where N is the number of channels", "[shardchannel ...]"},
    {"unsubscribe", "2.0.0", "Stops listening to channels, or to all of them.",
     "O(N) where N is the number of channels", "[channel ...]"},
};

}  // namespace

const std::span<const CommandDoc> kPubSubDocs = kPubSubTexts;

}  // namespace pinion::admin
