# The service without Neo4j: docker-compose.yml runs both. The pages are built as `make setup` does;
# everything else happens in docker/build.sh and docker/start.sh, which `make test` runs too, for no
# container engine runs there.

FROM node:22-bookworm-slim AS web
# Another registry of packages: docker compose build --build-arg NPM_CONFIG_REGISTRY=…
ARG NPM_CONFIG_REGISTRY
WORKDIR /src/web
COPY web/package.json web/package-lock.json web/.npmrc ./
ENV NPM_CONFIG_CACHE=/var/cache/npm
RUN --mount=type=cache,target=/var/cache/npm ["npm", "ci"]
COPY docs/openapi.json /src/docs/openapi.json
COPY web ./
RUN ["npm", "run", "build"]

FROM python:3.11-slim-bookworm AS build
# Another index of packages: docker compose build --build-arg PIP_INDEX_URL=… --build-arg UV_DEFAULT_INDEX=…
ARG PIP_INDEX_URL
ARG UV_DEFAULT_INDEX
COPY . /src
COPY --from=web /src/api/static /src/api/static
ENV XDG_CACHE_HOME=/var/cache/packages
RUN --mount=type=cache,target=/var/cache/packages ["/src/docker/build.sh", "/opt/jiebang"]

FROM python:3.11-slim-bookworm
COPY --from=build /opt/jiebang /opt/jiebang
COPY --from=build --chown=10001:10001 /opt/jiebang/volume /var/lib/jiebang
COPY --from=build --chown=10001:10001 /opt/jiebang/volume /secrets
ENV PATH=/opt/jiebang/bin:$PATH \
    HOME=/tmp \
    LANG=C.UTF-8 \
    LOGNAME=jiebang \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TMPDIR=/var/lib/jiebang/tmp \
    JIEBANG_CACHE=/opt/jiebang/cache \
    JIEBANG_FILES=/var/lib/jiebang/files \
    JIEBANG_MODELS=/var/lib/jiebang/models \
    JIEBANG_STORE=/var/lib/jiebang/store
USER 10001:10001
WORKDIR /var/lib/jiebang
VOLUME /var/lib/jiebang
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=180s CMD ["start.sh", "ready"]
ENTRYPOINT ["start.sh"]
CMD ["serve"]
