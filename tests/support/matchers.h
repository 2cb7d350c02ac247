// Matchers that let a test of replies read as a sentence: EXPECT_THAT(c.Command("GET", "k"),
// IsBulk("v")).
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <type_traits>

#include <gmock/gmock.h>

#include "tests/support/reply.h"

namespace pinion::test {

using ReplyMatcher = ::testing::Matcher<const Reply&>;

namespace matcher_detail {

inline ReplyMatcher OfKind(Reply::Kind kind) {
  return ::testing::Field("kind", &Reply::kind, kind);
}
inline ReplyMatcher Text(Reply::Kind kind, const ::testing::Matcher<const std::string&>& text) {
  return ::testing::AllOf(OfKind(kind), ::testing::Field("text", &Reply::text, text));
}

}  // namespace matcher_detail

inline ReplyMatcher IsNothing() { return matcher_detail::OfKind(Reply::Kind::kNothing); }
inline ReplyMatcher IsNil() { return matcher_detail::OfKind(Reply::Kind::kNil); }
inline ReplyMatcher IsStatus(const std::string& text) {
  return matcher_detail::Text(Reply::Kind::kStatus, text);
}
inline ReplyMatcher IsOk() { return IsStatus("OK"); }
inline ReplyMatcher IsQueued() { return IsStatus("QUEUED"); }
inline ReplyMatcher IsError(const std::string& text) {
  return matcher_detail::Text(Reply::Kind::kError, text);
}
inline ReplyMatcher IsErrorStarting(const std::string& start) {
  return matcher_detail::Text(Reply::Kind::kError, ::testing::StartsWith(start));
}
inline ReplyMatcher IsBulk(const ::testing::Matcher<const std::string&>& text) {
  return matcher_detail::Text(Reply::Kind::kBulk, text);
}
inline ReplyMatcher IsVerbatim(const ::testing::Matcher<const std::string&>& text) {
  return matcher_detail::Text(Reply::Kind::kVerbatim, text);
}
inline ReplyMatcher IsBigNumber(const std::string& digits) {
  return matcher_detail::Text(Reply::Kind::kBigNumber, digits);
}
inline ReplyMatcher IsInt(const ::testing::Matcher<int64_t>& value) {
  return ::testing::AllOf(matcher_detail::OfKind(Reply::Kind::kInteger),
                          ::testing::Field("integer", &Reply::integer, value));
}
inline ReplyMatcher IsDouble(const ::testing::Matcher<double>& value) {
  return ::testing::AllOf(matcher_detail::OfKind(Reply::Kind::kDouble),
                          ::testing::Field("number", &Reply::number, value));
}
inline ReplyMatcher IsBool(bool value) {
  return ::testing::AllOf(
      matcher_detail::OfKind(Reply::Kind::kBoolean),
      ::testing::Field("integer", &Reply::integer, static_cast<int64_t>(value)));
}

namespace matcher_detail {

// Inside containers a plain string stands for a bulk string and a plain integer for an integer.
inline ReplyMatcher Element(const ReplyMatcher& matcher) { return matcher; }
inline ReplyMatcher Element(std::string_view text) { return IsBulk(std::string(text)); }
inline ReplyMatcher Element(const char* text) { return IsBulk(std::string(text)); }
inline ReplyMatcher Element(std::integral auto value) { return IsInt(static_cast<int64_t>(value)); }

template <typename... Elements>
ReplyMatcher InOrder(Reply::Kind kind, const Elements&... elements) {
  return ::testing::AllOf(
      OfKind(kind),
      ::testing::Field("elements", &Reply::elements, ::testing::ElementsAre(Element(elements)...)));
}

template <typename... Elements>
ReplyMatcher AnyOrder(Reply::Kind kind, const Elements&... elements) {
  return ::testing::AllOf(OfKind(kind),
                          ::testing::Field("elements", &Reply::elements,
                                           ::testing::UnorderedElementsAre(Element(elements)...)));
}

}  // namespace matcher_detail

// EXPECT_THAT(c.Command("MGET", "a", "b"), IsArray("1", IsNil()));
template <typename... Elements>
ReplyMatcher IsArray(const Elements&... elements) {
  return matcher_detail::InOrder(Reply::Kind::kArray, elements...);
}
template <typename... Elements>
ReplyMatcher IsUnorderedArray(const Elements&... elements) {
  return matcher_detail::AnyOrder(Reply::Kind::kArray, elements...);
}
// Names and values alternate: IsMap("proto", 3, ...).
template <typename... Elements>
ReplyMatcher IsMap(const Elements&... elements) {
  return matcher_detail::InOrder(Reply::Kind::kMap, elements...);
}
template <typename... Elements>
ReplyMatcher IsSet(const Elements&... elements) {
  return matcher_detail::AnyOrder(Reply::Kind::kSet, elements...);
}
template <typename... Elements>
ReplyMatcher IsPush(const Elements&... elements) {
  return matcher_detail::InOrder(Reply::Kind::kPush, elements...);
}
// A container of any kind whose elements fit: HasElements(Contains(IsBulk("x"))),
// HasElements(SizeIs(3)).
inline ReplyMatcher HasElements(const ::testing::Matcher<const std::vector<Reply>&>& elements) {
  return ::testing::Field("elements", &Reply::elements, elements);
}

}  // namespace pinion::test
