//! Writes the TypeScript types of what the page exchanges with the engine. `npm run types` calls this, and says where to
//! in `TS_RS_EXPORT_DIR`.
#![cfg(feature = "typescript")]

use clearpipe_core::config::Config;
use clearpipe_core::metrics::Metrics;
use clearpipe_core::trace::EventKind;
use clearpipe_model::problem::Problem;
use ts_rs::TS;

#[test]
fn export_types() {
    // Without a folder to write to this only checks that there are such types.
    let Ok(folder) = std::env::var("TS_RS_EXPORT_DIR") else { return };
    let options = ts_rs::Config::new().with_out_dir(folder).with_large_int("number");
    Config::export_all(&options).unwrap();
    Metrics::export_all(&options).unwrap();
    EventKind::export_all(&options).unwrap();
    Problem::export_all(&options).unwrap();
}
