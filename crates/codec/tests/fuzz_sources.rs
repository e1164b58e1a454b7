//! Fuzzing of the file sources against the model, on stable Rust.
//!
//! ```sh
//! FUZZ_SECONDS=600 cargo test --release -p clearpipe-codec --test fuzz_sources -- --ignored --nocapture
//! ```
//!
//! `FUZZ_SEED` picks other inputs (default: the time). An input that fails is saved in `tests/source_cases/`, where
//! every later test run checks it again.

mod source_support;

use source_support::Case;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

/// The seeds of mutations, and the texts that they insert.
const JSON_SEEDS: &[&[u8]] = &[
    br#"{"id":"rec-0001","timestamp":"2024-01-01T00:00:00Z","sensor_id":"sensor-1","value":42.5,"unit":"unit_A","location":"North","status":"raw"}"#,
    b"{\"id\":\"a\",\"value\":-0.0,\"x\":[1,{\"y\":null}],\"z\":\"\\ud83d\\ude00\"}\r\n",
    b" { \"v\\u0061lue\" : 1e308 , \"note\" : \"\\\\\\\"\" , \"processed_at\" : {} } \n\n",
    // Similar lines.
    b"{\"id\":\"a\",\"value\":1.5,\"x\":true,\"status\":\"raw\"}\n{\"id\":\"bc\",\"value\":-20,\"x\":7,\"status\":\"r\"}\n",
    b"{\"id\": \"a\", \"x\": \"\", \"value\": 1, \"y\": 0}\n{\"id\": \"\", \"x\": \"b\", \"value\": 2e1, \"y\": null}\n",
    b"{\"x\":1,\"id\":null,\"y\":2,\"value\":12345678901234567890.5E-7,\"z\":3}\n{}\n",
    b"\xEF\xBB\xBF{\"value\":NaN}\n{\"id\":1}\n{\"id\":\"a\",\"id\":\"b\"}\n[1]\nnull\n",
];
const CSV_SEEDS: &[&[u8]] = &[
    b"id,timestamp,sensor_id,value,unit,location,status\nrec-1,2024-01-01T00:00:00Z,sensor-1,42.5,unit_A,North,raw\n",
    b"x,a b,\"q\"\"q\",id\r\n1,\"two\nlines\",\"\"\"\",+5\r\n\r\n.5,,\"\",\r\n",
    b"value\tid\tx\n007\ta\t5\" pipe\n n/a\tb\t\"c\n1e309\td\t\"e\"f\n",
    b"x\n1\n\"2\nz\",\"\nz\",\"\n3\n",
    b"\xEF\xBB\xBFvalue;x\n1;2\n1;\"2;\n1;\xFF\n",
];
const JSON_TOKENS: &[&[u8]] = &[
    b"\"",
    b"\\",
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\n",
    b"\r\n",
    b"\\u",
    b"\\ud800",
    b"\\udc00",
    b"\"id\":",
    b"\"value\":",
    b"1e309",
    b"-",
    b"0",
    b"null",
    b"NaN",
    b",\"k\":1",
    b"\xEF\xBB\xBF",
    b"\xC3",
    b" ",
    b"{\"id\":\"a\"}\n",
];
const CSV_TOKENS: &[&[u8]] = &[
    b"\"",
    b"\"\"",
    b"\",\"",
    b",",
    b"\t",
    b";",
    b"\n",
    b"\r\n",
    b"\r",
    b"\"\n",
    b"z\",\"\n",
    b"id",
    b"value",
    b"x",
    b"a b",
    b"status",
    b"5",
    b"+5",
    b"1e309",
    b"nan",
    b" ",
    b"\xEF\xBB\xBF",
    b"\xC3",
    b"1,2\n",
];

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Returns a number below `end`, which must not be 0.
    fn below(&mut self, end: usize) -> usize {
        (self.next() % end as u64) as usize
    }

    fn pick<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }
}

/// Mutates an input slightly.
fn mutate(input: &mut Vec<u8>, other: &[u8], tokens: &[&[u8]], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let length = random.below(input.len() - at + 1).min(1 + random.below(16));
    match random.below(9) {
        0 if at < input.len() => input[at] = random.next() as u8,
        1 if at < input.len() => input[at] ^= 1 << random.below(8),
        2 => drop(input.drain(at..at + length)),
        3 => {
            let piece = input[at..at + length].to_vec();
            let to = random.below(input.len() + 1);
            input.splice(to..to, piece);
        }
        4 => {
            let from = random.below(other.len() + 1);
            let length = random.below(other.len() - from + 1);
            input.splice(at..at, other[from..from + length].iter().copied());
        }
        5 => input.truncate(at),
        6 => {
            let piece = input[at..at + length].repeat(random.below(20));
            input.splice(at..at, piece);
        }
        _ => drop(input.splice(at..at, random.pick(tokens).iter().copied())),
    }
    input.truncate(4000);
}

/// Returns where failing inputs are saved.
fn cases() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/source_cases"))
}

/// Fuzzes a format for some time; returns how many inputs were tried.
fn fuzz(name: &str, seeds: &[&[u8]], tokens: &[&[u8]], formats: &[u8], time: Duration, seed: u64) -> u64 {
    let mut random = Random(seed);
    let mut corpus: Vec<Vec<u8>> = seeds.iter().map(|seed| seed.to_vec()).collect();
    let end = Instant::now() + time;
    let mut executions = 0;
    while Instant::now() < end {
        let mut input = corpus[random.below(corpus.len())].clone();
        let other = corpus[random.below(corpus.len())].clone();
        for _ in 0..1 + random.below(6) {
            mutate(&mut input, &other, tokens, &mut random);
        }
        // The corpus drifts, but stays near its seeds.
        if random.below(50) == 0 {
            match corpus.len() {
                0..200 => corpus.push(input.clone()),
                length => corpus[seeds.len() + random.below(length - seeds.len())] = input.clone(),
            }
        }
        let mut bytes = random.next().to_le_bytes().to_vec();
        bytes.truncate(Case::HEAD);
        bytes[0] = random.pick(formats);
        // Large inputs are slow, so they are rare; so are mappings, since most make the header fail.
        bytes[1] = if random.below(4) == 0 { bytes[1] } else { 0 };
        bytes[5] = if random.below(3000) == 0 { 240 | bytes[5] } else { 0 };
        bytes.extend_from_slice(&input);
        let case = Case::new(&bytes);
        if catch_unwind(AssertUnwindSafe(|| case.check())).is_err() {
            let path = cases().join(format!("{name}-{seed:x}-{executions}"));
            fs::create_dir_all(cases()).expect("a folder for the input");
            fs::write(&path, &bytes).expect("the input can be saved");
            panic!("failed after {executions} inputs (seed {seed}); saved as {}: {case:?}", path.display());
        }
        executions += 1;
    }
    println!("{name}: {executions} inputs in {} s, seed {seed}: no failure", time.as_secs_f64());
    executions
}

fn fuzz_json_lines(time: Duration, seed: u64) {
    assert!(fuzz("jsonl", JSON_SEEDS, JSON_TOKENS, &[1, 1, 1, 0], time, seed) > 0);
}

fn fuzz_csv(time: Duration, seed: u64) {
    assert!(fuzz("csv", CSV_SEEDS, CSV_TOKENS, &[2, 2, 2, 6, 10, 14, 3, 3, 0], time, seed) > 0);
}

fn setting(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().expect("a number"))
}

fn long() -> (Duration, u64) {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
    (Duration::from_secs(setting("FUZZ_SECONDS", 60)), setting("FUZZ_SEED", now))
}

#[test]
#[ignore = "takes FUZZ_SECONDS"]
fn json_lines_long() {
    let (time, seed) = long();
    fuzz_json_lines(time, seed);
}

#[test]
#[ignore = "takes FUZZ_SECONDS"]
fn csv_long() {
    let (time, seed) = long();
    fuzz_csv(time, seed);
}

#[test]
fn json_lines_short() {
    fuzz_json_lines(Duration::from_secs(1), 1);
}

#[test]
fn csv_short() {
    fuzz_csv(Duration::from_secs(1), 1);
}

/// Inputs that failed before.
#[test]
fn saved_cases() {
    let Ok(files) = fs::read_dir(cases()) else { return };
    for file in files {
        let path = file.expect("a file").path();
        println!("{}", path.display());
        Case::new(&fs::read(path).expect("a case")).check();
    }
}
