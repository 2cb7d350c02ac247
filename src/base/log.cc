// The server's log: lines in Redis's layout, "pid:M date time level text", written through spdlog.
#include "base/log.h"

#include <atomic>
#include <cstdio>
#include <memory>
#include <mutex>

#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace pinion {
namespace {

std::shared_ptr<spdlog::logger> MakeLogger(spdlog::sink_ptr sink) {
  auto logger = std::make_shared<spdlog::logger>("pinion", std::move(sink));
  logger->set_pattern("%P:M %d %b %Y %H:%M:%S.%e %v");
  logger->set_level(spdlog::level::trace);
  logger->flush_on(spdlog::level::trace);
  return logger;
}

// Where lines go. Replaced as a whole; a thread that is writing keeps the old one alive until it is
// done.
struct Destination {
  std::mutex mutex;
  std::shared_ptr<spdlog::logger> logger =
      MakeLogger(std::make_shared<spdlog::sinks::stdout_sink_mt>());
};

Destination& TheDestination() {
  static Destination destination;
  return destination;
}

std::atomic<LogLevel> g_level{LogLevel::kNotice};

char LevelMark(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return '.';
    case LogLevel::kVerbose:
      return '-';
    case LogLevel::kNotice:
      return '*';
    default:
      return '#';
  }
}

}  // namespace

bool ConfigureLog(LogLevel level, const std::string& file) {
  spdlog::sink_ptr sink;
  if (file.empty()) {
    sink = std::make_shared<spdlog::sinks::stdout_sink_mt>();
  } else {
    // The sink would make missing directories.
    const std::unique_ptr<FILE, int (*)(FILE*)> probe(std::fopen(file.c_str(), "ae"), &std::fclose);
    if (!probe) return false;
    try {
      sink = std::make_shared<spdlog::sinks::basic_file_sink_mt>(file);  // appends
    } catch (const spdlog::spdlog_ex&) {
      return false;
    }
  }
  auto logger = MakeLogger(std::move(sink));
  {
    Destination& to = TheDestination();
    std::lock_guard lock(to.mutex);
    to.logger.swap(logger);
  }
  g_level.store(level, std::memory_order_relaxed);
  return true;
}

bool LogEnabled(LogLevel level) {
  return level >= g_level.load(std::memory_order_relaxed) && level != LogLevel::kNothing;
}

void LogLine(LogLevel level, std::string_view line) {
  if (!LogEnabled(level)) return;
  std::shared_ptr<spdlog::logger> logger;
  {
    Destination& to = TheDestination();
    std::lock_guard lock(to.mutex);
    logger = to.logger;
  }
  logger->log(spdlog::level::info, "{} {}", LevelMark(level), line);
}

}  // namespace pinion
