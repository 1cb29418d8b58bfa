"""Every setting, read from the environment with its type checked (facehealth/environment.py).

A mistake raises ImproperlyConfigured with the name of the variable, what was read, and what to do; manage.py prints
that message alone. README.md lists the variables; tests/test_settings.py holds that list against this file.
"""

import re
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from facehealth.environment import (
    HOST_NAME,
    env,
    make_data_dir,
    mistake,
    read,
    read_database,
    read_host,
    read_hosts,
    read_list,
    read_mail,
    read_networks,
    read_numbers,
    read_path,
    read_port,
    read_replica,
    read_secret_key,
    read_time_zone,
    read_whole_number,
)

BASE_DIR = Path(__file__).resolve().parent.parent
CONTACT_REMEDY = "Use an e-mail address, editors@example.org, or the https:// address of a page with a form."

# What the environment says. Each variable has its row in README.md.

DEBUG = read(env.bool, "DEBUG", False, "Use 1 while developing, and 0 otherwise.")

HOST = read_host("HOST", "127.0.0.1", "Use an address of this machine alone, such as 127.0.0.1, or leave it out.")

PORT = read_port("PORT", 8000, "Use a whole number from 1 to 65535, as in: PORT=8001 make run")

ALLOWED_HOSTS = read_hosts(
    "ALLOWED_HOSTS",
    ["localhost", "127.0.0.1", "[::1]"],
    "Name the hosts that readers ask for, without http:// and port, split by commas: "
    "ALLOWED_HOSTS=www.example.org,localhost",
)
if not ALLOWED_HOSTS:
    raise mistake("ALLOWED_HOSTS", "Name at least one host, or leave it out for this machine alone.")

CSRF_TRUSTED_ORIGINS = read_list(
    "CSRF_TRUSTED_ORIGINS",
    [],
    rf"https?://((\*\.)?{HOST_NAME}|\[[0-9a-fA-F:.]+\])(:[0-9]{{1,5}})?",
    "Name each address with http:// or https:// and nothing after the host, split by commas: "
    "CSRF_TRUSTED_ORIGINS=https://www.example.org",
)

HTTPS = read(env.bool, "HTTPS", False, "Use 1 where a proxy speaks https to readers, and 0 otherwise.")

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

CDN_SECONDS = read_whole_number(
    "CDN_SECONDS", 0, "Use the seconds, up to 86400, that a CDN may keep a page without asking, or 0.", 0, 86400
)

REQUIRE_REVIEW = read(
    env.bool, "REQUIRE_REVIEW", False, "Use 1 where readers see nothing that was not approved, and 0 otherwise."
)

CONTACT = read(env.str, "CONTACT", "", CONTACT_REMEDY)
if CONTACT and not re.fullmatch(
    rf"https?://{HOST_NAME}(:[0-9]{{1,5}})?([/?#][^\s<>\"]*)?|[^@\s<>\":?&]+@(?=.*\.){HOST_NAME}", CONTACT
):
    raise mistake("CONTACT", CONTACT_REMEDY)

_mail = read_mail(
    "EMAIL_URL",
    "Name the server, and the sender as _default_from_email, as in: "
    "EMAIL_URL=submission://user:password@mail.example.org:587/?_default_from_email=editors@example.org",
)
SENDS_MAIL = bool(_mail)
EMAIL_BACKEND = _mail.get("EMAIL_BACKEND", "django.core.mail.backends.dummy.EmailBackend")
EMAIL_HOST, EMAIL_PORT = _mail.get("EMAIL_HOST", ""), _mail.get("EMAIL_PORT", 25)
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = _mail.get("EMAIL_HOST_USER", ""), _mail.get("EMAIL_HOST_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = _mail.get("EMAIL_USE_TLS", False), _mail.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = _mail.get("DEFAULT_FROM_EMAIL", "")

EMERGENCY_NUMBERS = read_numbers(
    "EMERGENCY_NUMBERS",
    "911 US, Canada; 112 Europe; 999 UK",
    "Name up to four numbers, each with where it works, split by semicolons: EMERGENCY_NUMBERS=911 US, Canada; 999 UK",
)

CRISIS_NUMBERS = read_numbers(
    "CRISIS_NUMBERS",
    "988 US; 116 123 UK",
    "Name up to four numbers, each with where it works, split by semicolons: CRISIS_NUMBERS=988 US; 116 123 UK",
)

TIME_ZONE = read_time_zone(
    "TIME_ZONE", "UTC", "Use a name of the time zone database, as in: TIME_ZONE=Europe/London, or leave it out for UTC."
)

DATA_DIR = make_data_dir(
    BASE_DIR / read_path("DATA_DIR", "var", "Name a directory that this user may write to, or leave it out.")
)
SECRET_KEY = read_secret_key("SECRET_KEY", DATA_DIR)
DATABASES = {"default": read_database("DATABASE_URL", DATA_DIR)}
DATABASES |= read_replica("DATABASE_REPLICA_URL", DATABASES["default"])

# The same everywhere.

FIXTURES = BASE_DIR / "fixtures"

INSTALLED_APPS = [
    # Simple: the app makes and registers its own admin site.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
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
    "conditions.newer_records.NewerRecordMiddleware",
    # Innermost: puts the page for too many attempts in place of the login's answer.
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "facehealth.urls"
WSGI_APPLICATION = "facehealth.wsgi.application"
APPEND_SLASH = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    # The pages for readers.
    {
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "DIRS": [BASE_DIR / "templates" / "public", BASE_DIR / "facehealth" / "templates"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "conditions.templating.environment"},
    },
    # The admin.
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
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
        # What goes live as scheduled, and whether readers are served from the replica.
        "conditions.clock": {"level": "INFO"},
        "conditions.replica": {"level": "INFO"},
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
