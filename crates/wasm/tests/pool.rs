//! The pool of web workers, in a real browser.
#![cfg(target_arch = "wasm32")]

use clearpipe_wasm::{init_thread_pool, version};
use rayon::prelude::*;
use wasm_bindgen_futures::JsFuture;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_dedicated_worker);

const THREADS: usize = 2;

#[wasm_bindgen_test]
fn engine_tells_its_version() {
    assert_eq!(version(), env!("CARGO_PKG_VERSION"));
}

#[wasm_bindgen_test]
async fn pool_runs_work_on_every_thread() {
    JsFuture::from(init_thread_pool(THREADS)).await.expect("the pool starts");
    assert_eq!(rayon::current_num_threads(), THREADS);

    // `broadcast` runs once on each thread of the pool.
    let mut indices = rayon::broadcast(|thread| thread.index());
    indices.sort_unstable();
    assert_eq!(indices, [0, 1]);

    let sum: u64 = (0..1_000_000_u64).into_par_iter().sum();
    assert_eq!(sum, 499_999_500_000);
}
