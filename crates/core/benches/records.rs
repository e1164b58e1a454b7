//! What is done for each record, one thing at a time.
//!
//! ```sh
//! cargo bench -p clearpipe-core                      all, in nanoseconds a record
//! cargo bench -p clearpipe-core -- json              those with json in their name
//! ```
//!
//! The best of some rounds is shown: a busy machine makes rounds slower, never faster. It needs nothing but the standard
//! library, so it is compiled in no time; `CLEARPIPE_ROUNDS=1` makes it short enough for a profiler that counts
//! instructions.

use clearpipe_codec::jsonl::{self, LineSuffix};
use clearpipe_codec::{FileSource, Input, InputOptions, LineTemplates, Lines};
use clearpipe_core::batch::BatchPool;
use clearpipe_core::batch::Group;
use clearpipe_core::config::Config;
use clearpipe_core::generator::{Dictionary, Generated, GeneratedBatch, Generator, Origin, RowBuilder};
use clearpipe_core::stages::transformer::{Transformer, Units};
use clearpipe_core::stages::validator::Validator;
use clearpipe_model::sum::ExactSum;
use clearpipe_model::time::Timestamp;
use futures::executor::block_on;
use std::hint::black_box;
use std::time::{Duration, Instant};

#[path = "records/channels.rs"]
mod channels;
#[path = "records/steps.rs"]
mod steps;

/// Measures some work, called by this name, if that is wanted.
type Bench<'a> = dyn Fn(&str, &mut dyn FnMut()) + 'a;

/// So many records are worked on in each round, in batches as large as the pipeline's largest.
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
    let numbers: Vec<f64> = generate().iter().flat_map(|batch| &batch.items).map(|record| record.value).collect();
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

/// All records, generated.
fn generate() -> Vec<GeneratedBatch> {
    let mut generator = Generator::new(&Config::default());
    let group = Group::new(0, BATCH as u32);
    let batch = |first| generator.batch(group.clone(), first..first + BATCH, Timestamp::default());
    (0..RECORDS).step_by(BATCH as usize).map(batch).collect()
}

/// The stages, for records of the generator.
fn generated(bench: &dyn Fn(&str, &mut dyn FnMut())) {
    let config = Config::default();
    let nothing = BatchPool::new(0);
    let (mut generator, validator, transformer) =
        (Generator::new(&config), Validator::new(&config, &nothing), Transformer::new(&config, &nothing));
    let (batches, dictionary) = (generate(), Dictionary::new(&config.generator));
    let origin = Origin { dictionary: &dictionary, produced_at: Timestamp::default() };
    bench("generate a record", &mut || {
        for batch in &batches {
            let first = batch.items[0].number;
            black_box(generator.batch(batch.group.clone(), first..first + BATCH, Timestamp::default()));
        }
    });
    let mut builder = RowBuilder::default();
    bench("put together and check a record", &mut || {
        for batch in &batches {
            let mut is_valid = |record: &&Generated| {
                let (record, buffers) = builder.record(origin, record);
                validator.check(&record, buffers).is_ok()
            };
            black_box(batch.items.iter().filter(&mut is_valid).count());
        }
    });
    let suffix = LineSuffix::processed(b"2026-01-01T00:00:00.000000Z");
    let mut out = Vec::new();
    bench("score and write a record", &mut || {
        for batch in &batches {
            let mut units = Units::default();
            out.clear();
            for record in &batch.items {
                let (record, buffers) = builder.record(origin, record);
                match transformer.score(record.value, record.unit, dictionary.buffers(), &mut units) {
                    Ok(score) => {
                        jsonl::write_processed(&mut out, &record, buffers, &suffix, score, score > 8.0);
                    }
                    Err(why) => jsonl::write_failed(&mut out, &record, buffers, why.suffix(), None),
                }
            }
            black_box(&out);
        }
    });
}

/// The same records read from text.
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
            let mut shapes = LineTemplates::default();
            for Lines { block, lines, parser, .. } in &lines {
                let mut scratch = Vec::new();
                let read = |line| parser.parse_like(&mut shapes, line, block, &mut scratch).is_ok();
                assert_eq!(lines.iter().map(read).filter(|is_ok| *is_ok).count(), lines.len());
            }
        });
        bench(&format!("read {name} anew"), &mut || {
            for Lines { block, lines, parser, .. } in &lines {
                let mut scratch = Vec::new();
                let read = |line| parser.parse(line, block, &mut scratch).is_ok();
                assert_eq!(lines.iter().map(read).filter(|is_ok| *is_ok).count(), lines.len());
            }
        });
    }
}

/// The lines of a text.
fn cut(text: &'static [u8]) -> impl Iterator<Item = Lines> {
    let mut source = FileSource::new(Input::new(Box::new(text)), &InputOptions::default(), &[]);
    std::iter::from_fn(move || block_on(source.next(BATCH as usize)).expect("text can be read"))
}
