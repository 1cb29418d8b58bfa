"""`manage.py editor`: a login that can be used at once, and one that is never made by halves."""

import io
import re
import shlex

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import CommandError, call_command, get_commands, load_command_class
from django.core.management.base import OutputWrapper

from conditions.management.commands import editor

pytestmark = pytest.mark.django_db
SENTENCE = "a long quiet sentence"


@pytest.fixture
def terminal(monkeypatch):
    """Answer the questions as a person at a terminal would; after the last answer the input ends."""

    def answer(username: str, *passwords: str) -> list[str]:
        asked: list[str] = []
        left = iter(passwords)

        def next_one(question: str) -> str:
            asked.append(question)
            try:
                return next(left)
            except StopIteration:
                raise EOFError from None

        monkeypatch.setattr(editor.sys.stdin, "isatty", lambda: True, raising=False)
        monkeypatch.setattr("builtins.input", lambda question: username)
        monkeypatch.setattr(editor.getpass, "getpass", next_one)
        return asked

    monkeypatch.setattr(editor.sys, "stdin", io.StringIO())
    return answer


def run(**options) -> str:
    out = io.StringIO()
    call_command("editor", stdout=out, **options)
    return out.getvalue()


def test_editor_without_a_terminal_gets_a_random_password_printed_once(terminal, client):
    said = run()
    password = re.search(r"^Password: (\S{16})$", said, re.MULTILINE)[1]
    assert said.count(password) == 1
    assert client.login(username="editor", password=password)


def test_editor_may_write_and_publish_and_no_more(terminal):
    run(username="ana")
    user = User.objects.get(username="ana")
    assert set(user.groups.values_list("name", flat=True)) == {"Author", "Publisher"}
    assert user.is_staff
    assert not user.is_superuser


def test_where_nobody_is_asked_the_message_says_how_to_name_another():
    run()
    with pytest.raises(CommandError, match=r"'editor' already exists\. .* editor --username NAME"):
        run()


def test_editor_gets_a_new_password_each_time(terminal):
    assert run(username="ana").split()[3] != run(username="ben").split()[3]


def test_editor_at_a_terminal_is_asked_and_the_typed_password_is_not_shown(terminal, client):
    terminal("ana", SENTENCE, SENTENCE)
    said = run()
    assert "quiet" not in said
    assert "at least 12 characters" in said
    assert client.login(username="ana", password=SENTENCE)


def test_editor_at_a_terminal_may_leave_both_empty(terminal):
    terminal("", "")
    assert "Username: editor" in run()
    assert User.objects.get().username == "editor"


def test_editor_logs_in_to_the_admin(terminal, client):
    terminal("ana", SENTENCE, SENTENCE)
    run()
    answer = client.post("/admin/login/?next=/admin/", {"username": "ana", "password": SENTENCE}, follow=True)
    assert answer.redirect_chain == [("/admin/", 302)]
    assert answer.status_code == 200


def test_weak_password_is_asked_for_again(terminal, client):
    asked = terminal("ana", "12345678", "not the same at all", "not the some at all", SENTENCE, SENTENCE)
    said = run()
    assert "too common" in said
    assert "The passwords do not match." in said
    assert len(asked) == 5
    assert client.login(username="ana", password=SENTENCE)


@pytest.mark.parametrize("passwords", [(), ("12345678",), (SENTENCE,)])
def test_where_the_input_ends_nothing_is_made(terminal, passwords):
    terminal("ana", *passwords)
    with pytest.raises(SystemExit) as ended:
        run(stderr=io.StringIO())
    assert ended.value.code == 130
    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["ana", "ANA"])
def test_name_that_is_taken_is_said_before_a_password_is_asked_for(terminal, name):
    run(username="ana")
    asked = terminal(name, SENTENCE, SENTENCE)
    with pytest.raises(CommandError, match=r"(?m)^Elsewhere: \.venv/bin/python manage\.py changepassword ana$"):
        run()
    assert asked == []


def test_name_that_is_not_allowed_is_refused(terminal):
    with pytest.raises(CommandError, match="Enter a valid username"):
        run(username="ana lund")
    assert not User.objects.exists()


def test_missing_group_says_what_makes_it(terminal):
    Group.objects.get(name="Publisher").delete()
    with pytest.raises(CommandError, match="A role is missing: run `manage.py migrate`, which makes it"):  # noqa: RUF043
        run()
    assert not User.objects.exists()
    call_command("migrate", verbosity=0)
    assert "Password:" in run()


@pytest.mark.parametrize("name", ["ana", "-ana", "--help", "o'neil lund"])
def test_the_command_for_a_new_password_works_as_it_is_written(terminal, monkeypatch, name):
    """Also for a name that looks like an option, or that no form would take."""
    User.objects.create_user(name)
    with pytest.raises(CommandError) as refused:
        call_command("editor", f"--username={name}")
    line = str(refused.value).splitlines()[-1]
    words = shlex.split(line.partition("manage.py ")[2])
    monkeypatch.setattr("getpass.getpass", lambda prompt: SENTENCE)
    said = io.StringIO()
    command = load_command_class(get_commands()[words[0]], words[0])
    command.stdout = OutputWrapper(said)
    options = vars(command.create_parser("manage.py", words[0]).parse_args(words[1:]))
    command.execute(*options.pop("args", ()), **options)  # as run_from_argv does, which closes the connections too
    assert User.objects.get(username=name).check_password(SENTENCE)
