//! Runs of the pipeline on the pool of web workers, in a real browser.
#![cfg(target_arch = "wasm32")]

use clearpipe_wasm::{Run, check_config, default_config, init_thread_pool};
use js_sys::{JSON, Reflect};
use std::cell::Cell;
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

/// The pipeline's threads; the pool has one more, for the timers.
const THREADS: usize = 2;

async fn pool() {
    thread_local!(static STARTED: Cell<bool> = const { Cell::new(false) });
    if !STARTED.replace(true) {
        JsFuture::from(init_thread_pool(THREADS + 1)).await.expect("the pool starts");
    }
}

fn config(json: &str) -> JsValue {
    JSON::parse(json).expect("the test's configuration is JSON")
}

fn number(object: &JsValue, key: &str) -> f64 {
    Reflect::get(object, &key.into()).expect("an object").as_f64().unwrap_or_else(|| panic!("{key} is a number"))
}

/// The results of a run: the metrics and both files.
struct Results {
    metrics: JsValue,
    processed: String,
    failed: String,
}

async fn results(run: &Run) -> Results {
    let all = |processed: bool| async move {
        let mut bytes = Vec::new();
        while let Some(chunk) = if processed { run.next_processed().await } else { run.next_failed().await } {
            bytes.extend(chunk);
        }
        String::from_utf8(bytes).expect("the files are UTF-8")
    };
    let (metrics, processed, failed) = futures::join!(run.finished(), all(true), all(false));
    Results { metrics: metrics.expect("the run succeeds"), processed, failed }
}

async fn generated(json: &str) -> Results {
    pool().await;
    results(&Run::start(config(json), 0, None).expect("the configuration is right")).await
}

const CLOCK: &str = r#""clock":"fixed:2026-01-01T00:00:00Z""#;

#[wasm_bindgen_test]
async fn reference_run_has_41_processed_and_9_failed() {
    let results = generated(r#"{"batch":1}"#).await;
    assert_eq!(number(&results.metrics, "processed"), 41.0);
    assert_eq!(number(&results.metrics, "failed"), 9.0);
    assert_eq!(results.processed.lines().count(), 41);
    assert_eq!(results.failed.lines().count(), 9);
    assert!(results.failed.contains(r#""error":"Invalid unit for transformation""#));
}

#[wasm_bindgen_test]
async fn every_engine_writes_the_same() {
    let run = async |runtime: &str, workers: u32, batch: &str| {
        let json = format!(
            r#"{{"records":20000,{CLOCK},"workers":{workers},"batch":"{batch}","runtime":{{"kind":"{runtime}"}}}}"#
        );
        let results = generated(&json).await;
        (results.processed, results.failed, number(&results.metrics, "total_value"))
    };
    let expected = run("pool", 3, "1").await;
    assert_eq!(expected.0.lines().count() + expected.1.lines().count(), 20_000);
    for (runtime, workers, batch) in
        [("pool", 1, "auto"), ("pool", 8, "100"), ("local", 2, "auto"), ("virtual", 4, "auto")]
    {
        assert!(run(runtime, workers, batch).await == expected, "{runtime}, {workers} workers, batch {batch}");
    }
}

#[wasm_bindgen_test]
async fn an_input_is_fed_with_backpressure() {
    pool().await;
    let line =
        r#"{"id":"a","timestamp":"2026-01-01T00:00:00Z","sensor_id":"s","value":1.50,"unit":"u","location":"l"}"#;
    let count = 50_000;
    let run = Run::start(config(&format!("{{{CLOCK}}}")), 1, None).expect("the configuration is right");
    run.begin_input(None);
    let feed = async {
        for _ in 0..count / 1000 {
            assert!(run.feed(format!("{line}\n").repeat(1000).into_bytes()).await);
        }
        run.feed(b"no JSON\n".to_vec()).await;
        run.end_input();
    };
    let ((), results) = futures::join!(feed, results(&run));
    assert_eq!(results.processed.lines().count(), count);
    assert!(
        results.processed.starts_with(r#"{"id":"a","timestamp":"2026-01-01T00:00:00Z","sensor_id":"s","value":1.50,"#)
    );
    assert_eq!(results.failed.lines().count(), 1);
    assert!(results.failed.contains("\"line\":50001"), "{}", results.failed);
}

#[wasm_bindgen_test]
async fn several_inputs_are_read_one_after_the_other() {
    pool().await;
    let run = Run::start(config(&format!("{{{CLOCK}}}")), 2, None).expect("the configuration is right");
    let row = "2026-01-01T00:00:00Z,s,1.50,u,l";
    let feed = async {
        run.begin_input(Some("a.csv".to_owned()));
        assert!(run.feed(format!("id,timestamp,sensor_id,value,unit,location\na,{row}").into_bytes()).await);
        run.begin_input(Some("b.csv".to_owned()));
        assert!(run.feed(format!("timestamp,sensor_id,value,unit,location,id\n{row},b\nbroken\n").into_bytes()).await);
        run.end_input();
    };
    let ((), results) = futures::join!(feed, results(&run));
    let ids: Vec<&str> = results.processed.lines().map(|line| &line[..9]).collect();
    assert_eq!(ids, [r#"{"id":"a""#, r#"{"id":"b""#]);
    assert!(results.failed.starts_with(r#"{"file":"b.csv","line":3,"#), "{}", results.failed);
}

#[wasm_bindgen_test]
async fn more_input_is_not_taken_than_is_wanted() {
    pool().await;
    let run = Run::start(config(&format!("{{{CLOCK}}}")), 1, None).expect("the configuration is right");
    run.pause();
    run.begin_input(None);
    let mut taken = 0;
    loop {
        let feed = std::pin::pin!(run.feed(b"{\"id\":7}\n".to_vec()));
        match futures::future::select(feed, std::pin::pin!(sleep(200))).await {
            futures::future::Either::Left((wanted, _)) => assert!(wanted),
            futures::future::Either::Right(_) => break,
        }
        taken += 1;
        assert!(taken < 10, "nothing makes room, and it is taken all the same");
    }
    run.resume();
    let feed = async {
        for _ in 0..20 {
            assert!(run.feed(b"{\"id\":7}\n".to_vec()).await);
        }
        run.fail_input("gone");
    };
    let drain = async { while run.next_processed().await.is_some() || run.next_failed().await.is_some() {} };
    let ((), (), ended) = futures::join!(feed, drain, run.finished());
    // An error also comes after the chunks that wait.
    assert!(format!("{:?}", ended.expect_err("its input has failed")).contains("gone"));
}

#[wasm_bindgen_test]
async fn waiting_workers_share_the_threads() {
    let json = r#"{"records":200,"workers":50,"batch":1,"service":{"validator":{"wait":"20ms"}}}"#;
    let results = generated(json).await;
    let elapsed = number(&results.metrics, "elapsed_seconds");
    // 200 × 20 ms one after the other are 4 s; with 50 workers, 0.08 s. Anything well below 1 s shows that they wait at
    // the same time.
    assert!((0.08..1.0).contains(&elapsed), "{elapsed} s");
}

async fn sleep(milliseconds: i32) {
    let promise = js_sys::Promise::new(&mut |resolve, _| {
        let set_timeout = Reflect::get(&js_sys::global(), &"setTimeout".into()).expect("workers have it");
        let set_timeout = js_sys::Function::from(set_timeout);
        set_timeout.call2(&JsValue::NULL, &resolve, &milliseconds.into()).expect("a timer is set");
    });
    JsFuture::from(promise).await.expect("it is only resolved");
}

#[wasm_bindgen_test]
async fn a_run_is_paused_resumed_and_stopped() {
    pool().await;
    let json = r#"{"records":1000000000,"batch":1,"generator":{"rate_limit":2000}}"#;
    let run = Run::start(config(json), 0, None).expect("the configuration is right");
    let produced = || number(&run.metrics().expect("metrics convert"), "produced");
    let steer = async {
        sleep(100).await;
        run.pause();
        sleep(50).await;
        let paused = produced();
        assert!(paused > 0.0);
        sleep(100).await;
        assert_eq!(produced(), paused);
        run.resume();
        sleep(100).await;
        assert!(produced() > paused);
        run.stop();
    };
    let ((), results) = futures::join!(steer, results(&run));
    let finished = number(&results.metrics, "processed") + number(&results.metrics, "failed");
    assert_eq!(finished, number(&results.metrics, "produced"));
    assert_eq!((results.processed.lines().count() + results.failed.lines().count()) as f64, finished);
}

#[wasm_bindgen_test]
async fn a_run_goes_on_step_by_step() {
    pool().await;
    for runtime in ["pool", "local", "virtual"] {
        let json = format!(
            r#"{{"records":1000,"batch":1,"ordered":false,"generator":{{"rate_limit":500}},"runtime":{{"kind":"{runtime}"}}}}"#
        );
        let run = Run::start(config(&json), 0, None).expect("the configuration is right");
        run.pause();
        let finished = || {
            let metrics = run.metrics().expect("metrics convert");
            number(&metrics, "processed") + number(&metrics, "failed")
        };
        let paused = async || {
            while Reflect::get(&run.metrics().expect("metrics convert"), &"paused".into()) != Ok(JsValue::TRUE) {
                sleep(1).await;
            }
        };
        let steer = async {
            sleep(30).await;
            // Consumers that are behind at the pause catch up with the first step.
            run.step();
            paused().await;
            let (before, elapsed) = (finished(), run.elapsed());
            sleep(30).await;
            assert_eq!((finished(), run.elapsed()), (before, elapsed), "{runtime}");
            for step in 1..=5 {
                run.step();
                paused().await;
                assert_eq!(finished(), before + f64::from(step), "{runtime}");
            }
            // One record every 2 ms; it was paused for the rest of the time.
            assert!(run.elapsed() > elapsed, "{runtime}: {} s", run.elapsed());
            run.resume();
            run.stop();
        };
        futures::join!(steer, results(&run));
    }
}

#[wasm_bindgen_test]
async fn settings_change_while_it_runs() {
    pool().await;
    let json = r#"{"records":1000000000,"batch":1,"workers":1,"service":{"validator":{"wait":"1h"}}}"#;
    let json = json.replace("1h", "3600s");
    let run = Run::start(config(&json), 0, None).expect("the configuration is right");
    let steer = async {
        sleep(30).await;
        let error = run.adjust(config(r#"{"workers":0}"#)).unwrap_err();
        assert_eq!(js_sys::Error::from(error).name(), "ConfigError");
        run.adjust(config(r#"{"workers":8,"generator":{"rate_limit":1000,"burst":10}}"#)).expect("it is right");
        sleep(200).await;
        run.stop();
    };
    let ((), results) = futures::join!(steer, results(&run));
    let processed = number(&results.metrics, "processed");
    assert!((50.0..400.0).contains(&processed), "{processed}");
}

#[wasm_bindgen_test]
async fn the_virtual_clock_keeps_its_pace() {
    let json = r#"{"records":1000000,"batch":1,"generator":{"rate_limit":100},"runtime":{"kind":"virtual"}}"#;
    let run = Run::start(config(json), 0, None).expect("the configuration is right");
    run.set_pace(2.0);
    let steer = async {
        sleep(50).await;
        let begin = run.elapsed();
        sleep(200).await;
        let passed = run.elapsed() - begin;
        assert!((0.3..0.6).contains(&passed), "{passed} s instead of 0.4 s");
        run.pause();
        let paused = run.elapsed();
        sleep(100).await;
        assert_eq!(run.elapsed(), paused);
        run.resume();
        sleep(50).await;
        let passed = run.elapsed() - paused;
        assert!((0.05..0.3).contains(&passed), "{passed} s instead of 0.1 s");
        run.stop();
        run.set_pace(0.0);
    };
    futures::join!(steer, results(&run));
}

#[wasm_bindgen_test]
async fn events_are_in_shared_memory() {
    pool().await;
    let run =
        Run::start(config(r#"{"batch":1,"trace":{"enabled":true}}"#), 0, None).expect("the configuration is right");
    let results = results(&run).await;
    assert_eq!(number(&results.metrics, "trace_dropped_records"), 0.0);
    let rings = run.rings();
    // One for each thread of the pool, and one for the others.
    assert_eq!(rings.len(), THREADS + 1);
    let memory = js_sys::Reflect::get(&wasm_bindgen::memory(), &"buffer".into()).expect("a memory has a buffer");
    let events: u32 =
        rings.iter().map(|ring| js_sys::Uint32Array::new(&memory).get_index(ring.written as u32 / 4)).sum();
    // Each of the 50 records has at least 15 events.
    assert!(events > 750, "{events} events");
}

#[wasm_bindgen_test]
fn problems_of_a_configuration_come_all_at_once() {
    check_config(default_config().expect("it converts")).expect("the defaults are right");
    let error = check_config(config(r#"{"workers":0,"channels":{"capacity":0},"trace":{"sample":0}}"#)).unwrap_err();
    let problems = Reflect::get(&error, &"problems".into()).expect("an error is an object");
    assert_eq!(js_sys::Array::from(&problems).length(), 3);
    let unknown = check_config(config(r#"{"wrokers":2}"#)).unwrap_err();
    assert!(js_sys::Error::from(unknown).message().includes("wrokers", 0));
}

/// The page's engine can be measured: the results are discarded, and the baseline does all of the work.
#[wasm_bindgen_test]
async fn results_can_be_thrown_away_and_a_loop_be_measured() {
    pool().await;
    let json = format!(r#"{{{CLOCK},"records":5000}}"#);
    let kept = generated(&json).await;
    let run = Run::start(config(&json), 0, Some(true)).expect("the configuration is right");
    let thrown_away = results(&run).await;
    assert_eq!((thrown_away.processed.len(), thrown_away.failed.len()), (0, 0));
    for key in ["processed", "failed", "processed_bytes", "failed_bytes", "total_value"] {
        assert_eq!(number(&thrown_away.metrics, key), number(&kept.metrics, key), "{key}");
    }
    assert!(clearpipe_wasm::measure_loop(config(&json)).expect("the configuration is right") > 0.0);
    assert!(clearpipe_wasm::measure_loop(config(r#"{"records":-1}"#)).is_err());
}
