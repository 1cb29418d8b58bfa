"""Every setting, read from the environment with its type checked.

A mistake raises ImproperlyConfigured with the name of the variable, what was read, and what to do;
manage.py prints that message alone. README.md lists the variables; tests/test_settings.py holds
that list against this file.
"""

import os
import re
import secrets
import tempfile
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from environs import Env, EnvError

BASE_DIR = Path(__file__).resolve().parent.parent
SECRET_KEY_LENGTH = 32
PORT_REMEDY = "Use a whole number from 1 to 65535, as in: PORT=8001 make run"
CONTACT_REMEDY = "Use an e-mail address, editors@example.org, or the https:// address of a page with a form."
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "OPTIONS": {
        # With either of these two alone, writers fail with "database is locked".
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    },
}

env = Env()


def mistake(name: str, remedy: str, *, shown: str | None = None) -> ImproperlyConfigured:
    """The error for variable `name`: what was read (or `shown` in its place), and the remedy."""
    value = repr(os.environ.get(name, "")) if shown is None else shown
    return ImproperlyConfigured(f"{name} is {value}. {remedy}")


def read(reader: Callable[..., Any], name: str, default: Any, remedy: str) -> Any:
    """The variable `name` through an environs reader; a value of the wrong type raises `mistake`."""
    try:
        return reader(name, default)
    except (EnvError, ValueError) as error:
        raise mistake(name, remedy) from error


def read_list(name: str, default: list[str], pattern: str, remedy: str) -> list[str]:
    """The variable `name` as a list split at commas, each item of which must match `pattern` whole."""
    items = [item.strip() for item in read(env.list, name, default, remedy) if item.strip()]
    if not all(re.fullmatch(pattern, item) for item in items):
        raise mistake(name, remedy)
    return items


def read_networks(name: str, remedy: str) -> list[str]:
    """The variable `name` as a list of IP addresses and networks, each one valid."""
    items = read_list(name, [], r"[0-9a-fA-F:.]+(/\d+)?", remedy)
    try:
        return [str(ip_network(item)) for item in items]
    except ValueError as error:
        raise mistake(name, f"{error}. {remedy}") from error


def read_path(name: str, default: str) -> Path:
    """The variable `name` as a path, `~` being this user's home."""
    text = env.str(name, default)
    if not text:
        raise mistake(name, "Name a directory that this user may write to, or leave it out.")
    return Path(text).expanduser()


def make_data_dir(path: Path) -> Path:
    """Make the directory and its `static` if need be; `path` that cannot be written raises `mistake`."""
    remedy = "It must be a directory that this user may write to: fix its owner, or name another."
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        (path / "static").mkdir(exist_ok=True)
    except OSError as error:
        raise mistake("DATA_DIR", f"{error.strerror}. {remedy}", shown=f"'{path}'") from error
    if not os.access(path, os.W_OK | os.X_OK):
        raise mistake("DATA_DIR", remedy, shown=f"'{path}'")
    return path


def stored_secret_key(path: Path) -> str:
    """The key in the file at `path`, which is made first if it is missing, readable by this user only."""
    remedy = f"The secret key is kept in {path}: make it readable, or delete it, and a new one is made."
    try:
        if not path.exists():
            make_secret_key(path)
        key = path.read_text().strip()
    except OSError as error:
        raise mistake("DATA_DIR", f"{error.strerror}. {remedy}", shown=f"'{path.parent}'") from error
    if len(key) < SECRET_KEY_LENGTH:
        raise mistake("DATA_DIR", f"The key is too short. {remedy}", shown=f"'{path.parent}'")
    return key


def make_secret_key(path: Path) -> None:
    """Write a new key whole under another name, then link it to `path`: of two processes, one wins."""
    handle, draft = tempfile.mkstemp(dir=path.parent, prefix=".secret_key.")
    try:
        with open(handle, "w") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(draft)


def read_secret_key() -> str:
    """SECRET_KEY if it is given, else the key that is kept in DATA_DIR."""
    key: str = env.str("SECRET_KEY", "")
    if not key:
        return stored_secret_key(DATA_DIR / "secret_key")
    if len(key) < SECRET_KEY_LENGTH:
        remedy = f"Give at least {SECRET_KEY_LENGTH}, or leave it out: then one is made and kept in DATA_DIR."
        raise mistake("SECRET_KEY", remedy, shown=f"only {len(key)} characters long")
    return key


def read_database() -> dict[str, Any]:
    """The database that DATABASE_URL names, or the file in DATA_DIR."""
    url = env.str("DATABASE_URL", "")
    return database_at(url, name="DATABASE_URL") if url else SQLITE | {"NAME": DATA_DIR / "facehealth.sqlite3"}


def database_at(url: str, *, name: str) -> dict[str, Any]:
    """The database at an address, in the shape of Django's DATABASES. A password is never shown.

    Raises ImproperlyConfigured that says what `name`, where the address was given, should be.
    """
    remedy = "Use sqlite:////path/to/file or postgres://user:password@host:5432/name."
    scheme, _, rest = url.partition("://")
    shown = f"'{scheme}://...{rest.rpartition('@')[2].partition('?')[0]}'" if rest else "not an address"
    if scheme not in ("sqlite", "postgres", "postgresql"):
        raise mistake(name, f"Only SQLite and PostgreSQL are known. {remedy}", shown=shown)
    try:
        database: dict[str, Any] = dict(dj_database_url.parse(url))
    except ValueError as error:
        raise mistake(name, f"It cannot be understood. {remedy}", shown=shown) from error
    if database["NAME"] in ("", ":memory:"):
        raise mistake(name, f"It names no database. {remedy}", shown=shown)
    if scheme != "sqlite":
        return database | {"CONN_MAX_AGE": 600, "CONN_HEALTH_CHECKS": True}
    if not Path(database["NAME"]).absolute().parent.is_dir():
        raise mistake(name, "Make the directory of that file first.", shown=shown)
    return SQLITE | {"NAME": database["NAME"]}


# What the environment says. Each variable has its row in README.md.

DEBUG = read(env.bool, "DEBUG", False, "Use 1 while developing, and 0 or nothing otherwise.")

HOST = env.str("HOST", "127.0.0.1")
if not HOST:
    raise mistake("HOST", "Use an address of this machine, such as 127.0.0.1, or leave it out.")

PORT = read(env.int, "PORT", 8000, PORT_REMEDY)
if not 1 <= PORT <= 65535:
    raise mistake("PORT", PORT_REMEDY)

ALLOWED_HOSTS = read_list(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    r"\*|\.?[\w.-]+|\[[0-9a-fA-F:.]+\]",
    "Name the hosts that readers ask for, without http:// and port, split by commas: "
    "ALLOWED_HOSTS=www.example.org,localhost",
)
if not ALLOWED_HOSTS:
    raise mistake("ALLOWED_HOSTS", "Name at least one host, or leave it out for this machine alone.")

CSRF_TRUSTED_ORIGINS = read_list(
    "CSRF_TRUSTED_ORIGINS",
    [],
    r"https?://[^/\s]+",
    "Name each address with http:// or https:// and nothing after the host, split by commas: "
    "CSRF_TRUSTED_ORIGINS=https://www.example.org",
)

HTTPS = read(env.bool, "HTTPS", False, "Use 1 where a proxy speaks https to readers, and 0 or nothing otherwise.")

TRUSTED_PROXIES = read_networks(
    "TRUSTED_PROXIES",
    "Name the addresses or networks of your own proxies, split by commas: TRUSTED_PROXIES=127.0.0.1,10.0.0.0/24",
)
if HTTPS and not TRUSTED_PROXIES:
    raise mistake(
        "TRUSTED_PROXIES",
        "HTTPS=1 needs the address of the proxy that speaks https, whose word is believed: TRUSTED_PROXIES=127.0.0.1",
    )

HSTS_SUBDOMAINS = read(env.bool, "HSTS_SUBDOMAINS", False, "Use 1 if all subdomains speak https, and 0 otherwise.")

LOG_REQUESTS = read(env.bool, "LOG_REQUESTS", HTTPS, "Use 1 for one line on each request, and 0 for none.")

CONTACT = read(env.str, "CONTACT", "", CONTACT_REMEDY)
if CONTACT and not re.fullmatch(r"https?://[^\s<>\"]+|[^@\s<>\":?&]+@[\w.-]+\.\w+", CONTACT):
    raise mistake("CONTACT", CONTACT_REMEDY)

DATA_DIR = make_data_dir(BASE_DIR / read_path("DATA_DIR", "var"))
SECRET_KEY = read_secret_key()
DATABASES = {"default": read_database()}

# The same everywhere.

FIXTURES = BASE_DIR / "fixtures"

INSTALLED_APPS = [
    # Simple: the app makes and registers its own admin site.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    # Before staticfiles: whitenoise serves static files for runserver too.
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "taggit",
    "csp",
    "axes",
    "conditions",
]

MIDDLEWARE = [
    # Outermost: times everything, and its request id is on every answer and log line.
    "facehealth.logs.LogMiddleware",
    # What clients claim about themselves is removed before anything trusts it.
    "facehealth.proxies.ProxyMiddleware",
    # What sets headers comes before what refuses, so that refusals have them too.
    "facehealth.limits.HeadersMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "facehealth.limits.LimitsMiddleware",
    "facehealth.passwords.PasswordsMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    # Innermost: puts the page for too many attempts in place of the login's answer.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "facehealth.urls"
WSGI_APPLICATION = "facehealth.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates", BASE_DIR / "facehealth" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = "facehealth.formats"
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = DATA_DIR / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
# Pages ask for hashed names only, so plain copies would be compressed for nothing.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True

TAGGIT_CASE_INSENSITIVE = True

# Logging in: passwords, attempts, sessions.

PASSWORD_HASHERS = ["facehealth.passwords.OneAtATimeHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}", "OPTIONS": options}
    for name, options in (
        ("UserAttributeSimilarityValidator", {}),
        ("MinimumLengthValidator", {"min_length": 12}),
        ("CommonPasswordValidator", {}),
        ("NumericPasswordValidator", {}),
    )
]
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
# Without a `next` that is ours.
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
# Together: strangers can lock out themselves, but no editor.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "facehealth.proxies.client_address"
AXES_LOCKOUT_CALLABLE = "facehealth.limits.too_many_attempts"
AXES_RESET_ON_SUCCESS = True
# Attempts against a lock do not make it longer: a colleague behind the same address may be the one who tries.
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
# Who logs in is in the log already, so no table keeps it.
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
# Passwords are never kept in its tables; neither is what an expired form carries.
AXES_SENSITIVE_PARAMETERS = ["preserved", "csrfmiddlewaretoken"]
AXES_VERBOSE = False

# A working day, then log in again; the session also ends with the browser.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS

# What answers say to browsers. facehealth/limits.py adds the Permissions-Policy.

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

SECURE_SSL_REDIRECT = HTTPS
# The server asks itself, and a balancer asks each machine, by plain http.
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_HSTS_SECONDS = 365 * 24 * 60 * 60 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS and HSTS_SUBDOMAINS
# Subdomains (W005) and browsers' built-in lists (W021) are a promise for a whole domain: its owner's to make.
SILENCED_SYSTEM_CHECKS = [] if HSTS_SUBDOMAINS else ["security.W005", "security.W021"]

# What a request may be. facehealth/limits.py refuses the rest.

# Five thousand characters of any script can be searched for: percent-encoded, they are twelve times as long.
# The server itself refuses an address of more than 65,534 bytes.
MAX_PATH_LENGTH = 1000
MAX_QUERY_LENGTH = 64_000
# A condition with many relation rows sends more fields than Django's 1,000, each row about ten.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
FILE_UPLOAD_HANDLERS = ["facehealth.limits.NoUploads"]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"key_value": {"()": "facehealth.logs.KeyValueFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "key_value"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
    "loggers": {
        "facehealth.requests": {"level": "INFO" if LOG_REQUESTS else "CRITICAL"},
        # Without Django's own handlers, which send mail; all goes to the root's.
        "django": {"handlers": [], "level": "INFO" if DEBUG else "WARNING"},
        # A missing page is not a fault of the site.
        "django.request": {"level": "ERROR"},
        # Nor is a malformed request: its line says 400, without a stack trace.
        "django.security": {"level": "CRITICAL"},
        # Of failed logins, the line that says who is locked out is worth reading; facehealth/limits.py writes it.
        "axes": {"level": "ERROR"},
    },
}
