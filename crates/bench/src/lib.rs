//! Measures how fast the pipeline is, compared with the best achievable baseline.
//!
//! | module | about |
//! |---|---|
//! | `scenario`, `scenarios` | what is measured side by side |
//! | `measure`, `figure` | the rounds, and their summary |
//! | `pipeline`, `baseline`, `blocks`, `child` | ways of doing the work, and parts of it |
//! | `inputs`, `scratch` | generated files |
//! | `report`, `table`, `compare` | the JSON form, the table, comparing an old report with a new one |
//! | `sweep`, `bottleneck`, `chart` | workers × buffers × batches |

mod baseline;
mod blocks;
pub mod bottleneck;
pub mod chart;
mod child;
pub mod compare;
pub mod figure;
mod inputs;
pub mod measure;
mod pipeline;
pub mod report;
pub mod scenario;
pub mod scenarios;
pub mod scratch;
pub mod sweep;
pub mod table;
