"""docs/operating.md and the files it installs: every command, setting and file that they name is there, and parses."""

import configparser
import os
import re
import shlex
import subprocess
import sys
from contextlib import redirect_stderr
from io import StringIO
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.core.management import CommandError, get_commands, load_command_class

ROOT = Path(__file__).resolve().parent.parent
DOCS = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
ASSIGNMENTS = [line for line in LINES if re.match(r"[A-Z_]+=", line)]
COMMANDS = [shlex.split(line) for line in LINES if line not in ASSIGNMENTS]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
CADDYFILE = (ROOT / "deploy" / "Caddyfile").read_text()
DOCKERFILE = re.sub("^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
# The server itself ends at 65,534 bytes.
LONGEST_ADDRESS = 65_000
UNITS = sorted((ROOT / "deploy").glob("facehealth*.[st]*"))
# What a Debian with sudo has, our own program, and Docker.
PROGRAMS = {"apt-get", "cd", "chmod", "docker", "echo", "facehealth", "install", "journalctl", "ln", "rm"}
PROGRAMS |= {"sudoedit", "systemctl", "useradd"}
# What comes in a package of that name.
PACKAGES = {name: name for name in ("caddy", "certbot", "curl", "nginx", "python3")}
PACKAGES |= {"createdb": "postgresql", "createuser": "postgresql"}


def managed(words: list[str]) -> list[str] | None:
    """The words after `manage.py`, or after `facehealth`, which means the same; None if a line runs neither."""
    for number, word in enumerate(words):
        if word.endswith("manage.py") or (word.endswith("facehealth") and number == 0):
            return words[number + 1 :]
    return None


def without_sudo(words: list[str]) -> list[str]:
    if words[0] != "sudo":
        return words
    words = words[1:]
    words = words[2:] if words[0] == "-u" else words
    words = words[1:] if words[0] == "env" else words
    return [word for number, word in enumerate(words) if number or "=" not in word]


def settings_in_readme() -> set[str]:
    section = (ROOT / "README.md").read_text(encoding="utf-8").partition("\n## Settings\n")[2].partition("\n## ")[0]
    return set(re.findall(r"^\| `([A-Z_]+)`", section, re.MULTILINE))


def parse(words: list[str]) -> None:
    """Let the command's own parser read the words: SystemExit for an option or argument that it does not know."""
    name, *rest = words
    command = load_command_class(get_commands()[name], name)
    command.create_parser("manage.py", name).parse_args(rest)


RUN = [words for each in COMMANDS if (words := managed(without_sudo(each)))]


def test_docs_run_the_commands_that_they_are_about():
    names = {words[0] for words in RUN}
    assert {"backup", "restore_backup", "copy_database", "check", "editor", "axes_reset", "migrate"} <= names


def refused(words):
    """What a command of manage.py says against its words; empty if it takes them."""
    with redirect_stderr(StringIO()) as said:
        try:
            parse(words)
        except (CommandError, KeyError, SystemExit) as error:
            return said.getvalue() or repr(error)
    return ""


def test_manage_commands_exist_and_take_their_words():
    assert {" ".join(words): wrong for words in RUN if (wrong := refused(words))} == {}


def test_inline_manage_commands_exist():
    for name in re.findall(r"`(?:facehealth|manage\.py) ([a-z_]+)[^`]*`", DOCS):
        assert name in get_commands()


def test_programs_are_known_and_files_of_ours_exist():
    ours = (".venv/bin/python", "/opt/facehealth/.venv/bin/python")
    commands = list(map(without_sudo, COMMANDS))
    programs = {words[0] for words in commands if not words[0].startswith(ours)}
    files = {word for words in commands for word in words if word.startswith("deploy/") or word == "requirements.txt"}
    assert programs - set(PROGRAMS) - set(PACKAGES) == set()
    assert {file for file in files if not (ROOT / file).is_file()} == set()


def test_every_program_is_installed_before_it_runs():
    installed = set()
    for words in map(without_sudo, COMMANDS):
        if words[:2] == ["apt-get", "install"]:
            installed |= set(words[2:])
        assert words[0] not in PACKAGES or PACKAGES[words[0]] in installed, words


def test_a_login_is_made_when_the_site_is_ready():
    made = [n for n, line in enumerate(LINES) if line.endswith(" editor") and not line.startswith("#")]
    assert len(made) == 2
    for number in made:
        ready = "/healthz" if LINES[number].startswith("facehealth") else "docker compose up --detach --wait"
        assert LINES[number - 1].endswith(ready)


def test_the_site_may_read_what_root_installs():
    installs = [n for n, line in enumerate(LINES) if "pip install" in line]
    assert len(installs) == 2
    for number in installs:
        assert LINES[number + 1] == "sudo chmod --recursive a+rX ."


def test_an_upgrade_installs_our_files_again():
    install, upgrade = (
        [line for line in part.splitlines() if re.match(r"sudo install .*deploy/", line)]
        for part in (BLOCKS[0] + BLOCKS[2], DOCS.partition("\n## Upgrade\n")[2].partition("\n## ")[0])
    )
    assert upgrade == [line for line in install if "facehealth.env" not in line]
    assert len(upgrade) == 2


def test_no_backup_of_the_docs_is_in_the_way_of_the_next():
    names = [words[-1] for words in RUN if words[0] == "backup" and words[-1].startswith("/var/backups/")]
    assert len(names) == len(set(names)) == 3
    [trial] = [block for block in BLOCKS if "facehealth-trial" in block]
    assert trial.splitlines()[-1].split() == ["sudo", "rm", "--recursive", "/tmp/facehealth-trial", names[1]]
    assert "$(date " in names[2]


def test_logs_are_read_by_who_may():
    assert "journalctl" in DOCS
    assert len(re.findall("journalctl", DOCS)) == len(re.findall("sudo journalctl --unit facehealth", DOCS))


def test_health_is_asked_under_an_allowed_name():
    asked = re.findall(r"http://([^/:\s]+):8000/healthz", DOCS)
    assert len(asked) == 3
    assert set(asked) <= set(environment(BLOCKS[1])["ALLOWED_HOSTS"].split(","))


def test_limits_are_those_of_the_settings():
    limits = DOCS.partition("\n## Limits\n")[2].partition("\n## ")[0]
    assert f"{settings.MAX_PATH_LENGTH:,} bytes" in limits
    assert f"{settings.DATA_UPLOAD_MAX_MEMORY_SIZE / 1_000_000} MB" in limits
    assert f"{LONGEST_ADDRESS:,} in all" in limits


def test_make_targets_and_links_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)`", DOCS):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    for link in re.findall(r"\]\(([^)#]+)", DOCS):
        assert (ROOT / "docs" / link).exists()


def environment(text: str) -> dict[str, str]:
    lines = [line.removeprefix("#") for line in text.splitlines() if re.match("#?[A-Z_]+=", line)]
    return {name: shlex.split(value)[0] for name, _, value in (line.partition("=") for line in lines)}


def test_settings_mean_the_same_to_systemd_and_the_shell():
    given = (ROOT / "deploy" / "facehealth.env").read_text() + "\n".join(ASSIGNMENTS)
    values = re.findall(r"^#?[A-Z_]+=(.*)$", given, re.MULTILINE) + re.findall(r"`[A-Z_]{4,}=([^`]*)`", DOCS)
    assert len(values) > 10
    for value in values:
        if not value.startswith("$("):
            assert re.fullmatch(r"[\w.,:@/-]*|'[^'\\]*'", value), value


def test_every_setting_named_is_in_the_readme():
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", DOCS)) | set(environment("\n".join(ASSIGNMENTS)))
    named |= set(environment((ROOT / "deploy" / "facehealth.env").read_text()))
    named -= {"ERROR"}
    assert named <= settings_in_readme()


@pytest.mark.process
def test_documented_settings_pass_the_documented_check(tmp_path):
    given = environment((ROOT / "deploy" / "facehealth.env").read_text())
    shown = environment(BLOCKS[1])
    assert {name: given[name] for name in shown} == shown
    given |= {"DATA_DIR": str(tmp_path), "PATH": os.environ["PATH"]}
    command = [sys.executable, ROOT / "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    ran = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")


# systemd, nginx, Caddy


def unit(path: Path) -> configparser.ConfigParser:
    parser = configparser.RawConfigParser(strict=False, delimiters=["="])
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser


def test_units_are_those_that_the_docs_install():
    installed = {Path(word).name for words in COMMANDS for word in words if word.startswith("deploy/facehealth")}
    assert {path.name for path in UNITS} <= installed
    assert len(UNITS) == 3


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_unit_parses_and_runs_what_there_is(path):
    parser = unit(path)
    kind = path.suffix.removeprefix(".").capitalize()
    assert set(parser.sections()) <= {"Unit", kind, "Install"}
    for key, value in parser[kind].items():
        assert re.fullmatch("[A-Z][A-Za-z]+", key)
        for line in value.splitlines():
            if found := re.search(r"(?:manage\.py|bin/facehealth) ([a-z_]+)(?: (\S+))?", line):
                parse([word for word in found.groups() if word])


def test_service_runs_as_its_own_user_with_the_documented_settings():
    service = unit(ROOT / "deploy" / "facehealth.service")["Service"]
    assert service["User"] == "facehealth"
    assert f"{service['EnvironmentFile']}" in DOCS
    assert service["NoNewPrivileges"] == service["ProtectHome"] == "yes"
    assert f"/var/lib/{service['StateDirectory']}" == environment(BLOCKS[1])["DATA_DIR"]


@pytest.mark.process
def test_facehealth_script_is_read_by_the_shell():
    script = ROOT / "deploy" / "facehealth"
    assert subprocess.run(["sh", "-n", script], check=False).returncode == 0
    assert os.access(script, os.X_OK)


def directives(text: str) -> list[tuple[int, list[str]]]:
    """nginx's directives with the depth of the block that each is in. AssertionError for text that is none."""
    found, depth, words = [], 0, []
    for token in re.findall(r"#[^\n]*|[{};]|[^\s{};]+", text):
        if token.startswith("#"):
            continue
        if token in "{;" and words:
            found.append((depth, words))
            words = []
        else:
            assert token not in "{;", "a directive without words"
        if token == "}":
            assert not words, "a directive without its ;"
        elif token not in "{;":
            words.append(token)
        depth += {"{": 1, "}": -1}.get(token, 0)
        assert depth >= 0
    assert (depth, words) == (0, [])
    return found


def nginx() -> list[tuple[int, list[str]]]:
    return directives((ROOT / "deploy" / "nginx.conf").read_text())


def test_nginx_speaks_https_and_says_who_asks():
    found = nginx()
    assert [words for _, words in found if words[0] == "server"] == [["server"], ["server"]]
    headers = {words[1]: words[2] for _, words in found if words[0] == "proxy_set_header"}
    assert headers == {
        "Host": "$host",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Request-ID": "$request_id",
    }
    assert ["proxy_pass", "http://127.0.0.1:8000"] in [words for _, words in found]


def test_nginx_holds_back_who_sends_many_logins_and_no_one_else():
    found = [words for _, words in nginx()]
    [zone] = [words for words in found if words[0] == "limit_req_zone"]
    limited = found.index(["location", "=", "/admin/login/"])
    assert found[limited + 1][:2] == ["limit_req", zone[2].partition(":")[0]]
    assert [words[0] for words in found].count("limit_req") == 1
    # Only what is sent is counted, by who sends it.
    start = found.index(["map", "$request_method", zone[1]])
    assert found[start + 1 : start + 3] == [["POST", "$binary_remote_addr"], ["default", '""']]
    # Every page goes the same way to the site.
    assert [words[1] for words in found if words[0] == "proxy_pass"] == ["http://127.0.0.1:8000"] * 2


def test_nginx_lets_certbot_renew_and_reads_the_new_certificate():
    words = [words for _, words in nginx()]
    plain = words[: words.index(["listen", "443", "ssl"])]
    [certbot] = [words for words in map(without_sudo, COMMANDS) if words[:2] == ["certbot", "certonly"]]
    webroot = certbot[certbot.index("--webroot-path") + 1]
    challenge = plain.index(["location", "/.well-known/acme-challenge/"])
    assert plain[challenge + 1 :][:2] == [["root", webroot], ["location", "/"]]
    # A redirect outside `location /` would come before every location.
    assert [depth for depth, words in nginx() if words[0] == "return"] == [2]
    assert certbot[certbot.index("--deploy-hook") + 1] == "systemctl reload nginx"
    assert "sudo certbot renew --dry-run" in LINES


def test_nginx_takes_what_the_site_takes():
    words = {words[0]: words[1:] for _, words in nginx()}
    assert int(words["client_max_body_size"][0].removesuffix("m")) * 2**20 >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    number, size = words["large_client_header_buffers"]
    assert (int(number), int(size.removesuffix("k")) * 2**10 >= LONGEST_ADDRESS) == (4, True)


def test_proxies_hold_a_form_back_until_it_is_whole():
    """A form that comes slowly would hold a thread of the site for as long."""
    assert not {"proxy_request_buffering", "proxy_buffering"} & {words[0] for _, words in nginx()}
    [size] = re.findall(r"^\t\tbuffer_requests\n\t\tmax_buffer_size (\d+)MB$", CADDYFILE, re.MULTILINE)
    assert int(size) * 1_000_000 >= settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    # With it, Caddy cuts a form that is too long, and answers 502.
    assert "max_size" not in CADDYFILE


def test_caddy_leads_to_the_site():
    assert CADDYFILE.count("{") == CADDYFILE.count("}")
    assert "reverse_proxy 127.0.0.1:8000 {" in CADDYFILE
    assert "\tencode gzip\n" in CADDYFILE


# Docker


def instructions() -> list[list[str]]:
    lines = [line for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\n\s+", " ", "\n".join(lines)).splitlines()
    return [line.split(None, 1) for line in joined]


def test_dockerfile_runs_the_site_as_its_own_user():
    found = instructions()
    names = [name for name, _ in found]
    assert found[0][0] == "FROM"
    assert set(names) <= {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert ["USER", "facehealth"] in found
    assert names.index("USER") < names.index("CMD")
    assert found[-1] == ["CMD", '["python", "manage.py", "serve"]']


def test_image_has_the_programs_of_the_database_that_compose_runs():
    """pg_dump refuses a server that is newer than itself."""
    debian = {"python:3.11-slim-trixie": "postgres:17"}
    assert COMPOSE["services"]["database"]["image"] == debian[instructions()[0][1]]


def test_dockerfile_copies_what_there_is_and_the_context_holds_it():
    context = (ROOT / ".dockerignore").read_text().splitlines()
    assert context[0] == "*"
    for name, rest in instructions():
        if name == "COPY":
            source = rest.split()[0]
            assert (ROOT / source).exists()
            assert f"!{source}" in context


def test_dockerfile_runs_commands_that_there_are():
    for words in re.findall(r"manage\.py ([a-z_]+(?: --[a-z-]+| \d)*)", DOCKERFILE):
        parse(words.split())
    [key] = re.findall(r"SECRET_KEY=(\S+)", DOCKERFILE)
    assert len(key) >= 32


@pytest.mark.process
def test_dockerfile_health_check_fails_while_nobody_listens(tmp_path):
    [script] = re.findall(r'CMD \["python", "-c", "(.*)"\]', DOCKERFILE)
    given = {"DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "facehealth.settings", "PORT": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | given, cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, ran.stderr) == (1, "")


def test_compose_is_the_site_and_its_database():
    site, database = COMPOSE["services"]["site"], COMPOSE["services"]["database"]
    assert (ROOT / site["build"] / "Dockerfile").is_file()
    assert site["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert set(site["environment"]) == settings_in_readme() - {"DATA_DIR", "DEBUG", "HOST", "PORT"}
    assert "@database:5432/facehealth" in site["environment"]["DATABASE_URL"]
    assert {database["environment"][name] for name in ("POSTGRES_USER", "POSTGRES_DB")} == {"facehealth"}
    assert all(port.startswith("127.0.0.1:") for port in site["ports"])
    mounted = {volume.partition(":")[0] for each in (site, database) for volume in each["volumes"]}
    assert mounted == set(COMPOSE["volumes"])


def test_new_settings_reach_the_site_by_the_line_that_is_named():
    [ordinal] = re.findall(r"Add to `\.env`, and run the (\w+) line again", DOCS)
    [block] = [block for block in BLOCKS if "docker compose build" in block]
    line = block.splitlines()[["first", "second", "third", "fourth"].index(ordinal)]
    assert line.startswith("docker compose up ")


def test_compose_commands_of_the_docs_name_its_services():
    for words in COMMANDS:
        if words[:2] == ["docker", "compose"] and words[2] in ("exec", "run", "stop", "logs"):
            named = [word for word in words[3:] if not word.startswith("-")]
            assert named[0] in COMPOSE["services"]
    for name in re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()):
        assert name in settings_in_readme() or name == "DATABASE_PASSWORD"
