// What parsing a request and writing a reply cost, in nanoseconds an operation.
#include <string>

#include <benchmark/benchmark.h>

#include "resp/output_buffer.h"
#include "resp/parser.h"
#include "resp/reply_writer.h"

namespace pinion::resp {
namespace {

constexpr size_t kPipeline = 64;

// The time of one of the kPipeline operations an iteration does.
benchmark::Counter TimeOf(const benchmark::State& state) {
  return benchmark::Counter(static_cast<double>(state.iterations() * kPipeline),
                            benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void ParseRequests(benchmark::State& state, const std::string& request) {
  std::string buffer;
  for (size_t i = 0; i < kPipeline; ++i) buffer += request;
  Parser parser;
  RequestBatch batch;
  const ParserLimits limits;
  for (auto _ : state) {
    benchmark::DoNotOptimize(parser.Parse(buffer, limits, kPipeline, &batch));
    benchmark::ClobberMemory();
  }
  state.counters["time_a_request"] = TimeOf(state);
}

void ParseGet(benchmark::State& state) {
  ParseRequests(state, "*2\r\n$3\r\nGET\r\n$16\r\nkey:000000012345\r\n");
}
BENCHMARK(ParseGet);

void ParseSet64(benchmark::State& state) {
  ParseRequests(state, "*3\r\n$3\r\nSET\r\n$16\r\nkey:000000012345\r\n$64\r\n" +
                           std::string(64, 'x') + "\r\n");
}
BENCHMARK(ParseSet64);

void ParseInlinePing(benchmark::State& state) { ParseRequests(state, "PING\r\n"); }
BENCHMARK(ParseInlinePing);

// Writes kPipeline replies into a buffer that is then cleared.
template <typename F>
void WriteReplies(benchmark::State& state, F&& write) {
  OutputBuffer out;
  ReplyWriter reply(&out, 2);
  for (auto _ : state) {
    for (size_t i = 0; i < kPipeline; ++i) write(reply, i);
    benchmark::DoNotOptimize(out.size());
    benchmark::ClobberMemory();
    out.Clear();
  }
  state.counters["time_a_reply"] = TimeOf(state);
}

void WriteOk(benchmark::State& state) {
  WriteReplies(state, [](ReplyWriter& reply, size_t) { reply.Ok(); });
}
BENCHMARK(WriteOk);

void WriteInteger(benchmark::State& state) {
  WriteReplies(state,
               [](ReplyWriter& reply, size_t i) { reply.Integer(static_cast<int64_t>(i * 1234)); });
}
BENCHMARK(WriteInteger);

void WriteBulk(benchmark::State& state) {
  const std::string value(static_cast<size_t>(state.range(0)), 'x');
  WriteReplies(state, [&value](ReplyWriter& reply, size_t) { reply.Bulk(value); });
}
BENCHMARK(WriteBulk)->Arg(3)->Arg(16)->Arg(64)->Arg(1024);

void WriteDouble(benchmark::State& state) {
  WriteReplies(state,
               [](ReplyWriter& reply, size_t i) { reply.Double(static_cast<double>(i) * 0.37); });
}
BENCHMARK(WriteDouble);

}  // namespace
}  // namespace pinion::resp

BENCHMARK_MAIN();
