# One image for web, worker, schedule and migrate; what it does is the command it is given.

FROM node:20-bookworm-slim AS assets
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund

FROM python:3.11-slim-bookworm AS packages
COPY requirements.lock ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --no-cache-dir --no-deps --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --home-dir /app --shell /usr/sbin/nologin baogong
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    BAOGONG_VAR=/var/lib/baogong \
    HOST=0.0.0.0 \
    PORT=8000
WORKDIR /app
COPY --from=packages /opt/venv /opt/venv
COPY --from=assets /app/node_modules/bootstrap/dist/css/bootstrap.min.css node_modules/bootstrap/dist/css/
COPY --from=assets /app/node_modules/echarts/dist/echarts.min.js node_modules/echarts/dist/
COPY . .
# the static files are the image's, so that each version serves its own
RUN python -m compileall -q coordination supplies enterprises \
 && MODE=local python manage.py collectstatic --noinput --verbosity 0 \
 && rm -f "$BAOGONG_VAR/secret_key"
# a volume mounted here takes over its owner
RUN install -d -o baogong -m 750 /var/lib/attachments
USER baogong
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os, urllib.request as u; u.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=2)"]
CMD ["python", "manage.py", "web"]
