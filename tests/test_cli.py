"""The command line: helps and wrong calls in sentences of both languages, exit codes, never a traceback."""

import pytest

from kpsslib.cli import main


def call(capsys, *arguments):
    code = main(list(arguments))
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    return code, said.out, said.err


EXAMPLE = "parameters/runs/example.yaml"


@pytest.mark.parametrize(("arguments", "words"), [
    (["dávka"], "příkaz dávka neexistuje"),
    (["batch"], "chybí RUN_FILE"),
    (["batch", "a.yaml", "b.yaml"], "přebývají argumenty: b.yaml"),
    (["batch", "a.yaml", "--gruop", "PS1"], "volba --gruop neexistuje"),
    (["batch", "a.yaml", "-p", "ico", "00064581"], "volba -p neexistuje"),
    (["batch", "a.yaml", "--group"], "volba --group potřebuje hodnotu"),
    (["batch", EXAMPLE, "--workers", "dva"], "--workers: nalezeno 'dva'"),
    (["batch", EXAMPLE, "--workers", "0"], "--workers: nalezeno '0'"),
    (["batch", "nic.yaml"], "nic.yaml: soubor běhu neexistuje"),
    (["batch", EXAMPLE, "--group", "PS9"], "--group: 'PS9' není mezi skupinami běhu"),
    (["example", "--scale", "-1"], "--scale: nalezeno '-1'"),
    (["methodology", "--from", "parameters/nikde"], "parameters/nikde"),
    (["import", "a.xlsx", "--run", "x"], "chybí --mapping"),
    (["import", "a.xlsx", "--mapping", "m.toml", "--run", "nic"], "parameters/runs/nic.yaml"),
    (["trace", "0000001", "N01", "loni"], "YEAR: nalezeno 'loni'"),
    (["trace", "0000001", "X99", "2025"], "ukazatel X99 neexistuje"),
    (["trace", "0000001", "N01", "1999"], "rok 1999 není mezi roky běhu"),
    (["template", "--year", "2025"], "chybí --group"),
    (["template", "--year", "letos", "--group", "PS1"], "--year: nalezeno 'letos'"),
    (["template", "--year", "2025", "--group", "PS11"], "--group: PS11 (nemělo být PS1?) není mezi skupinami běhu"),
    (["--lang", "de", "batch"], "--lang: nalezeno 'de'"),
    (["--lang"], "--lang: nalezeno ''"),
], ids=lambda value: " ".join(value) if isinstance(value, list) else "")
def test_a_wrong_call_ends_in_a_sentence_and_2(capsys, arguments, words):
    code, out, err = call(capsys, *arguments)
    assert code == 2
    assert words in err
    assert out == ""


def test_the_same_in_english_wherever_the_switch_stands(capsys):
    for arguments in (["--lang", "en", "batch"], ["batch", "--lang=en"]):
        assert call(capsys, *arguments) == (2, "", "RUN_FILE is missing. Help: kpss batch --help\n")


def test_help_is_in_the_language_spoken(capsys):
    code, czech, _err = call(capsys, "--help")
    assert code == 0
    assert "Použití:" in czech
    assert "Vytvoří stránky běhu" in czech
    code, english, _err = call(capsys, "--lang", "en", "batch", "--help")
    assert code == 0
    assert "Make the pages of a run" in english
    assert not set("ěščřžů") & set(english)
    assert call(capsys)[1] == czech


def test_something_unexpected_is_one_sentence_and_a_log(capsys, monkeypatch, tmp_path):
    (tmp_path / "parameters" / "methodology").mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("kpsslib.workspace.open_run", lambda *_a, **_k: 1 / 0)
    code, _out, err = call(capsys, "trace", "0000001", "N01", "2025")
    assert code == 1
    assert err.count("\n") == 1
    assert "outputs/kpss.log" in err
    assert "ZeroDivisionError" in (tmp_path / "outputs" / "kpss.log").read_text("utf-8")


def test_an_identifier_on_the_command_line_stays_text(capsys, monkeypatch):
    asked = []
    monkeypatch.setattr("kpsslib.workspace.open_run", lambda *_a, **_k: None)
    monkeypatch.setattr("kpsslib.batch.tracing.way_back", lambda run, *rest: asked.extend(rest))
    monkeypatch.setattr("kpsslib.cli.tracing.tell_way", lambda *_a: None)
    assert call(capsys, "trace", "0064581", "N01", "2025")[0] == 0
    assert asked == ["0064581", "N01", 2025]
