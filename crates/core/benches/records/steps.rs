//! The steps of the stages, one by one, for records that were read.

use super::{BATCH, Bench, RECORDS, cut};
use clearpipe_codec::jsonl::{self, LineSuffix};
use clearpipe_codec::{Decoded, LineTemplates};
use clearpipe_core::batch::{BatchBuilder, BatchPool, Group};
use clearpipe_core::config::TraceOptions;
use clearpipe_core::control::Control;
use clearpipe_core::metrics::Totals;
use clearpipe_core::runtime::{Local, Runtime};
use clearpipe_core::trace::{EventKind, Latest, Tracer};
use clearpipe_model::record::{Buffers, Record, Status};
use clearpipe_model::record_number::traced;
use clearpipe_model::reject::Reason;
use clearpipe_model::topology::Stage;
use std::hint::black_box;
use std::sync::Arc;

pub fn all(bench: &Bench<'_>) {
    of_records(bench);
    metrics(bench);
    events(bench);
}

/// Records that were read, with the buffers that contain their texts.
struct Read {
    block: Arc<Vec<u8>>,
    scratch: Vec<u8>,
    records: Vec<Record>,
}

impl Read {
    fn buffers(&self) -> Buffers<'_> {
        Buffers { input: &self.block, scratch: &self.scratch }
    }
}

fn read() -> Vec<Read> {
    let mut text = String::new();
    for number in 0..RECORDS {
        let (sensor, value, second) = (number % 5, number as f64 % 1000.0 / 10.0, number % 60);
        text += &format!(
            "{{\"id\":\"rec-{number:04}\",\"timestamp\":\"2026-01-01T00:00:{second:02}.000000Z\",\
             \"sensor_id\":\"sensor-{sensor}\",\"value\":{value},\"unit\":\"unit_A\",\"location\":\"North\"}}\n"
        );
    }
    let mut templates = LineTemplates::default();
    let mut one = |lines: clearpipe_codec::Lines| {
        let mut decoded = Decoded::default();
        lines.decoder.decode(&mut templates, &lines.lines, &lines.block, &mut decoded);
        assert!(decoded.rejects.is_empty());
        Read { block: lines.block, scratch: decoded.scratch, records: decoded.records }
    };
    cut(text.into_bytes().leak()).map(&mut one).collect()
}

fn of_records(bench: &Bench<'_>) {
    let all = read();
    let mut out = Vec::new();
    let processed = LineSuffix::processed(b"2026-01-01T00:00:00.000000Z");
    bench("serialise a processed record", &mut || {
        for read in &all {
            out.clear();
            for record in &read.records {
                jsonl::write_processed(&mut out, record, read.buffers(), &processed, record.value * 0.1, false);
            }
            black_box(&out);
        }
    });
    let failed = LineSuffix::failed(&Reason::ValueOutOfRange { min: 0.0, max: 1000.0 });
    bench("serialise a failed record", &mut || {
        for read in &all {
            out.clear();
            for record in &read.records {
                jsonl::write_failed(&mut out, record, read.buffers(), &failed, None);
            }
            black_box(&out);
        }
    });
}

/// Measures the Transformers and the Metrics Collector together: they sum up each batch, and add it to the totals.
fn metrics(bench: &Bench<'_>) {
    let (group, pool) = (Group::new(0, BATCH as u32), BatchPool::new(1));
    let mut returns = pool.returns();
    let checkout = pool.checkout(None, 1);
    bench("add a record to the metrics", &mut || {
        let mut totals = Totals::default();
        for first in (0..RECORDS).step_by(BATCH as usize) {
            let mut collected = BatchBuilder::new(&group, Status::Processed, BATCH as usize, &checkout);
            for number in first..first + BATCH {
                collected.push_processed(number, number as f64 % 1000.0 / 10.0, number % 5 == 1, |_| ());
            }
            let finished = collected.share().expect("there are records");
            totals.add(&finished);
            returns.add(finished);
            returns.give_back();
        }
        black_box(totals);
    });
}

/// Measures one event of each record; the rings are emptied after each batch.
fn events(bench: &Bench<'_>) {
    let runtime: Arc<dyn Runtime> = Arc::new(Local::new());
    let control = Arc::new(Control::new(&runtime));
    let options = TraceOptions { enabled: true, ..TraceOptions::default() };
    let on = Tracer::new(&options, &runtime, &control, (BATCH as usize, 1), None);
    let latest = Latest::default();
    for (name, tracer) in [("record an event", on), ("record an event, tracing off", Tracer::off())] {
        bench(name, &mut || {
            for first in (0..RECORDS).step_by(BATCH as usize) {
                for number in first..first + BATCH {
                    let (node, record) = (Stage::Validator.node_id(), black_box(traced(number)));
                    tracer.record(EventKind::WorkStart, node, 0, record, &[&latest]);
                }
                tracer.rings().iter().for_each(|ring| {
                    ring.drain(|event| {
                        black_box(event);
                    })
                });
            }
        });
    }
}
