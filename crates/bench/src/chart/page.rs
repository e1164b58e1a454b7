//! The page around the picture, with a table of all points for readers who prefer numbers or can't see the picture.

use super::super::report::Report;
use super::super::sweep::NAME;
use super::super::table::short;
use super::{escaped, svg};
use std::fmt::{self, Write};

const STYLE: &str = "\
  :root { color-scheme: light dark; }
  body { margin: 1rem; font: 14px/1.4 system-ui, sans-serif; }
  svg { max-width: 100%; height: auto; display: block; }
  table { border-collapse: collapse; margin: 1rem 0; }
  th, td { padding: 0.15rem 0.9rem 0.15rem 0; text-align: left; border-bottom: 1px solid #8884; }
  .number { text-align: right; font-variant-numeric: tabular-nums; }
  @media (prefers-color-scheme: dark) { body { background: #0d1117; color: #e6edf3; } }
";

/// Returns the page as HTML.
pub fn page(report: &Report) -> String {
    let mut out = String::new();
    // Writing to a string never fails.
    let _ = write(&mut out, report);
    out
}

fn write(out: &mut String, report: &Report) -> fmt::Result {
    writeln!(out, "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width\">")?;
    writeln!(out, "<title>Clearpipe: throughput by workers, buffer and batch</title>")?;
    writeln!(out, "<style>\n{STYLE}</style>\n</head>\n<body>\n{}<table>", svg(report))?;
    writeln!(out, "<thead><tr><th>batch</th><th>point</th><th class=\"number\">records/s</th>")?;
    writeln!(
        out,
        "<th class=\"number\">lowest</th><th class=\"number\">highest</th><th>limited by</th></tr></thead>\n<tbody>"
    )?;
    for row in report.results.iter().filter(|row| row.scenario == NAME) {
        let figure = row.measured.figure();
        write!(out, "<tr><td>{}</td><td>{}</td>", escaped(&row.group), escaped(&row.name))?;
        for value in [figure.median, figure.low, figure.high] {
            write!(out, "<td class=\"number\">{}</td>", short(row, value))?;
        }
        let limit = row.bottleneck.as_ref().map_or_else(String::new, ToString::to_string);
        writeln!(out, "<td>{}</td></tr>", escaped(&limit))?;
    }
    writeln!(out, "</tbody>\n</table>\n</body>\n</html>")
}
