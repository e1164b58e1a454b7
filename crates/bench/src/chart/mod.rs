//! The chart of a sweep: a panel for each batch size, workers from left to right, records per second upwards, a line
//! for each buffer. The shape of a mark shows what limited that point.
//!
//! It is a self-contained file: SVG, or a page with the same picture and a table of all points. Colours follow the
//! reader's preference for light or dark.

mod axis;
mod page;

use super::bottleneck::Kind;
use super::report::{Report, Row};
use super::sweep::{NAME, kinds, parameter, values};
use super::table::short;
use axis::Axis;
use clearpipe_io::text;
use std::fmt::{self, Write};

pub use page::page;

/// How many panels are side by side.
const PANELS_A_ROW: usize = 2;

/// A panel with its margins, in pixels: the plot, the margins to its left and right, and those above and below.
const PLOT: (f64, f64) = (360.0, 190.0);
const LEFT: f64 = 70.0;
const RIGHT: f64 = 20.0;
const ABOVE: f64 = 34.0;
const BELOW: f64 = 52.0;

/// The height of the title and the legend.
const HEAD: f64 = 118.0;

/// The number of colours for buffers; further lines are dashed.
const COLOURS: usize = 6;

/// Both palettes have the same order of hues, so that lines can be distinguished on white as well as on black.
const STYLE: &str = "\
    svg { --back: #ffffff; --text: #1f2328; --dim: #59636e; --grid: #d9dee3; background: var(--back); \
font-family: system-ui, sans-serif; font-size: 12px; }
    .c0 { --line: #b45309; } .c1 { --line: #be185d; } .c2 { --line: #7c3aed; }
    .c3 { --line: #2563eb; } .c4 { --line: #0f766e; } .c5 { --line: #4d7c0f; }
    @media (prefers-color-scheme: dark) {
      svg { --back: #0d1117; --text: #e6edf3; --dim: #9198a1; --grid: #2b323b; }
      .c0 { --line: #fbbf24; } .c1 { --line: #f472b6; } .c2 { --line: #a78bfa; }
      .c3 { --line: #60a5fa; } .c4 { --line: #2dd4bf; } .c5 { --line: #a3e635; }
    }
    text { fill: var(--text); } .dim { fill: var(--dim); } .title { font-size: 16px; font-weight: 600; }
    .panel { font-weight: 600; } .grid { stroke: var(--grid); } .right { text-anchor: end; } .middle { text-anchor: middle; }
    .line { fill: none; stroke: var(--line, var(--dim)); stroke-width: 1.5; } .far { stroke-dasharray: 5 3; }
    .spread { stroke: var(--line); opacity: 0.6; }
    .mark { fill: var(--line, var(--dim)); stroke: var(--back); stroke-width: 1; }
    .mark.hollow { fill: var(--back); stroke: var(--line, var(--dim)); stroke-width: 1.5; }
";

/// Returns the picture as SVG.
pub fn svg(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = draw(&mut out, report);
    out
}

fn draw(out: &mut String, report: &Report) -> fmt::Result {
    let rows: Vec<&Row> = report.results.iter().filter(|row| row.scenario == NAME).collect();
    let panels: Vec<&[&Row]> = rows.chunk_by(|one, other| one.group == other.group).collect();
    let columns = panels.len().clamp(1, PANELS_A_ROW);
    let width = columns as f64 * (LEFT + PLOT.0 + RIGHT);
    // The legend needs this width even beside a single panel.
    let width = width.max(760.0);
    let height = HEAD + panels.len().div_ceil(PANELS_A_ROW) as f64 * (ABOVE + PLOT.1 + BELOW);
    writeln!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">"#
    )?;
    writeln!(
        out,
        "  <title>Throughput of Clearpipe by workers, buffer and batch</title>\n  <style>\n{STYLE}  </style>"
    )?;
    let buffers = values(rows.iter().copied(), "buffer");
    head(out, report, &rows, &buffers)?;
    let figures = rows.iter().map(|row| row.measured.figure());
    let axis = Axis::for_values(figures.flat_map(|figure| [figure.low, figure.high]));
    for (at, rows) in panels.iter().enumerate() {
        let x = LEFT + (at % PANELS_A_ROW) as f64 * (LEFT + PLOT.0 + RIGHT);
        let y = HEAD + ABOVE + (at / PANELS_A_ROW) as f64 * (ABOVE + PLOT.1 + BELOW);
        writeln!(out, r#"  <g transform="translate({x} {y})">"#)?;
        panel(out, rows, &buffers, &axis)?;
        writeln!(out, "  </g>")?;
    }
    writeln!(out, "</svg>")
}

fn head(out: &mut String, report: &Report, rows: &[&Row], buffers: &[String]) -> fmt::Result {
    writeln!(out, r#"  <text class="title" x="16" y="28">Throughput by workers, buffer and batch</text>"#)?;
    writeln!(out, r#"  <text class="dim" x="16" y="48">{}</text>"#, escaped(&subtitle(report, rows)))?;
    let mut x = 16.0;
    writeln!(out, r#"  <text class="dim" x="{x}" y="76">buffer, in records</text>"#)?;
    x += 118.0;
    for (at, buffer) in buffers.iter().enumerate() {
        let class = class(at);
        writeln!(
            out,
            r#"  <path class="{class} line" d="M{x} 72h22"/><text x="{}" y="76">{}</text>"#,
            x + 27.0,
            escaped(buffer)
        )?;
        x += 46.0 + 7.0 * buffer.len() as f64;
    }
    x = 16.0;
    writeln!(out, r#"  <text class="dim" x="{x}" y="98">limited by</text>"#)?;
    x += 118.0;
    for kind in kinds(rows.iter().copied()) {
        writeln!(
            out,
            r#"  {}<text x="{}" y="98">{}</text>"#,
            mark(kind, x + 6.0, 94.0, "", ""),
            x + 17.0,
            kind.name()
        )?;
        x += 36.0 + 7.0 * kind.name().len() as f64;
    }
    Ok(())
}

/// Describes the measurement and the machine.
fn subtitle(report: &Report, rows: &[&Row]) -> String {
    let threads = values(rows.iter().copied(), "threads");
    let threads = match threads.as_slice() {
        [one] => format!("{}, ", text::plural(one.parse().unwrap_or_default(), "thread")),
        _ => String::new(),
    };
    format!(
        "{}, median and range of {}, {threads}{} {} with {}, Clearpipe {}",
        text::plural(report.records, "generated record"),
        text::plural(u64::from(report.repeats), "round"),
        report.os,
        report.arch,
        text::plural(report.cores as u64, "core"),
        report.version,
    )
}

fn panel(out: &mut String, rows: &[&Row], buffers: &[String], axis: &Axis) -> fmt::Result {
    let (width, height) = PLOT;
    let title = rows.first().map_or("", |row| row.group.as_str());
    writeln!(out, r#"    <text class="panel" y="-12">{}</text>"#, escaped(title))?;
    for tick in axis.ticks() {
        let y = height * (1.0 - axis.place(tick));
        writeln!(out, r#"    <path class="grid" d="M0 {y:.1}h{width}"/>"#)?;
        writeln!(out, r#"    <text class="dim right" x="-8" y="{:.1}">{}</text>"#, y + 4.0, axis::label(tick))?;
    }
    let workers = values(rows.iter().copied(), "workers");
    let x_of = |at: usize| width * (at as f64 + 0.5) / workers.len() as f64;
    for (at, workers) in workers.iter().enumerate() {
        let (x, y) = (x_of(at), height + 18.0);
        writeln!(out, r#"    <text class="dim middle" x="{x:.1}" y="{y}">{}</text>"#, escaped(workers))?;
    }
    let (middle, below) = (width / 2.0, height + 36.0);
    writeln!(out, r#"    <text class="dim middle" x="{middle}" y="{below}">workers of each pool</text>"#)?;
    let (left, centre) = (14.0 - LEFT, height / 2.0);
    writeln!(
        out,
        r#"    <text class="dim middle" transform="translate({left} {centre}) rotate(-90)">records/s</text>"#
    )?;
    for (at, buffer) in buffers.iter().enumerate() {
        let points: Vec<(f64, &Row)> = workers
            .iter()
            .enumerate()
            .filter_map(|(at, workers)| Some((x_of(at), find(rows, buffer, workers)?)))
            .collect();
        line(out, &points, &class(at), axis)?;
    }
    Ok(())
}

fn find<'a>(rows: &[&'a Row], buffer: &str, workers: &str) -> Option<&'a Row> {
    let is_here = |row: &&&Row| parameter(row, "buffer") == buffer && parameter(row, "workers") == workers;
    rows.iter().find(is_here).copied()
}

fn line(out: &mut String, points: &[(f64, &Row)], class: &str, axis: &Axis) -> fmt::Result {
    let y_of = |value: f64| PLOT.1 * (1.0 - axis.place(value));
    let path: Vec<String> =
        points.iter().map(|(x, row)| format!("{x:.1} {:.1}", y_of(row.measured.figure().median))).collect();
    writeln!(out, r#"    <path class="{class} line" d="M{}"/>"#, path.join("L"))?;
    for (x, row) in points {
        let figure = row.measured.figure();
        let (low, high) = (y_of(figure.low), y_of(figure.high));
        writeln!(out, r#"    <path class="{class} spread" d="M{x:.1} {low:.1}V{high:.1}"/>"#)?;
        let kind = row.bottleneck.as_ref().map_or(Kind::Nothing, |limit| limit.kind());
        let mark = mark(kind, *x, y_of(figure.median), class, &describe(row));
        writeln!(out, "    {mark}")?;
    }
    Ok(())
}

/// Describes a point in a sentence.
fn describe(row: &Row) -> String {
    let limit = row.bottleneck.as_ref().map_or_else(String::new, |limit| format!("; limited by {limit}"));
    format!("{}, {}: {} records/s{limit}", row.group, row.name, short(row, row.measured.figure().median))
}

/// Draws the shape of [`Kind::mark`].
fn mark(kind: Kind, x: f64, y: f64, class: &str, about: &str) -> String {
    let path = match kind {
        Kind::Threads | Kind::Channels => "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0z",
        Kind::Producer => "M-4-5L5 0L-4 5z",
        Kind::Validators | Kind::Batch => "M0-5L5 4H-5z",
        Kind::Transformers | Kind::Rate => "M0-5.5L5.5 0L0 5.5L-5.5 0z",
        Kind::FanOut | Kind::Window => "M-4-4H4V4H-4z",
        Kind::Consumer => "M0 5L5-4H-5z",
        Kind::Unknown | Kind::Nothing => "M-2 0a2 2 0 1 0 4 0a2 2 0 1 0-4 0z",
    };
    let is_hollow = matches!(kind, Kind::Channels | Kind::Window | Kind::Batch | Kind::Rate | Kind::Unknown);
    let hollow = if is_hollow { " hollow" } else { "" };
    let title = if about.is_empty() { String::new() } else { format!("<title>{}</title>", escaped(about)) };
    let class = if class.is_empty() { format!("mark{hollow}") } else { format!("{class} mark{hollow} point") };
    format!(r#"<path class="{class}" transform="translate({x:.1} {y:.1})" d="{path}">{title}</path>"#)
}

fn class(buffer: usize) -> String {
    format!("c{}{}", buffer % COLOURS, if buffer < COLOURS { "" } else { " far" })
}

/// Escapes a text for XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
