"""The bias ledger as one page: plain words for a visitor first, then every count. It shows no photograph."""

from html import escape

from narcissus.likeness import charts
from narcissus.likeness.ledger import TRAITS
from narcissus.likeness.sheet import sheet

STAGES = ("viewers", "training set", "random renders", "reflections")
NAMES = {"tone": "Skin tone", "age": "Age", "gender": "Gender presentation"}
SHADES = {"tone": charts.SHADES, "age": charts.PLAIN, "gender": (charts.PLAIN[1], charts.PLAIN[4])}


def ledger_page(ledger: dict) -> str:
    body = [_words(ledger)]
    body += [_trait(ledger, trait) for trait in TRAITS]
    body += [_echo(ledger["echo"]), _groups(ledger["groups"]), _notes()]
    return sheet("Narcissus: the ledger", body)


def _words(ledger: dict) -> str:
    """What a visitor may want to know, in sentences made of the figures."""
    said = [_said_of_tone(ledger), _said_of_age(ledger), _said_of_gender(ledger)]
    return f"""<h1>The ledger</h1>
<p class="lead">This mirror learned what a face is from a collection of photographs that somebody gathered. It
can only answer you with what it saw there. Here is what that does to people.</p>
{"".join(f"<p>{sentence}</p>" for sentence in said if sentence)}
<p class="soft">“Seen as” means: a small program guessed it from a picture. It says nothing about who anybody
is, and it errs; how often is written beside every figure. {escape(_counts(ledger))}</p>"""


def _counts(ledger: dict) -> str:
    stages = [(stage, ledger[stage]) for stage in STAGES if ledger[stage]]
    return "Counted: " + ", ".join(f"{census['faces']} {stage}" for stage, census in stages) + "."


def _said_of_tone(ledger: dict) -> str:
    here, there = ledger["viewers"]["mean ITA"], ledger["random renders"]["mean ITA"]
    mirror, own = (ledger["echo"]["ITA, degrees"][who] for who in ("mirror", "estimator"))
    if here["value"] is None or mirror["change"]["value"] is None:
        return ""
    left_alone = _compared(there["value"] - here["value"], 1.5, "lighter than", "darker than", "about as light as")
    change = _compared(mirror["change"]["value"] - (own["change"]["value"] or 0), 1.5, "lighter", "darker", "as light")
    slope = mirror["slope"]["value"]
    return (
        f"<b>Skin.</b> Left alone, the mirror draws faces {left_alone} the people measured here. "
        "Asked to answer them, it draws them "
        f"{change if change != 'as light' else 'about as light as they are'} "
        f"({mirror['change']['value']:+.1f}° on the scale used for skin tone, "
        f"of which the measuring itself makes {own['change']['value'] or 0:+.1f}°), "
        f"and of every difference between two people’s skin it keeps {100 * slope:.0f} %."
    )


def _said_of_age(ledger: dict) -> str:
    mirror, own = (ledger["echo"]["age, years"][who] for who in ("mirror", "estimator"))
    if mirror["change"]["value"] is None:
        return ""
    change = mirror["change"]["value"]
    word = _compared(change, 0.5, "older", "younger", "neither older nor younger")
    amount = f" by {abs(change):.1f} years on average" if word in ("older", "younger") else " on average"
    err = own["mean error"]["value"]
    beside = "" if err is None else f", where the same photograph seen twice is guessed {err:.1f} years apart"
    apart = mirror["mean error"]["value"]
    return f"<b>Age.</b> It makes people {word}{amount}. A single guess differs by {apart:.1f} years{beside}."


def _said_of_gender(ledger: dict) -> str:
    mirror, own = (ledger["echo"]["gender presentation"][who]["kept"] for who in ("mirror", "estimator"))
    if mirror["value"] is None:
        return ""
    table = ledger["transitions"]["gender"]
    male, female = (100 * row[i] / sum(row) if sum(row) else None for i, row in enumerate(table))
    parts = [f"{name} as {share:.0f} of 100" for name, share in (("men", male), ("women", female)) if share is not None]
    beside = "" if own["value"] is None else f" (the same photograph seen twice: {100 * own['value']:.0f} of 100)"
    return (
        f"<b>Gender.</b> Of 100 people, {100 * mirror['value']:.0f} are answered with a face that is seen as the same "
        "gender as they are"
        f"{beside}: of those seen as {' and of those seen as '.join(parts)}."
    )


def _compared(difference: float, least: float, more: str, less: str, same: str) -> str:
    return same if abs(difference) < least else more if difference > 0 else less


def _trait(ledger: dict, trait: str) -> str:
    bars = []
    for stage in STAGES:
        census = ledger[stage]
        if census is None:
            bars.append(
                f'<div class="stage"><span>{stage}</span>'
                '<small style="text-align:left">not given; name it with --trained-on</small></div>'
            )
            continue
        total = sum(figure["n"] for figure in census[trait].values())
        bar = (
            charts.shares(census[trait], SHADES[trait]) if total else "<small>cannot be said of these pictures</small>"
        )
        bars.append(f'<div class="stage"><span>{stage}</span>{bar}<small>n = {total}</small></div>')
    table = charts.transition_table(ledger["transitions"][trait], TRAITS[trait])
    return f"""<h2>{NAMES[trait]}</h2>
{"".join(bars)}{charts.legend(TRAITS[trait], SHADES[trait])}
<h3>From viewer (down) to reflection (across)</h3><div class="scroll">{table}</div>"""


def _echo(echo: dict) -> str:
    columns = ("change", "mean error", "r", "slope", "kept")
    rows = []
    for name, lines in echo.items():
        for who, label in (("mirror", "the mirror"), ("estimator", "the measuring itself")):
            cells = "".join(f"<td class='num'>{cell(lines[who].get(column), 2)}</td>" for column in columns)
            rows.append(f"<tr><th>{escape(name)}</th><td>{label}</td>{cells}</tr>")
    head = "".join(f"<th>{column}</th>" for column in columns)
    return f"""<h2>What becomes of a viewer</h2>
<p class="note">“The measuring itself” compares a photograph with the same photograph at the reflection’s size:
what a perfect mirror of this size would score. Change is reflection minus viewer; slope 1 keeps every
difference between people, 0 none.</p>
<div class="scroll"><table><tr><th></th><th></th>{head}</tr>{"".join(rows)}</table></div>"""


def _groups(lines: list[dict]) -> str:
    columns = [key for key in lines[0] if key not in ("by", "group", "n")]
    rows, last = [], None
    for line in lines:
        if line["by"] != last:
            rows.append(f'<tr class="by"><td colspan="{len(columns) + 2}">{escape(line["by"])}</td></tr>')
            last = line["by"]
        cells = "".join(f"<td>{cell(line[column], _digits(column))}</td>" for column in columns)
        rows.append(f"<tr><th>{escape(line['group'])}</th><td>{line['n']}</td>{cells}</tr>")
    head = "".join(f"<th>{escape(column)}</th>" for column in columns)
    return f"""<h2>Group by group</h2>
<p class="note">Shares and means with 95 % intervals; groups of fewer than five are counted only.</p>
<div class="scroll"><table class="groups"><tr><th></th><th>n</th>{head}</tr>{"".join(rows)}</table></div>"""


def _digits(column: str) -> int:
    return 3 if "face" in column or "gender" in column else 1


def cell(figure: dict | None, digits: int) -> str:
    if not figure or figure["value"] is None:
        return "–"
    span = (
        ""
        if figure["low"] is None
        else f'<br><span class="ci">{figure["low"]:.{digits}f} … {figure["high"]:.{digits}f}</span>'
    )
    return f"{figure['value']:.{digits}f}{span}"


def _notes() -> str:
    return """<h2>How it was counted</h2>
<p class="note">Skin tone is the individual typology angle, ITA = arctan((L* − 50) / b*), of cheeks and
forehead, in the bands of Chardon et al. (1991) and Del Bino and Bernerd (2013). It depends on the light: a dark
photograph of light skin counts as dark. Age and gender presentation are guesses of the small network in
models/attributes, whose own errors stand in its model card. “Labelled group”, age and gender in the last table
are the labels of the data set, in its own words, where labels were given. Random renders are faces the
generator draws when nobody asks for anything. Intervals are 95 % bootstrap intervals over pictures. The
generator’s own leaning is shown here and not corrected: it is what the work is about. What the inverter adds to
it should be nothing.</p>"""
