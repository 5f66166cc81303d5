# Naru in one container: API, scheduler and sandbox under `naru up`.
FROM python:3.13-slim

ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 PYTHONPATH=/naru

# Every package by its hash, and nothing built here; the project itself is only copied.
COPY requirements.lock /tmp/requirements.lock
RUN pip install --no-cache-dir --only-binary :all: --require-hashes -r /tmp/requirements.lock \
    && rm /tmp/requirements.lock \
    && useradd --system --uid 10001 --home-dir /naru --shell /usr/sbin/nologin naru \
    && install -d -o naru -g naru -m 0700 /data \
    && printf '#!/bin/sh\nexec python -m app.cli "$@"\n' > /usr/local/bin/naru \
    && chmod 0755 /usr/local/bin/naru

COPY LICENSE /naru/LICENSE
COPY app /naru/app
COPY channels /naru/channels
COPY templates /naru/templates
COPY scheduler /naru/scheduler
COPY sandbox /naru/sandbox

WORKDIR /naru
USER naru
# Inside, everything listens; compose.yaml opens the ports to this machine only.
ENV NARU_DATA=/data NARU_HOST=0.0.0.0 NARU_PORT=8000 \
    NARU_SANDBOX_HOST=0.0.0.0 NARU_SANDBOX_PORT=8001 \
    NARU_PUBLIC_URL=http://127.0.0.1:8000
VOLUME /data
EXPOSE 8000 8001
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/health/live', timeout=2)"]
CMD ["naru", "up"]
