#!/usr/bin/env bash
# Sets up, builds, runs, tests and measures Pinion; `./dev.sh help` lists the commands.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

build_packages=(g++ cmake ninja-build libasio-dev libfmt-dev libspdlog-dev libmimalloc-dev
                libxxhash-dev libexpected-dev libhiredis-dev liblzf-dev liblua5.1-0-dev lua-cjson-dev lua-bitop-dev)
test_packages=(libgtest-dev libgmock-dev redis-server redis-tools
               python3 python3-redis php-cli php-redis)
bench_packages=(libbenchmark-dev redis-server redis-tools python3)
sanitizer_packages=(clang lld libclang-rt-14-dev)
format_packages=(clang-format)

help() {
  cat <<'TEXT'
usage: ./dev.sh COMMAND

  run [server arguments]      build the Release server and start it on port 6379
  build                       build the Release server: build/release/pinion
  build tests|asan|tsan|fuzz  build the tests, or the sanitized server and its tests, or the fuzzers
  test [ctest arguments]      build and run every test on the Release build
  test asan|tsan [arguments]  the same under AddressSanitizer + UBSan, or ThreadSanitizer
  test fuzz [NAME...]         run the libFuzzer programs, PINION_FUZZ_SECONDS each (default 60)
  test npm [FILE...]          run the tests through client packages from the npm registry (needs Node.js 18)
  bench [arguments]           compare with the distribution's redis-server (bench/run --help)
  setup                       install what build, test and bench need
  format                      lay out the C++ sources with clang-format

What a command needs and the machine lacks is installed with apt first.
TEXT
}

say() { printf '\033[1mdev.sh:\033[0m %s\n' "$*" >&2; }
die() { say "$@"; exit 1; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# --- Packages ---------------------------------------------------------------------------------

installed() {
  [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

# need PACKAGE...: installs those that are missing, and says so.
need() {
  if ! command -v dpkg-query >/dev/null; then
    say "this is not a Debian system: please have the equivalents of these installed: $*"
    return
  fi
  local missing=() package
  for package; do installed "$package" || missing+=("$package"); done
  [ ${#missing[@]} -gt 0 ] || return 0

  say "installing with apt: ${missing[*]}"
  [ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null || die "run this as root, or install sudo"
  as_root apt-get update -qq
  install_without_starting "${missing[@]}"
  if [[ " ${missing[*]} " == *" redis-server "* ]] && [ -d /run/systemd/system ]; then
    # It is here to be compared with, not to take port 6379 at the next boot.
    as_root systemctl disable --quiet redis-server
  fi
}

# Debian starts a service as it installs it, unless policy-rc.d says no.
install_without_starting() (
  policy=/usr/sbin/policy-rc.d
  if [ ! -e $policy ]; then
    trap 'as_root rm -f $policy' EXIT
    printf '#!/bin/sh\nexit 101\n' | as_root tee $policy >/dev/null
    as_root chmod +x $policy
  fi
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >&2
)

# --- Building ---------------------------------------------------------------------------------

# configure PRESET [cmake arguments]
configure() {
  local arguments=(--preset "$1") ; shift
  if command -v ccache >/dev/null; then
    arguments+=(-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  if [ -x /usr/bin/python3 ]; then
    # Debian's own interpreter is the one that python3-redis is installed for.
    arguments+=(-DPython3_EXECUTABLE=/usr/bin/python3)
  fi
  (cd "$root" && cmake "${arguments[@]}" "$@" >&2)
}

# compile PRESET [targets]
compile() {
  local preset=$1 ; shift
  (cd "$root" && cmake --build --preset "$preset" ${1:+--target "$@"} >&2)
}

build() {
  case ${1:-server} in
    server) ;;
    tests) build_tests release ; return ;;
    asan | tsan) build_tests "$1" ; return ;;
    fuzz) build_fuzzers ; return ;;
    *) die "no such build: $1" ;;
  esac
  need "${build_packages[@]}"
  if [ -e "$root/build/release/CMakeCache.txt" ]; then
    configure release
  else
    configure release -DPINION_TESTS=OFF -DPINION_BENCH=OFF
  fi
  compile release pinion
}

# --- Running, testing, measuring --------------------------------------------------------------

run() {
  build
  say "starting the server on port 6379 (Ctrl-C stops it)"
  exec "$root/build/release/pinion" "$@"
}

# ThreadSanitizer cannot place its shadow memory when the kernel spreads mappings too widely.
without_address_randomization() {
  if setarch "$(uname -m)" -R true 2>/dev/null; then
    setarch "$(uname -m)" -R "$@"
  else
    "$@"
  fi
}

# build_tests PRESET [TARGET...]: the server and all its tests, or these targets.
build_tests() {
  local preset=$1 ; shift
  need "${build_packages[@]}" "${test_packages[@]}"
  [[ $preset != [at]san ]] || need "${sanitizer_packages[@]}"
  configure "$preset" -DPINION_TESTS=ON
  # A program, not `compile`: setarch cannot run a shell function.
  in_test_environment "$preset" cmake --build "$root/build/$preset" ${1:+--target "$@"} >&2
}

# in_test_environment PRESET COMMAND...
in_test_environment() {
  local preset=$1 ; shift
  export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_stack_use_after_return=1}
  export UBSAN_OPTIONS=${UBSAN_OPTIONS:-print_stacktrace=1}
  export TSAN_OPTIONS=${TSAN_OPTIONS:-second_deadlock_stack=1}
  if [ "$preset" = tsan ]; then without_address_randomization "$@" ; else "$@" ; fi
}

run_tests() {
  local preset=release
  case ${1:-} in
    asan | tsan) preset=$1 ; shift ;;
    fuzz) shift ; run_fuzzers "$@" ; return ;;
    npm) shift ; run_npm_tests "$@" ; return ;;
  esac
  build_tests "$preset"
  cd "$root"
  in_test_environment "$preset" ctest --preset "$preset" --parallel "$(nproc)" "$@"
  [ "$preset" != release ] || return 0
  # The tests that only talk to a server are built once: here they talk to the sanitized one.
  build_tests release client_tests
  PINION_TEST_SERVER=$root/build/$preset/pinion \
    in_test_environment "$preset" ctest --preset release --parallel "$(nproc)" -L client "$@"
}

# build_fuzzers [NAME...]: tests/ROOM/NAME_fuzz.cc, all of them unless named. Leaves the names in fuzzers.
build_fuzzers() {
  fuzzers=("$@")
  local file
  if [ ${#fuzzers[@]} -eq 0 ]; then
    for file in "$root"/tests/*/*_fuzz.cc; do fuzzers+=("$(basename "$file" _fuzz.cc)"); done
  fi
  build_tests asan "${fuzzers[@]/%/_fuzz}"
}

# run_fuzzers [NAME...]: one a core at a time. What they find and what they learnt stays in
# build/fuzz/NAME/.
run_fuzzers() {
  build_fuzzers "$@"
  export -f fuzz_one say
  export root
  # shellcheck disable=SC2016  # the inner shell expands it
  printf '%s\n' "${fuzzers[@]}" | xargs -n 1 -P "$(nproc)" bash -c 'fuzz_one "$1"' fuzz
}

fuzz_one() {
  local name=$1 seconds=${PINION_FUZZ_SECONDS:-60}
  local home=$root/build/fuzz/$name
  mkdir -p "$home/corpus"
  if "$root/build/asan/tests/${name}_fuzz" \
      -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
      -artifact_prefix="$home/" "$home/corpus" >"$home/log" 2>&1; then
    say "fuzz $name: $(sed -n 's/.*number_of_executed_units: *//p' "$home/log") inputs in ${seconds} s, no fault"
  else
    tail -n 40 "$home/log" >&2
    say "fuzz $name: FAILED (log and input in ${home#"$root"/}/)"
    return 1
  fi
}

# run_npm_tests [FILE...]: tests/npm/*.test.mjs against the Release server. The packages go to build/npm.
run_npm_tests() {
  build
  if ! command -v node >/dev/null || ! command -v npm >/dev/null; then need nodejs npm ; fi
  local home=$root/build/npm
  mkdir -p "$home"
  cp "$root"/tests/npm/* "$home"
  cd "$home"
  npm install --no-save --no-audit --no-fund --loglevel=error --fetch-retries=5 >&2
  PINION_SERVER=$root/build/release/pinion node --test --test-concurrency=1 "$@"
}

bench() {
  need "${build_packages[@]}" "${bench_packages[@]}"
  if [ -e "$root/build/release/CMakeCache.txt" ]; then
    configure release -DPINION_BENCH=ON
  else
    configure release -DPINION_TESTS=OFF -DPINION_BENCH=ON
  fi
  compile release pinion floor_server
  exec python3 "$root/bench/run" "$@"
}

format() {
  need "${format_packages[@]}"
  find "$root"/{src,include,tests,bench} '(' -name '*.cc' -o -name '*.h' ')' -exec clang-format -i {} +
}

command=${1:-help}
[ $# -eq 0 ] || shift
case $command in
  run) run "$@" ;;
  build) build "$@" ;;
  test) run_tests "$@" ;;
  bench) bench "$@" ;;
  setup) need "${build_packages[@]}" "${test_packages[@]}" "${bench_packages[@]}" ;;
  format) format ;;
  help | -h | --help) help ;;
  *) help >&2 ; die "no such command: $command" ;;
esac
