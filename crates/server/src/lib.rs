//! Serves the page of Clearpipe: from memory, with the headers that threads need, to those who call it by its name.
//!
//! [`Page`] holds all files, those that are part of this program or those of a folder. A [`Server`] answers with them and
//! with nothing else: no request makes it open a file. It survives whatever it receives (`tests/server/hostile.mjs`).
//!
//! | module | about |
//! |---|---|
//! | `page`, `folder` | the files of the page |
//! | `names` | by which names the server may be addressed, and from which pages |
//! | `encoding`, `headers` | which form of a file a client accepts; the headers of every answer |
//! | `answer` | from a request to its answer |
//! | `connection`, `connections` | slow clients, and too many of them |
//! | `server` | the server |
//! | `certificate` | https |
//! | `network`, `qr` | how others in the same room find it |

mod answer;
mod certificate;
mod connection;
mod connections;
mod encoding;
mod folder;
mod headers;
mod names;
mod network;
mod page;
mod qr;
mod server;

pub use page::{File, Page};
pub use qr::half_blocks;
pub use server::{Server, Settings, listen};
