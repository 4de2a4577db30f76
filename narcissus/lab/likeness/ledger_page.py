"""The bias ledger as one page: plain words for a visitor first, then every count. It shows no photograph."""

from html import escape

from narcissus.lab.likeness import charts
from narcissus.lab.likeness.ledger import TRAITS
from narcissus.lab.likeness.template import whole_page
from narcissus.scenes.mirror.ledger import LEAST_AGE, LEAST_TONE

STAGES = ("viewers", "training set", "random renders", "reflections")
NAMES = {"tone": "Skin tone", "age": "Age", "gender": "Gender presentation"}
SHADES = {"tone": charts.SHADES, "age": charts.PLAIN, "gender": (charts.PLAIN[1], charts.PLAIN[4])}


def ledger_page(ledger: dict) -> str:
    body = [_words(ledger)]
    body += [_trait(ledger, trait) for trait in TRAITS]
    body += [_echo(ledger["echo"]), _light(ledger["light"]), _groups(ledger["groups"]), _notes()]
    return whole_page("Narcissus: the ledger", body)


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
    names = {"viewers": "viewers", "training set": "portraits that taught it", "random renders": "random faces"}
    told = [f"{ledger[stage]['faces']} {name}" for stage, name in names.items() if ledger[stage]]
    return f"Counted: {', '.join(told)} and {ledger['reflections']['faces']} reflections."


def _said_of_tone(ledger: dict) -> str:
    here, there = ledger["viewers"]["mean ITA"], ledger["random renders"]["mean ITA"]
    mirror, own = (ledger["echo"]["ITA, degrees"][who] for who in ("mirror", "estimator"))
    if here["value"] is None or mirror["change"]["value"] is None:
        return ""
    alone = _compared(there["value"] - here["value"], LEAST_TONE, "lighter than", "darker than", "about as light as")
    change = mirror["change"]["value"]
    word = _compared(
        change - (own["change"]["value"] or 0), LEAST_TONE, "lighter", "darker", "about as light as they are"
    )
    return (
        f"<b>Skin.</b> Left alone, the mirror draws faces {alone} the people measured here. Asked to answer them, it "
        f"draws them {word} ({_signed(change, 1)}° on the scale used for skin tone, of which the measuring makes "
        f"{_signed(own['change']['value'] or 0, 1)}°){_keeps('skin', mirror['slope']['value'])}."
    )


def _said_of_age(ledger: dict) -> str:
    mirror, own = (ledger["echo"]["age, years"][who] for who in ("mirror", "estimator"))
    if mirror["change"]["value"] is None:
        return ""
    change, apart, noise = mirror["change"]["value"], mirror["mean error"]["value"], own["mean error"]["value"]
    word = _compared(change, LEAST_AGE, "older by", "younger by", "on average neither older nor younger")
    amount = f" {abs(change):.1f} years on average" if word.endswith("by") else ""
    beside = "" if noise is None else f" ({noise:.1f} years, if the photograph were merely made as small)"
    slope = mirror["slope"]["value"]
    narrowed = ": children are made older, and the old younger" if slope is not None and slope < 0.9 else ""
    return (
        f"<b>Age.</b> It makes people {word}{amount}. A viewer and the reflection differ by {apart:.1f} years{beside}"
        f"{_keeps('age', slope)}{narrowed}."
    )


def _keeps(what: str, slope: float | None) -> str:
    """Nothing where the viewers are all alike: there is then no difference to keep."""
    return "" if slope is None else f", and of every difference in {what} it keeps {100 * slope:.0f} %"


def _said_of_gender(ledger: dict) -> str:
    mirror, own = (ledger["echo"]["gender presentation"][who]["kept"] for who in ("mirror", "estimator"))
    if mirror["value"] is None:
        return ""
    rows = zip(("male", "female"), ledger["transitions"]["gender"], (0, 1), strict=True)
    parts = [f"for those seen as {name}, {100 * row[i] / sum(row):.0f}" for name, row, i in rows if sum(row)]
    beside = "" if own["value"] is None else f" ({100 * own['value']:.0f}, if the photograph were merely made as small)"
    return (
        f"<b>Gender.</b> Of 100 people, {100 * mirror['value']:.0f} are answered with a face that is seen as the same "
        f"gender as they are{beside}: {'; '.join(parts)}."
    )


def _signed(value: float, digits: int) -> str:
    return ("+" if value > 0 else "") + charts.number(value, digits)


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


def _light(lights: dict | None) -> str:
    """Whom does a dim room make of whom? Nothing where no lights were measured."""
    if not lights:
        return ""
    columns = ("skin tone, degrees", "age, years", "gender kept", "no face")
    rows = []
    for light, groups in lights.items():
        rows.append(f'<tr class="by"><td colspan="{len(columns) + 2}">{escape(light)}</td></tr>')
        for group, made in groups.items():
            cells = "".join(f"<td>{cell(made[column], _digits(column))}</td>" for column in columns)
            rows.append(f"<tr><th>{escape(group)}</th><td>{made['n']}</td>{cells}</tr>")
    head = "".join(f"<th>{column}</th>" for column in columns)
    return f"""<h2>Whom another light makes of whom</h2>
<p class="note">The same photograph as in another room, and what changes of the reflection: a mirror that knew light
from skin would change nothing. Tone and age are the reflection there less the reflection in the light of the
photograph; exposure and colours are the gains that were put on the photograph.</p>
<div class="scroll"><table class="groups"><tr><th></th><th>n</th>{head}</tr>{"".join(rows)}</table></div>"""


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
    text = lambda value: charts.number(value, digits)
    span = (
        "" if figure["low"] is None else f'<br><span class="ci">{text(figure["low"])} to {text(figure["high"])}</span>'
    )
    return f"{text(figure['value'])}{span}"


def _notes() -> str:
    return """<h2>How it was counted</h2>
<p class="note">Skin tone is the individual typology angle, ITA = arctan((L* − 50) / b*), of cheeks and
forehead, in the bands of Chardon et al. (1991) and Del Bino and Bernerd (2013). It depends on the light: a dark
photograph of light skin counts as dark. Age and gender presentation are guesses of the small network in
models/attributes, whose own errors stand in its model card. “Labelled group”, age and gender in the last table
are the labels of the data set, in its own words, where labels were given. Random renders are faces the
generator draws when nobody asks for anything. Intervals are 95 %: bootstrap over pictures for means, Wilson’s
for shares. The generator’s own leaning is shown here and not corrected: it is what the work is about. What the
inverter adds to it should be nothing.</p>"""
