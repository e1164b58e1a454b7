//! `clearpipe bench`, with very little to do.

use crate::support::Place;

#[test]
fn it_measures_the_loop_and_the_pipeline() {
    let place = Place::new();
    let out = place.run("bench -n 2000 -r 3 --json b.json").fine().out;
    for part in ["1 thread", "2 threads", "loop without channels", "pipeline, batch 1", "traced, batch 1", "100.0 %"] {
        assert!(out.contains(part), "{part}\n{out}");
    }
    let json = place.json("b.json");
    assert_eq!((&json["records"], &json["repeats"]), (&2000.into(), &3.into()));
    let results = json["results"].as_array().unwrap();
    // The loop, and the pipeline with two batches, traced and not, on one and two threads.
    assert_eq!(results.len(), 10);
    for result in results {
        assert_eq!(result["seconds"].as_array().unwrap().len(), 3);
        assert!(result["records_per_second"].as_f64().unwrap() > 0.0);
    }
    assert_eq!(results[0]["ratio_to_loop"], 1.0);
}

#[test]
fn nothing_can_not_be_measured() {
    let error = Place::new().run("bench -n 0").error(2);
    assert!(error.contains("invalid value '0' for '--records <N>'"), "{error}");
}
