//! A folder for the files of a measurement, which are gone when it ends, however it ends.

use anyhow::Context;
use clearpipe_io::output::{Undo, Unfinished};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};

/// The folder; made when it is first asked for.
pub struct Scratch {
    parent: PathBuf,
    files: Unfinished,
    folder: OnceCell<PathBuf>,
}

impl Scratch {
    /// A folder in `parent`, or else in the folder of the system for such files.
    pub fn new(parent: Option<&Path>, files: &Unfinished) -> Scratch {
        let parent = parent.map_or_else(std::env::temp_dir, Path::to_owned);
        Scratch { parent, files: files.clone(), folder: OnceCell::new() }
    }

    /// The path of the folder.
    pub fn folder(&self) -> anyhow::Result<&Path> {
        if let Some(folder) = self.folder.get() {
            return Ok(folder);
        }
        let folder = self.parent.join(format!("clearpipe-bench-{}", std::process::id()));
        let make = || {
            std::fs::create_dir(&folder)?;
            let folder = folder.clone();
            // It may be gone already, and there is nothing else to be done about it.
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

    /// Removes the files that are in it, so that one scenario leaves the disk to the next.
    pub fn clear(&self) {
        if let Some(folder) = self.folder.get() {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            // What can't be removed now is removed with the folder, or stays.
            entries.for_each(|entry| drop(std::fs::remove_file(entry.path())));
        }
    }
}
