//! A run that is killed at any moment.

use crate::support::{Place, names};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// What a run leaves in its folder: the number of records in each file, if they are there.
fn counts(place: &Place) -> Option<(usize, usize)> {
    let is_there = ["processed_data.jsonl", "failed_data.jsonl"].map(|name| place.path("o").join(name).exists());
    match is_there {
        [true, true] => Some((place.lines("o/processed_data.jsonl").len(), place.lines("o/failed_data.jsonl").len())),
        [false, false] => None,
        _ => panic!("one file without the other: {:?}", names(&place.path("o"))),
    }
}

#[test]
fn after_a_kill_the_next_run_finds_the_whole_old_or_the_whole_new_results() {
    let rounds = if std::env::var_os("CLEARPIPE_LONG").is_some() { 50 } else { 8 };
    let place = Place::new();
    place.write("half.jsonl.gz", &[0x1f, 0x8b][..]);
    let sizes = [20_000_u64, 30_000];
    // How long a run takes here, so that the moments are spread over all of it.
    let start = Instant::now();
    place.run(&format!("run -q -n {} -o o", sizes[0])).fine();
    let length = start.elapsed();
    let mut before = counts(&place);
    let mut whole = vec![before.unwrap()];
    place.run(&format!("run -q -n {} -o other", sizes[1])).fine();
    whole.push((place.lines("other/processed_data.jsonl").len(), place.lines("other/failed_data.jsonl").len()));
    std::fs::remove_dir_all(place.path("other")).unwrap();
    // A linear congruential generator with a fixed seed: the moments are the same in each test.
    let mut random = 11_u64;
    for round in 0..rounds {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let moment = length.mul_f64((random >> 33) as f64 / f64::from(1_u32 << 31) * 1.5);
        let new = round % 2;
        let mut child =
            place.command(&format!("run -q -n {} -o o", sizes[1 - new])).stdin(Stdio::null()).spawn().unwrap();
        std::thread::sleep(moment.max(Duration::from_micros(100)));
        child.kill().unwrap();
        child.wait().unwrap();
        // A run that fails, and so leaves what it finds.
        place.run("run -q -i half.jsonl.gz -o o").error(1);
        let after = counts(&place).unwrap();
        assert!(Some(after) == before || after == whole[1 - new], "round {round}: {after:?}");
        assert_eq!(names(&place.path("o")), ["failed_data.jsonl", "processed_data.jsonl"], "round {round}");
        before = Some(after);
    }
}
