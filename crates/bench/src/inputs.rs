//! The files that scenarios read. One in ten values is out of range, one in eleven units is invalid.

use super::pipeline::cannot_write;
use anyhow::Context;
use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

/// The format of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Form {
    /// As the pipeline writes them.
    JsonLines,
    /// No two lines have the same shape: with unknown fields, escapes, spaces, and fields in another order.
    OddJsonLines,
    /// A table.
    Csv,
}

/// How a file is compressed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Coding {
    /// Not compressed.
    Plain,
    /// gzip, at the default level of the tool.
    Gzip,
    /// Zstandard, at the default level of the tool.
    Zstd,
}

/// A generated file.
#[derive(Debug)]
pub struct Made {
    /// Its path.
    pub path: String,
    /// The number of its lines, including one that can't be parsed.
    pub lines: u64,
    /// Its size before it was compressed.
    pub bytes: u64,
    /// Its size.
    pub file_bytes: u64,
}

impl Made {
    /// Generates a file in a folder.
    pub fn new(folder: &Path, form: Form, coding: Coding, records: u64) -> anyhow::Result<Made> {
        let path = folder.join("input");
        let (lines, bytes) = write(&path, form, coding, records).with_context(|| cannot_write(&path))?;
        let file_bytes = std::fs::metadata(&path).with_context(|| cannot_write(&path))?.len();
        let name = path.to_str().with_context(|| {
            format!(
                "{} is not UTF-8, as this scenario needs it; choose another folder with --dir",
                clearpipe_io::text::name(&path)
            )
        })?;
        Ok(Made { path: name.to_owned(), lines, bytes, file_bytes })
    }
}

fn write(path: &Path, form: Form, coding: Coding, records: u64) -> io::Result<(u64, u64)> {
    let file = BufWriter::with_capacity(super::blocks::SIZE, File::create(path)?);
    match coding {
        Coding::Plain => {
            let mut file = file;
            let written = write_lines(&mut file, form, records)?;
            file.flush()?;
            Ok(written)
        }
        Coding::Gzip => {
            let mut encoder = flate2::write::GzEncoder::new(file, flate2::Compression::default());
            let written = write_lines(&mut encoder, form, records)?;
            encoder.finish()?.flush()?;
            Ok(written)
        }
        Coding::Zstd => {
            let mut encoder = zstd::Encoder::new(file, zstd::DEFAULT_COMPRESSION_LEVEL)?;
            let written = write_lines(&mut encoder, form, records)?;
            encoder.finish()?.flush()?;
            Ok(written)
        }
    }
}

/// Writes the lines. Returns their number and their bytes.
fn write_lines(out: &mut dyn Write, form: Form, records: u64) -> io::Result<(u64, u64)> {
    let mut block = String::new();
    let mut bytes = 0;
    let header = form == Form::Csv;
    if header {
        block += "id,timestamp,sensor_id,value,unit,location,status\n";
    }
    for number in 0..records {
        line(&mut block, form, number).map_err(io::Error::other)?;
        if block.len() >= super::blocks::SIZE || number + 1 == records {
            out.write_all(block.as_bytes())?;
            bytes += block.len() as u64;
            block.clear();
        }
    }
    Ok((records + u64::from(header), bytes))
}

fn line(out: &mut String, form: Form, number: u64) -> fmt::Result {
    use fmt::Write as _;
    const UNITS: [&str; 3] = ["celsius", "percent", "pascal"];
    const LOCATIONS: [&str; 5] = ["North", "South", "East", "West", "Center"];
    let is_out_of_range = number.is_multiple_of(10);
    // One to three decimals, as in real measurements.
    let value = match is_out_of_range {
        true => -1.5,
        false => (number * 7_919 % 100_000) as f64 / [10.0, 100.0, 1000.0][(number % 3) as usize] % 1000.0,
    };
    let unit = if number.is_multiple_of(11) { "INVALID_UNIT" } else { UNITS[(number / 7 % 3) as usize] };
    let (sensor, location) = (number % 5 + 1, LOCATIONS[(number % 5) as usize]);
    let (minute, second) = (number / 60 % 60, number % 60);
    let id = format_args!("rec-{number:07}");
    let time = format_args!("2026-01-01T00:{minute:02}:{second:02}.000000Z");
    match (form, number % 3) {
        (Form::Csv, _) => writeln!(out, "{id},{time},sensor-{sensor},{value},{unit},{location},raw"),
        (Form::JsonLines, _) => writeln!(
            out,
            r#"{{"id":"{id}","timestamp":"{time}","sensor_id":"sensor-{sensor}","value":{value},"unit":"{unit}","location":"{location}","status":"raw"}}"#
        ),
        (Form::OddJsonLines, 0) => writeln!(
            out,
            r#"{{"location":"{location}","unit":"{unit}","value":{value},"note":"a \"quoted\" word","sensor_id":"sensor-{sensor}","timestamp":"{time}","id":"{id}"}}"#
        ),
        (Form::OddJsonLines, 1) => writeln!(
            out,
            r#"{{"id": "{id}", "timestamp": "{time}", "device": {{"rev": {sensor}, "ok": true}}, "sensor_id": "sensor-{sensor}", "value": {value}, "unit": "{unit}", "location": "{location}"}}"#
        ),
        (Form::OddJsonLines, _) => writeln!(
            out,
            r#"{{"value":{value}, "id":"{id}", "tags":["a","b"], "unit":"{unit}", "location":"\u0043\u00f4te {location}", "timestamp":"{time}", "sensor_id":"sensor\u002d{sensor}"}}"#
        ),
    }
}

impl fmt::Display for Form {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Form::JsonLines => "JSON Lines",
            Form::OddJsonLines => "Odd JSON Lines",
            Form::Csv => "CSV",
        })
    }
}

impl fmt::Display for Coding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Coding::Plain => "plain text",
            Coding::Gzip => "gzip",
            Coding::Zstd => "zstd",
        })
    }
}
