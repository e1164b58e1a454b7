//! Lists the files of the built page, so that they become a part of the program.
//!
//! A debug build reads the page when it is started instead: building the page anew needs no new program then.

#[path = "src/folder.rs"]
mod folder;

use std::fmt::Write;
use std::path::PathBuf;
use std::{env, error::Error, fs};

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=src/folder.rs");
    let page = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../../dist");
    let mut list = String::from("&[");
    if env::var_os("CARGO_CFG_DEBUG_ASSERTIONS").is_none() {
        println!("cargo::rerun-if-changed={}", page.display());
        // Without the folder, no page has been built: the server says so when somebody wants to see it.
        let files = if page.is_dir() { folder::files(&page)? } else { Vec::new() };
        for file in files {
            let brotli = match file.brotli {
                Some(path) => format!("Some(include_bytes!({path:?}))"),
                None => "None".to_owned(),
            };
            write!(list, "\n    ({:?}, include_bytes!({:?}), {brotli}),", file.name, file.path)?;
        }
    }
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("page.rs"), list + "\n]\n")?;
    Ok(())
}
