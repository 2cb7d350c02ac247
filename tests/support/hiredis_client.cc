// The hiredis client of the tests.
#include "tests/support/hiredis_client.h"

#include <hiredis/hiredis.h>

namespace pinion::test {
namespace {

struct FreeReply {
  void operator()(redisReply* reply) const { freeReplyObject(reply); }
};

Reply Convert(const redisReply& from) {
  Reply to;
  switch (from.type) {
    case REDIS_REPLY_STATUS:
      to.kind = Reply::Kind::kStatus;
      break;
    case REDIS_REPLY_ERROR:
      to.kind = Reply::Kind::kError;
      break;
    case REDIS_REPLY_STRING:
      to.kind = Reply::Kind::kBulk;
      break;
    case REDIS_REPLY_NIL:
      to.kind = Reply::Kind::kNil;
      return to;
    case REDIS_REPLY_INTEGER:
      to.kind = Reply::Kind::kInteger;
      to.integer = from.integer;
      return to;
    case REDIS_REPLY_ARRAY:
      to.kind = Reply::Kind::kArray;
      for (size_t i = 0; i < from.elements; ++i) to.elements.push_back(Convert(*from.element[i]));
      return to;
    default:
      to.text = "a reply hiredis does not know";
      return to;
  }
  to.text.assign(from.str, from.len);
  return to;
}

}  // namespace

void HiredisClient::Free::operator()(redisContext* context) const { redisFree(context); }

HiredisClient HiredisClient::Connect(const std::string& host, int port) {
  const timeval patience{RespClient::kPatience.count() / 1000, 0};
  HiredisClient client(redisConnectWithTimeout(host.c_str(), port, patience));
  if (client.connected()) redisSetTimeout(client.context_.get(), patience);
  return client;
}

bool HiredisClient::connected() const { return context_ && context_->err == 0; }

Reply HiredisClient::Command(const std::vector<std::string>& args) {
  Append(args);
  return ReadReply();
}

void HiredisClient::Append(const std::vector<std::string>& args) {
  std::vector<const char*> texts;
  std::vector<size_t> sizes;
  for (const std::string& arg : args) {
    texts.push_back(arg.data());
    sizes.push_back(arg.size());
  }
  redisAppendCommandArgv(context_.get(), static_cast<int>(args.size()), texts.data(), sizes.data());
}

Reply HiredisClient::ReadReply() {
  void* raw = nullptr;
  if (redisGetReply(context_.get(), &raw) != REDIS_OK) {
    Reply nothing;
    nothing.text = context_->errstr;
    return nothing;
  }
  const std::unique_ptr<redisReply, FreeReply> reply(static_cast<redisReply*>(raw));
  return Convert(*reply);
}

}  // namespace pinion::test
