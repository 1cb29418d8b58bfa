# The site in one image. compose.yaml runs it beside PostgreSQL; docs/operating.md says how.
# trixie has the programs of PostgreSQL 17, which compose.yaml runs: older ones could make no backup of it.
FROM python:3.11-slim-trixie

# What `manage.py backup` calls on PostgreSQL.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends postgresql-client \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /data --shell /usr/sbin/nologin facehealth \
    && install --directory --owner facehealth --group facehealth --mode 700 /data /backups

WORKDIR /app
COPY requirements.txt ./
RUN pip install --no-cache-dir --disable-pip-version-check --requirement requirements.txt
COPY manage.py ./
COPY facehealth/ facehealth/
COPY conditions/ conditions/
COPY templates/ templates/
COPY fixtures/ fixtures/

ENV DATA_DIR=/data HOST=0.0.0.0 DJANGO_SETTINGS_MODULE=facehealth.settings PYTHONUNBUFFERED=1
USER facehealth
# With a key that is for this step alone: else one would be made, and be the same wherever the image runs.
RUN SECRET_KEY=for-the-build-alone-and-never-in-use python manage.py collectstatic --no-input --verbosity 0

VOLUME ["/data", "/backups"]
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=6s --start-period=60s \
    CMD ["python", "-c", "import sys; from facehealth import server; sys.exit(not server.is_healthy())"]
CMD ["python", "manage.py", "serve"]
