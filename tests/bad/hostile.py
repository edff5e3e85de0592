"""X01 to X10: hostile text in names and notes; a sound return must come of it, and nothing that it asks for."""

from __future__ import annotations

from tests.bad.kit import CONVERTED, OK, Desk, fault

CANARY = "KANAREK5028"


def spoken(desk: Desk, *texts: str) -> None:
    """A return for each text, as the names of provider and service and as a note."""
    for text in texts:
        number = f"{len(desk.sent) + 1:07}"
        desk.put(desk.sound(number, provider_name=text, service_name=text, notes={"clients": text}))


@fault("X01", "formula as a name", OK)
def formula(desk: Desk) -> None:
    spoken(desk, '=HYPERLINK("http://evil.example","klikni")', "=1+1", "=cmd|' /C calc'!A0")


@fault("X02", "text that starts as a formula: + - @ tab CR", OK)
def starts(desk: Desk) -> None:
    """Text is escaped where it is written out; negative numbers stay numbers (N08, N18)."""
    spoken(desk, "+420 123", "-1+1", "@SUM(A1)", "\t=1+1", "\r=1+1")


@fault("X03", "HTML tags", OK)
def tags(desk: Desk) -> None:
    spoken(desk, "<script>alert(1)</script>", '"><img src=x onerror=alert(1)>', "</table><h1>")


@fault("X04", "Markdown link with javascript:", OK)
def markdown(desk: Desk) -> None:
    spoken(desk, "[klikni](javascript:alert(1))", "![x](http://evil.example/x.png)")


@fault("X05", "LaTeX and $", OK)
def latex(desk: Desk) -> None:
    spoken(desk, r"$\input{/etc/passwd}$", r"\write18{ls} 100 $")


@fault("X06", "Jinja", OK)
def jinja(desk: Desk) -> None:
    spoken(desk, "{{ 7*7 }}", "{% for x in y %}", "{found} {0} %s")


@fault("X07", "names of files: a path, CON, 300 letters, emoji, a trailing dot", OK)
def paths(desk: Desk) -> None:
    """They are names in the tables only: what is stored is named by the fingerprint of its bytes."""
    spoken(desk, "../../etc/passwd", "CON", "x" * 300, "Domov 🏡", "Domov.", "C:\\Windows\\win.ini")
    desk.put(desk.sound("0000007"), "výkaz 🏡 (1) \u202e &.xlsx")


@fault("X08", "right-to-left override and zero-width characters", CONVERTED, "nejsou vidět")
def directions(desk: Desk) -> None:
    """Read without them, and told."""
    spoken(desk, "Charita \u202egpj.exe", "Cha\u200brita\u2060", "\ufeffCharita")


@fault("X09", "Python and YAML code", OK)
def code(desk: Desk) -> None:
    spoken(desk, "__import__('os').system('id')", "!!python/object/apply:os.system ['id']", "a: &x [*x]")


@fault("X10", "canary string", OK)
def canary(desk: Desk) -> None:
    """What one provider writes is found with that provider only."""
    desk.put(desk.sound(provider_name=CANARY, notes={"clients": CANARY}))
    desk.own.append(CANARY)
