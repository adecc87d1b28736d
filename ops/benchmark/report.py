"""The table and the plot of `ops/bench`."""
import dataclasses
import html


@dataclasses.dataclass
class Row:
    name: str
    lacks: str
    microseconds: float
    burst: float
    disorder: int


def write(options, machine, rows):
    table = options.out / "bench.md"
    table.write_text(markdown(options, machine, rows))
    (options.out / "bench.svg").write_text(svg(rows))
    print(table.read_text())
    print(f"written to {table} and {options.out / 'bench.svg'}")


def markdown(options, machine, rows):
    bare = rows[0]
    lines = [
        f"{options.viewers} viewers of one task, events of {options.size} bytes; {options.rounds} rounds in turn of "
        f"{options.seconds} s at {options.rate} events/s and a burst of {options.burst}; the servers take turns on one "
        f"processor, all else is on the others; medians. {machine}.",
        "",
        "| server | CPU for a delivery | x bare | deliveries/s in a burst | x bare | missing or out of order | what it does not do |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for row in rows:
        lines.append(
            f"| {row.name} | {row.microseconds:.2f} µs | {row.microseconds / bare.microseconds:.2f} "
            f"| {row.burst / 1e6:.2f} M | {row.burst / bare.burst:.1f} | {row.disorder} | {row.lacks} |")
    return "\n".join(lines) + "\n"


WIDTH, LEFT, BAR, STEP = 760, 250, 16, 26


def svg(rows):
    parts = [title(20, "CPU for a delivery at a steady rate, µs: less is better")]
    parts += bars(36, rows, lambda row: row.microseconds, "{:.1f}")
    second = 36 + STEP * len(rows) + 30
    parts += [title(second, "Deliveries a second in a burst, millions: more is better")]
    parts += bars(second + 16, rows, lambda row: row.burst / 1e6, "{:.2f}")
    height = second + 24 + STEP * len(rows)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{height}" font-family="sans-serif" font-size="13">'
        f'<rect width="100%" height="100%" fill="white"/>{"".join(parts)}</svg>\n')


def title(y, text):
    return f'<text x="8" y="{y}" font-weight="bold">{html.escape(text)}</text>'


def bars(top, rows, value, form):
    longest = max(value(row) for row in rows)
    for place, row in enumerate(rows):
        y = top + STEP * place
        length = (WIDTH - LEFT - 70) * value(row) / longest
        colour = "#c2410c" if row.name == "Fantail" else "#94a3b8"
        yield (
            f'<text x="{LEFT - 8}" y="{y + 13}" text-anchor="end">{html.escape(row.name.replace("`", ""))}</text>'
            f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{colour}"/>'
            f'<text x="{LEFT + length + 6:.1f}" y="{y + 13}">{form.format(value(row))}</text>')
