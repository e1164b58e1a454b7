//! A folder for the files of a measurement, which is removed when it ends, however it ends.

use anyhow::Context;
use clearpipe_io::output::{Undo, Unfinished};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// The folder; created when it is first requested.
pub struct Scratch {
    parent: PathBuf,
    files: Unfinished,
    folder: OnceCell<PathBuf>,
}

impl Scratch {
    /// Creates a folder in `parent`, or else in the system's folder for temporary files.
    pub fn new(parent: Option<&Path>, files: &Unfinished) -> Scratch {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        Scratch { parent, files: files.clone(), folder: OnceCell::new() }
    }

    /// Returns the path of the folder, which the first call creates.
    ///
    /// # Errors
    /// If it doesn't exist yet and can't be created.
    pub fn folder(&self) -> anyhow::Result<&Path> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder);
        }
        let folder = self.parent.join(format!("clearpipe-bench-{}", std::process::id()));
        let make = || {
            std::fs::create_dir(&folder)?;
            let folder = folder.clone();
            // It may be gone already, and nothing else can be done about it.
            Ok(((), Box::new(move || drop(std::fs::remove_dir_all(folder))) as Undo))
        };
        self.files.begin(make).with_context(|| {
            format!(
                "no files can be written in {}; choose another folder with --dir",
                clearpipe_io::text::name(&self.parent)
            )
        })?;
        Ok(self.folder.get_or_init(|| folder))
    }

    /// Removes the files in it, so that each scenario leaves the disk space to the next.
    pub fn clear(&self) {
        if let Some(folder) = self.folder.get() {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            // A file that can't be removed now is removed with the folder, or remains.
            entries.for_each(|entry| drop(std::fs::remove_file(entry.path())));
        }
    }
}
