# The enrollment server alone: one binary with templates, assets and migrations inside.
FROM rust:1.95-bookworm AS build
WORKDIR /source
COPY . .
RUN cargo build --release --locked --package enroll-server

FROM debian:bookworm-slim
RUN useradd --uid 10001 --home-dir /data --create-home --key HOME_MODE=0700 --shell /usr/sbin/nologin tapcard
COPY --from=build /source/target/release/enroll-server /usr/local/bin/enroll-server
USER 10001
VOLUME /data
EXPOSE 8443 8080
STOPSIGNAL SIGTERM
ENTRYPOINT ["enroll-server"]
CMD ["serve"]
