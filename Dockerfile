# The server's image: built from source on Debian 12, shipped with its run-time libraries only.
# docker build -t pinion . && docker run -p 6379:6379 -v pinion-data:/data pinion [options | file.conf]

FROM debian:bookworm-slim AS build
RUN apt-get update \
 && apt-get install -y --no-install-recommends \
      g++ cmake ninja-build libasio-dev libfmt-dev libspdlog-dev libmimalloc-dev libxxhash-dev libexpected-dev \
      libhiredis-dev liblzf-dev liblua5.1-0-dev lua-cjson-dev lua-bitop-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN cmake --preset release -DPINION_TESTS=OFF -DPINION_BENCH=OFF \
 && cmake --build --preset release --target pinion \
 && strip build/release/pinion

FROM debian:bookworm-slim
RUN apt-get update \
 && apt-get install -y --no-install-recommends libstdc++6 libfmt9 libspdlog1.10 libmimalloc2.0 liblua5.1-0 liblzf1 libhiredis0.14 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 999 --user-group --home-dir /data --no-create-home pinion \
 && install -d -o pinion -g pinion /data
COPY --from=build /source/build/release/pinion /usr/local/bin/pinion
COPY LICENSE /usr/share/doc/pinion/LICENSE
COPY --chmod=755 compose/server/entrypoint /usr/local/bin/pinion-entrypoint
COPY --chmod=755 compose/server/healthcheck /usr/local/bin/pinion-healthcheck
USER pinion
VOLUME /data
WORKDIR /data
EXPOSE 6379
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=4s --start-period=10s CMD ["pinion-healthcheck"]
ENTRYPOINT ["pinion-entrypoint"]
