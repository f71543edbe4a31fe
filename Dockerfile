# One slim image for web and worker; state lies in the volume at /var/lib/waymark.
FROM python:3.13-slim AS build
WORKDIR /src
COPY requirements.lock ./
RUN python -m venv /opt/waymark && /opt/waymark/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE waymark.py ./
COPY directory directory
COPY ingest ingest
COPY taxonomy taxonomy
COPY web web
RUN /opt/waymark/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.13-slim
COPY --from=build /opt/waymark /opt/waymark
RUN useradd --system --create-home --home-dir /var/lib/waymark waymark
USER waymark
ENV PATH=/opt/waymark/bin:$PATH WAYMARK_HOME=/var/lib/waymark PYTHONUNBUFFERED=1
VOLUME /var/lib/waymark
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["sh", "-c", "waymark setup && exec waymark serve --host 0.0.0.0"]
