//! Measures each operation on records separately.
//!
//! ```sh
//! cargo bench -p clearpipe-core                      all, in nanoseconds per record
//! cargo bench -p clearpipe-core -- json              those with json in their name
//! ```
//!
//! The best of several rounds is shown: a busy machine makes rounds slower, never faster. It needs only the standard
//! library, so it compiles quickly; `CLEARPIPE_ROUNDS=1` makes it short enough for a profiler that counts instructions.

use clearpipe_codec::jsonl::LineSuffix;
use clearpipe_codec::{Decoded, FileSource, Input, InputOptions, LineTemplates, Lines};
use clearpipe_core::batch::{BatchBuilder, BatchPool, Group, RecordBatch};
use clearpipe_core::config::Config;
use clearpipe_core::generator::{Dictionary, Generator, RowBuilder};
use clearpipe_core::records::{Encode, JsonLines, Memo, Records, Rejections, Scored, Selection, decode};
use clearpipe_core::rules::rules_of;
use clearpipe_core::transforms::transforms_of;
use clearpipe_model::record::Status;
use clearpipe_model::sum::ExactSum;
use clearpipe_model::time::Timestamp;
use futures::executor::block_on;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "records/channels.rs"]
mod channels;
#[path = "records/steps.rs"]
mod steps;

/// Measures some work under this name, if it was selected.
type Bench<'a> = dyn Fn(&str, &mut dyn FnMut()) + 'a;

/// The number of records in each round, in batches as large as the pipeline's largest.
const RECORDS: u64 = 100 * BATCH;
const BATCH: u64 = 1024;

fn main() {
    // `cargo bench` adds flags of its own.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let rounds = std::env::var("CLEARPIPE_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(30);
    let bench = |name: &str, work: &mut dyn FnMut()| {
        if wanted.is_empty() || wanted.iter().any(|part| name.contains(part.as_str())) {
            let best = (0..rounds).map(|_| time(work)).min().unwrap_or_default();
            println!("{name:<30} {:7.2} ns", best.as_secs_f64() * 1e9 / RECORDS as f64);
        }
    };
    generated(&bench);
    read(&bench);
    steps::all(&bench);
    channels::all(&bench);
    let numbers: Vec<f64> = generate().iter().flat_map(|batch| &batch.rows).map(|record| record.value).collect();
    let mut out = Vec::new();
    bench("a number written", &mut || {
        out.clear();
        numbers.iter().for_each(|&number| clearpipe_model::json_text::write_number(&mut out, number));
        black_box(&out);
    });
    bench("a number added exactly", &mut || {
        let mut sum = ExactSum::default();
        numbers.iter().for_each(|&number| sum.add(number));
        black_box(sum.value());
    });
}

fn time(work: &mut dyn FnMut()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

/// Generates all records.
fn generate() -> Vec<RecordBatch> {
    let mut generator = Generator::new(&Config::default());
    let group = Group::new(0, BATCH as u32);
    let batch = |first| generator.batch(group.clone(), first..first + BATCH, Timestamp::default());
    (0..RECORDS).step_by(BATCH as usize).map(batch).collect()
}

/// Measures the steps of the stages for generated records.
fn generated(bench: &dyn Fn(&str, &mut dyn FnMut())) {
    let config = Config::default();
    let mut generator = Generator::new(&config);
    let (batches, dictionary) = (generate(), Dictionary::new(&config.generator));
    bench("generate a record", &mut || {
        for batch in &batches {
            let first = batch.rows[0].number;
            black_box(generator.batch(batch.group.clone(), first..first + BATCH, Timestamp::default()));
        }
    });
    check_score_and_write("generated", &batches, &dictionary, bench);
}

/// Measures the rules, transformations and lines of decoded records.
fn check_score_and_write(
    name: &str,
    batches: &[RecordBatch],
    dictionary: &Dictionary,
    bench: &dyn Fn(&str, &mut dyn FnMut()),
) {
    let config = Config::default();
    let (rules, transforms) = (rules_of(&config.validator), transforms_of(&config.transformer));
    let mut memo = Memo::default();
    bench(&format!("check a record, {name}"), &mut || {
        for batch in batches {
            let mut rejected = Rejections::new();
            let mut selection = Selection::new(0..batch.rows.len(), &mut rejected);
            rules.iter().for_each(|rule| rule.check(Records::of(batch, dictionary), &mut selection, &mut memo));
            black_box(rejected.len());
        }
    });
    let mut memo = Memo::default();
    let (suffix, pool) = (LineSuffix::processed(b"2026-01-01T00:00:00.000000Z"), BatchPool::new(1));
    let (mut builder, mut scored) = (RowBuilder::default(), Vec::new());
    bench(&format!("score and write a record, {name}"), &mut || {
        for batch in batches {
            let (records, mut rejected) = (Records::of(batch, dictionary), Rejections::new());
            let count = batch.rows.len();
            scored.clear();
            scored.resize(count, Scored::default());
            let mut selection = Selection::new(0..count, &mut rejected);
            transforms.iter().for_each(|transform| transform.apply(records, &mut selection, &mut memo, &mut scored));
            let checkout = pool.checkout(None, 1);
            let mut processed = BatchBuilder::new(&batch.group, Status::Processed, count, &checkout);
            let mut failed = BatchBuilder::new(&batch.group, Status::TransformationError, rejected.len(), &checkout);
            JsonLines.encode(records, 0..count, &rejected, &scored, &suffix, &mut builder, &mut processed, &mut failed);
            let mut returns = pool.returns();
            processed.share().into_iter().chain(failed.share()).for_each(|batch| returns.add(batch));
            returns.give_back();
        }
    });
}

/// Measures the same records read from text.
fn read(bench: &dyn Fn(&str, &mut dyn FnMut())) {
    let [mut json, mut spaced, mut csv] = [String::new(), String::new(), String::new()];
    csv += "id,timestamp,sensor_id,value,unit,location,status\n";
    for number in 0..RECORDS {
        let (sensor, value, time) = (number % 5, number as f64 % 1000.0 / 10.0, number % 60);
        let fields = [
            format!("rec-{number:04}"),
            format!("2026-01-01T00:00:{time:02}.000000Z"),
            format!("sensor-{sensor}"),
            value.to_string(),
            "unit_A".to_owned(),
            "North".to_owned(),
            "raw".to_owned(),
        ];
        let [id, timestamp, sensor, value, unit, location, status] = &fields;
        json += &format!(
            "{{\"id\":\"{id}\",\"timestamp\":\"{timestamp}\",\"sensor_id\":\"{sensor}\",\"value\":{value},\
             \"unit\":\"{unit}\",\"location\":\"{location}\",\"status\":\"{status}\"}}\n"
        );
        spaced += &format!(
            "{{\"id\": \"{id}\", \"timestamp\": \"{timestamp}\", \"sensor_id\": \"{sensor}\", \"value\": {value}, \
             \"unit\": \"{unit}\", \"location\": \"{location}\", \"note\": \"x\"}}\n"
        );
        csv += &(fields.join(",") + "\n");
    }
    for (name, text) in [("json", &json), ("json with spaces", &spaced), ("csv", &csv)] {
        let bytes: &'static [u8] = text.clone().into_bytes().leak();
        bench(&format!("cut {name}"), &mut || {
            assert_eq!(cut(bytes).map(|lines| lines.lines.len()).sum::<usize>() as u64, RECORDS)
        });
        let lines: Vec<Lines> = cut(bytes).collect();
        bench(&format!("read {name}"), &mut || {
            let mut templates = LineTemplates::default();
            for Lines { block, lines, decoder, .. } in &lines {
                let mut decoded = Decoded::default();
                decoder.decode(&mut templates, lines, block, &mut decoded);
                assert_eq!((decoded.records.len(), decoded.rejects.len()), (lines.len(), 0));
            }
        });
        bench(&format!("read {name} anew"), &mut || {
            for Lines { block, lines, decoder, .. } in &lines {
                let mut scratch = Vec::new();
                let read = |line| decoder.decode_line(line, block, &mut scratch).is_ok();
                assert_eq!(lines.iter().map(read).filter(|is_ok| *is_ok).count(), lines.len());
            }
        });
        let batches: Vec<RecordBatch> = lines.into_iter().map(decoded).collect();
        check_score_and_write(name, &batches, &Dictionary::new(&Config::default().generator), bench);
    }
}

/// Returns a decoded batch of lines.
fn decoded(lines: Lines) -> RecordBatch {
    let group = Group::new(0, lines.lines.len() as u32);
    let first = lines.lines[0].number;
    let mut batch = RecordBatch::of_lines(group, lines, first);
    let count = batch.rows.len();
    decode(&mut batch, &mut Selection::new(0..count, &mut Rejections::new()), &mut LineTemplates::default());
    batch
}

/// Returns the lines of a text.
fn cut(text: &'static [u8]) -> impl Iterator<Item = Lines> {
    let mut source = FileSource::new(Input::new(Box::new(text)), &InputOptions::default(), &[]);
    std::iter::from_fn(move || block_on(source.next(BATCH as usize)).expect("text can be read"))
}
