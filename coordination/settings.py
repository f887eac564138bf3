"""Every setting of the project; the environment decides what differs from place to place."""

from pathlib import Path

from celery.schedules import crontab
from csp.constants import NONE, SELF

from coordination import environment, logs, openapi
from coordination.environment import Variable, address, flag, hosts, listing, one_of, origins, rate, text, whole

BASE_DIR = Path(__file__).resolve().parent.parent

# --- 1. The environment: every variable there is ---------------------------------------------------------------------
# name, how it is read, default, who needs it, what it says. Checked at start; a wrong value stops with one line.
ROBOTS = ["https://qyapi.weixin.qq.com", "https://oapi.dingtalk.com", "https://open.feishu.cn"]
VARIABLES = [
    Variable("ALLOWED_HOSTS", hosts, None, "生产", "对外的域名，用逗号分开；本机地址总在其中"),
    Variable("API_RATE", rate, "600/min", "生产", "每个账号调用接口的上限"),
    Variable(
        "ATTACHMENTS",
        environment.folder,
        None,
        "生产",
        "存放附件的目录，不在网页目录里；不设则用 BAOGONG_VAR 下的 attachments",
    ),
    Variable("BAOGONG_VAR", environment.folder, None, "测试", "存放嵌入式数据库、密钥和收集的静态文件的目录"),
    Variable("CSRF_TRUSTED_ORIGINS", origins, [], "生产", "可信来源；只在代理改写 Host 时需要"),
    Variable("DATABASE_TIMEOUT", whole(0, 86400), 15, "运维", "PostgreSQL 一条语句最多执行的秒数，0 为不限"),
    Variable("DATABASE_URL", environment.database, None, "生产", "数据库；不设则用 BAOGONG_VAR 下的 SQLite", True),
    Variable("DEBUG", flag, False, "开发", "出错时显示内部细节；生产不许"),
    Variable("DEMO", flag, None, "演示", "演示模式：空库装入演示城市，登录页列出演示账号；默认只在本机模式打开"),
    Variable("EMAIL_FROM", text, "", "运维", "提醒邮件的发件人，如 保供 <baogong@example.org>"),
    Variable("EMAIL_HOST", text, "", "运维", "发提醒邮件的服务器；不设则不发邮件"),
    Variable("EMAIL_PASSWORD", text, "", "运维", "邮件服务器的口令", True),
    Variable("EMAIL_PORT", whole(1, 65535), 25, "运维", "邮件服务器的端口"),
    Variable("EMAIL_SECURITY", one_of("none", "starttls", "tls"), "none", "运维", "邮件连接的加密方式"),
    Variable("EMAIL_USER", text, "", "运维", "邮件服务器的用户名"),
    Variable("HOST", address, "127.0.0.1", "make up", "监听的地址"),
    Variable("HTTPS", flag, False, "生产", "在终止 TLS 的代理之后：安全 cookie、HSTS、跳转"),
    Variable("IDLE_MINUTES", whole(1, 1440), 60, "生产", "多久不操作就要重新登录"),
    Variable("LOG_FORMAT", one_of("json", "text"), None, "运维", "日志格式；生产默认 json，本机默认 text"),
    Variable("LOG_LEVEL", one_of("DEBUG", "INFO", "WARNING", "ERROR"), "INFO", "运维", "日志级别"),
    Variable("METRICS_TOKEN", text, "", "运维", "/metrics 的口令；不设则只答本机", True),
    Variable(
        "MODE", one_of("local", "production"), None, "所有人", "local 或 production；一旦对外（见下）默认 production"
    ),
    Variable("PORT", whole(1, 65535), 8000, "make up", "监听的端口"),
    Variable("PROXY_COUNT", whole(0, 9), None, "生产", "前面有几层可信代理；HTTPS=1 时默认 1，否则 0"),
    Variable("REDIS_URL", environment.redis, "", "生产", "Celery 的消息队列和缓存；不设则在本地进程内执行", True),
    Variable("ROBOT_ORIGINS", origins, ROBOTS, "运维", "群机器人地址可用的来源（协议、域名、端口），其余一律不访问"),
    Variable("SCANNER", text, "", "运维", "查附件病毒的命令，后面接文件名，退出码 0 干净、1 有毒；不设则不查"),
    Variable("SECRET_KEY", text, "", "生产", "签名密钥，至少 50 个字符；本机模式自动生成", True),
    Variable("SECRET_KEY_FALLBACKS", listing, [], "运维", "换密钥后仍认的旧密钥", True),
    Variable("SESSION_HOURS", whole(1, 720), 12, "生产", "登录最长有效的小时数"),
    Variable("SMALL_CELL", whole(0, 100), 0, "城市", "少于这么多家企业的合计，对无来源权限者不显示；0 为关"),
    Variable("WEB_PROCESSES", whole(1, 256), 1, "生产", "网页进程总数；SQLite 只许 1"),
    Variable("WEB_THREADS", whole(1, 64), 8, "生产", "每个网页进程的线程数"),
]
ENV = environment.read(VARIABLES, BASE_DIR / ".env")

# Closed unless opened: whatever makes the server reachable from elsewhere makes it production, unless MODE says local.
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]
REACHABLE = ENV["HTTPS"] or bool(set(ENV["ALLOWED_HOSTS"] or [ENV["HOST"]]) - {*LOOPBACK, "::1"})
MODE = ENV["MODE"] or ("production" if REACHABLE else "local")
PRODUCTION = MODE == "production"
DEMO = ENV["DEMO"] if ENV["DEMO"] is not None else not PRODUCTION

# --- 2. Core ---------------------------------------------------------------------------------------------------------
VAR_DIR = ENV["BAOGONG_VAR"] or environment.folder(str(BASE_DIR / "var"))
DEBUG = ENV["DEBUG"]
SECRET_KEY = ENV["SECRET_KEY"] or ("" if PRODUCTION else environment.kept_secret(VAR_DIR / "secret_key"))
SECRET_KEY_FALLBACKS = ENV["SECRET_KEY_FALLBACKS"]
# Health checks ask by loopback. A laptop told to listen on its network has no name to check.
ALLOWED_HOSTS = [*(ENV["ALLOWED_HOSTS"] or (["*"] if REACHABLE and not PRODUCTION else [])), *LOOPBACK]
CSRF_TRUSTED_ORIGINS = ENV["CSRF_TRUSTED_ORIGINS"]
ROOT_URLCONF = "coordination.urls"
WSGI_APPLICATION = "coordination.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = [
    "coordination",
    "supplies",
    "enterprises",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.sessions",
    "coordination.apps.OurStaticFilesConfig",
    "axes",
    "csp",
    "django_htmx",
    "drf_spectacular",
    "rest_framework",
]
MIDDLEWARE = [
    "coordination.middleware.RequestIdMiddleware",  # outermost: every answer and log line carries the number
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "coordination.middleware.SessionLimitMiddleware",
    "coordination.middleware.FilingLinkMiddleware",  # before any view: a session by link opens filing pages only
    "coordination.middleware.NoStoreMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "axes.middleware.AxesMiddleware",
    "coordination.middleware.StorableTextMiddleware",  # after CSRF, which has read the form already
    "coordination.middleware.RefusalMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "coordination.context_processors.shell",
            ],
        },
    }
]

# --- 3. Database and cache -------------------------------------------------------------------------------------------
_DATABASE = ENV["DATABASE_URL"] or environment.database(f"sqlite:///{VAR_DIR}/baogong.sqlite3")
DATABASES = {"default": environment.tune_database(_DATABASE, seconds=ENV["DATABASE_TIMEOUT"])}
REDIS_URL = ENV["REDIS_URL"]
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "KEY_PREFIX": "baogong"}}
if REDIS_URL:
    CACHES["default"] |= {"BACKEND": "coordination.caches.ForgivingRedisCache", "LOCATION": REDIS_URL}

# --- 4. People: sign-in, sessions, cookies ---------------------------------------------------------------------------
AUTH_USER_MODEL = "enterprises.Account"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
_JUDGES = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_JUDGES}.UserAttributeSimilarityValidator"},
    {"NAME": "enterprises.passwords.LongEnough", "OPTIONS": {"min_length": 12}},
    {"NAME": f"{_JUDGES}.CommonPasswordValidator"},
    {"NAME": f"{_JUDGES}.NumericPasswordValidator"},
]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AXES_LOCKOUT_CALLABLE = "coordination.views.errors.locked_out"
CSRF_FAILURE_VIEW = "coordination.views.errors.csrf_failure"
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "accounts:login"
AXES_CLIENT_IP_CALLABLE = "coordination.middleware.client_address"
AXES_COOLOFF_TIME = 0.25  # hours
AXES_DISABLE_ACCESS_LOG = True  # no list of who signed in from where: the audit keeps what the law asks for
AXES_ENABLE_ADMIN = False
AXES_FAILURE_LIMIT = 5
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # a stranger's failures never lock the account itself
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False
SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = ENV["SESSION_HOURS"] * 3600
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = ENV["HTTPS"]
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = ("__Host-session", "__Host-csrf") if ENV["HTTPS"] else ("session", "csrf")
IDLE_SECONDS = ENV["IDLE_MINUTES"] * 60

# --- 5. Transport and headers ----------------------------------------------------------------------------------------
PROXY_COUNT = ENV["PROXY_COUNT"] if ENV["PROXY_COUNT"] is not None else int(ENV["HTTPS"])
if PROXY_COUNT:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_SSL_REDIRECT = ENV["HTTPS"]
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from inside, past the proxy
SECURE_HSTS_SECONDS = 31_536_000 if ENV["HTTPS"] else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV["HTTPS"]
SILENCED_SYSTEM_CHECKS = ["security.W021"]  # browsers' preload list is the domain owner's to join, not ours
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "img-src": [SELF, "data:"],  # Bootstrap draws its ticks and arrows as data images
        "object-src": [NONE],
    }
}
ATTACHMENTS = ENV["ATTACHMENTS"] or environment.folder(str(VAR_DIR / "attachments"))
SCANNER = ENV["SCANNER"]
# what comes in lies on the disk of the store, so that it takes its place there by a mere change of name
FILE_UPLOAD_TEMP_DIR = environment.folder(str(ATTACHMENTS / "incoming"))
FILE_UPLOAD_HANDLERS = [
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "coordination.upload_handlers.CarefulUploadHandler",
]
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 20
FILE_UPLOAD_PERMISSIONS = 0o640

# --- 6. Language, time, static files ---------------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文")]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True
STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATICFILES_FINDERS = [
    "django.contrib.staticfiles.finders.FileSystemFinder",
    "django.contrib.staticfiles.finders.AppDirectoriesFinder",
    "coordination.staticfiles.VendorFinder",
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "coordination.staticfiles.ForgivingManifestStorage"
    },
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
WHITENOISE_USE_FINDERS = DEBUG

# --- 7. The API ------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["enterprises.api.authentication.BearerAuthentication"],
    "DEFAULT_PARSER_CLASSES": ["enterprises.api.parsers.StrictJSONParser"],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["enterprises.api.renderers.ExactJSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "enterprises.api.schema.Described",
    "DEFAULT_THROTTLE_CLASSES": ["rest_framework.throttling.UserRateThrottle"],
    "DEFAULT_THROTTLE_RATES": {"user": ENV["API_RATE"]},
    "EXCEPTION_HANDLER": "enterprises.api.problems.handler",
    "NUM_PROXIES": PROXY_COUNT,
    "URL_FORMAT_OVERRIDE": None,  # `format` is a parameter of the totals
}
SPECTACULAR_SETTINGS = openapi.SETTINGS
SMALL_CELL = ENV["SMALL_CELL"]
METRICS_TOKEN = ENV["METRICS_TOKEN"]

# --- 8. Messages that leave the house --------------------------------------------------------------------------------
EMAIL_HOST, EMAIL_PORT = ENV["EMAIL_HOST"], ENV["EMAIL_PORT"]
EMAIL_HOST_USER, EMAIL_HOST_PASSWORD = ENV["EMAIL_USER"], ENV["EMAIL_PASSWORD"]
EMAIL_USE_TLS, EMAIL_USE_SSL = ENV["EMAIL_SECURITY"] == "starttls", ENV["EMAIL_SECURITY"] == "tls"
DEFAULT_FROM_EMAIL = ENV["EMAIL_FROM"] or "baogong@localhost"
ROBOT_ORIGINS = ENV["ROBOT_ORIGINS"]

# --- 9. Logs ---------------------------------------------------------------------------------------------------------
LOG_FORMAT = ENV["LOG_FORMAT"] or ("json" if PRODUCTION else "text")
LOGGING = logs.configuration(form=LOG_FORMAT, level=ENV["LOG_LEVEL"])

# --- 10. Celery and its timetable ------------------------------------------------------------------------------------
CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    # whoever publishes gives up at once: a hint may be lost, a request may not wait
    "socket_timeout": 2,
    "socket_connect_timeout": 0.15,
    "max_retries": 1,
    "interval_start": 0,
    "interval_max": 0,
}
CELERY_TASK_ACKS_LATE = CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_SOFT_TIME_LIMIT, CELERY_TASK_TIME_LIMIT = 240, 300
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 5
CELERY_BEAT_SCHEDULER = f"coordination.schedule:{'Publishing' if REDIS_URL else 'Local'}Scheduler"
CELERY_BEAT_SCHEDULE = {
    # the heartbeat that /readyz looks for; through the queue, so that it proves broker and worker too
    "beat": {"task": "coordination.tasks.beat", "schedule": 5, "options": {"expires": 10}},
    # set times are whole minutes; a closing shows within a few seconds of its own
    "close_due": {"task": "supplies.tasks.close_due", "schedule": 5, "options": {"expires": 10}},
    # half a minute after a closing died half-way somebody waits for its sheet
    "complete_snapshots": {"task": "supplies.tasks.complete_snapshots", "schedule": 30, "options": {"expires": 60}},
    # a planned handover is carried out within a minute of midnight
    "hand_over": {"task": "coordination.tasks.hand_over", "schedule": 60, "options": {"expires": 120}},
    # every second, so that a report is in the totals within two even if its hint was lost; midnight needs no job of its own
    "refresh_daily_totals": {"task": "supplies.tasks.refresh_daily_totals", "schedule": 1, "options": {"expires": 5}},
    # a reminder may be half a minute late; its messages then go at once
    "remind_due": {"task": "supplies.tasks.remind_due", "schedule": 30, "options": {"expires": 60}},
    # a scanner that is configured is asked within seconds; it works in a thread of its own
    "scan_files": {"task": "coordination.tasks.scan_files", "schedule": 5, "options": {"expires": 10}},
    # ten minutes past midnight what was begun before it has been written; every hour for what an outage missed
    "seal": {"task": "coordination.tasks.seal", "schedule": crontab(minute=12), "options": {"expires": 1800}},
    # what a desk is told leaves the house within seconds
    "send_notices": {"task": "coordination.tasks.send_notices", "schedule": 5, "options": {"expires": 10}},
    "send_reminders": {"task": "supplies.tasks.send_reminders", "schedule": 5, "options": {"expires": 10}},
    # a clock of half an hour is warned within a few seconds
    "tick": {"task": "coordination.tasks.tick", "schedule": 5, "options": {"expires": 10}},
    # at odd minutes, away from the rush at the full hour: what is past its time is deleted
    "tidy_keys": {"task": "supplies.tasks.tidy", "schedule": crontab(minute=43), "options": {"expires": 1800}},
    "tidy_sessions": {"task": "coordination.tasks.tidy", "schedule": crontab(minute=40), "options": {"expires": 1800}},
}
