# syntax=docker/dockerfile:1
# Two stages: the first builds the virtual environment from hashed pins, the second holds nothing but its result.
# It serves SQLite in its volume, or PostgreSQL: -e CLONECHECK_DATABASE_URL=postgresql://user:password@host/name
FROM python:3.12-slim AS build
WORKDIR /src
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements ./requirements
RUN python -m venv /opt/clonecheck \
 && /opt/clonecheck/bin/pip install --require-hashes -r requirements/image.lock \
 && python -m venv /tmp/builder \
 && /tmp/builder/bin/pip install --require-hashes -r requirements/build.lock
COPY pyproject.toml README.md LICENSE ./
COPY app ./app
COPY matchers ./matchers
RUN /tmp/builder/bin/python -m hatchling build -t wheel -d /tmp/wheels \
 && /opt/clonecheck/bin/pip install --no-deps /tmp/wheels/*.whl

FROM python:3.12-slim
RUN useradd --system --uid 10001 --create-home clonecheck && install -d -o clonecheck /var/lib/clonecheck
COPY --from=build /opt/clonecheck /opt/clonecheck
ENV PATH=/opt/clonecheck/bin:$PATH CLONECHECK_DATA_DIR=/var/lib/clonecheck PYTHONUNBUFFERED=1
USER clonecheck
VOLUME /var/lib/clonecheck
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
  CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/readyz', timeout=4)"]
# Every address but loopback needs CLONECHECK_API_KEYS, a container's too: without it this refuses to start.
CMD ["clonecheck", "serve", "--host", "0.0.0.0", "--port", "8000"]
