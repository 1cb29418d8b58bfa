"""docs/operating.md and the files it installs: every command, setting and file that they name is there, and parses."""

import configparser
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parent.parent
DOCS = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", DOCS, re.MULTILINE | re.DOTALL)
LINES = [line for block in BLOCKS for line in block.splitlines()]
ASSIGNMENTS = [line for line in LINES if re.match(r"[A-Z_]+=", line)]
COMMANDS = [shlex.split(line) for line in LINES if line not in ASSIGNMENTS]
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
DOCKERFILE = re.sub("^#.*\n", "", (ROOT / "Dockerfile").read_text(), flags=re.MULTILINE).replace("\\\n", " ")
UNITS = sorted((ROOT / "deploy").glob("facehealth*.[st]*"))
PROGRAMS = {"apt-get", "caddy", "cd", "certbot", "createdb", "createuser", "curl", "docker", "echo", "facehealth"}
PROGRAMS |= {"install", "journalctl", "ln", "nginx", "python3", "sudoedit", "systemctl", "useradd"}


def managed(words: list[str]) -> list[str] | None:
    """The words after `manage.py`, or after `facehealth`, which stands for it; None if a line runs neither."""
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


@pytest.mark.parametrize("words", RUN, ids=" ".join)
def test_manage_command_exists_and_takes_its_words(words):
    parse(words)


def test_inline_manage_commands_exist():
    for name in re.findall(r"`(?:facehealth|manage\.py) ([a-z_]+)[^`]*`", DOCS):
        assert name in get_commands()


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_program_is_known_and_files_of_ours_exist(words):
    words = without_sudo(words)
    assert words[0] in PROGRAMS or words[0].startswith((".venv/bin/python", "/opt/facehealth/.venv/bin/python"))
    for word in words:
        if word.startswith("deploy/") or word == "requirements.txt":
            assert (ROOT / word).is_file()


def test_make_targets_and_links_exist():
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"`make ([a-z-]+)`", DOCS):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
    for link in re.findall(r"\]\(([^)#]+)", DOCS):
        assert (ROOT / "docs" / link).exists()


def environment(text: str) -> dict[str, str]:
    lines = [line.removeprefix("#") for line in text.splitlines() if re.match("#?[A-Z_]+=", line)]
    return {name: shlex.split(value)[0] for name, _, value in (line.partition("=") for line in lines)}


def test_every_setting_named_is_in_the_readme():
    named = set(re.findall(r"`([A-Z][A-Z_]{3,})(?:=[^`]*)?`", DOCS)) | set(environment("\n".join(ASSIGNMENTS)))
    named |= set(environment((ROOT / "deploy" / "facehealth.env").read_text()))
    named -= {"ERROR"}
    assert named <= settings_in_readme()


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


def test_nginx_speaks_https_and_says_who_asks():
    found = directives((ROOT / "deploy" / "nginx.conf").read_text())
    assert [words for depth, words in found if depth == 0] == [["server"], ["server"]]
    headers = {words[1]: words[2] for _, words in found if words[0] == "proxy_set_header"}
    assert headers == {
        "Host": "$host",
        "X-Forwarded-For": "$remote_addr",
        "X-Forwarded-Proto": "$scheme",
        "X-Request-ID": "$request_id",
    }
    assert ["proxy_pass", "http://127.0.0.1:8000"] in [words for _, words in found]


def test_caddy_leads_to_the_site():
    text = (ROOT / "deploy" / "Caddyfile").read_text()
    assert text.count("{") == text.count("}")
    assert "reverse_proxy 127.0.0.1:8000 {" in text


# Docker


def instructions() -> list[list[str]]:
    lines = [line for line in DOCKERFILE.splitlines() if line.strip() and not line.startswith("#")]
    joined = re.sub(r"\n\s+", " ", "\n".join(lines)).splitlines()
    return [line.split(None, 1) for line in joined]


def test_dockerfile_runs_the_site_as_its_own_user():
    found = instructions()
    names = [name for name, _ in found]
    assert found[0] == ["FROM", "python:3.11-slim"]
    assert set(names) <= {"FROM", "RUN", "WORKDIR", "COPY", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD"}
    assert ["USER", "facehealth"] in found
    assert names.index("USER") < names.index("CMD")
    assert found[-1] == ["CMD", '["python", "manage.py", "serve"]']


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
    assert set(site["environment"]) <= settings_in_readme()
    assert "@database:5432/facehealth" in site["environment"]["DATABASE_URL"]
    assert {database["environment"][name] for name in ("POSTGRES_USER", "POSTGRES_DB")} == {"facehealth"}
    assert all(port.startswith("127.0.0.1:") for port in site["ports"])
    mounted = {volume.partition(":")[0] for each in (site, database) for volume in each["volumes"]}
    assert mounted == set(COMPOSE["volumes"])


def test_compose_commands_of_the_docs_name_its_services():
    for words in COMMANDS:
        if words[:2] == ["docker", "compose"] and words[2] in ("exec", "run", "stop", "logs"):
            named = [word for word in words[3:] if not word.startswith("-")]
            assert named[0] in COMPOSE["services"]
    for name in re.findall(r"\$\{([A-Z_]+)", (ROOT / "compose.yaml").read_text()):
        assert name in settings_in_readme() or name == "DATABASE_PASSWORD"
