//! The files of a folder that belong to a page. The build script uses this too.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// A file of a page.
#[derive(Debug, PartialEq, Eq)]
pub struct FolderFile {
    /// Its path below the folder, with slashes.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The same, compressed with Brotli (RFC 7932): `index.js.br` beside `index.js`, unless it is older.
    pub brotli: Option<PathBuf>,
}

/// Lists the files of a page by name. Left out are hidden files, files that lie outside the folder and are only linked
/// to from it, and whatever is not a file: nothing of that belongs to a page.
pub fn files(folder: &Path) -> io::Result<Vec<FolderFile>> {
    let top = folder.canonicalize()?;
    let mut files = Vec::new();
    collect(&top, &top, "", &mut files)?;
    files.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(files)
}

fn collect(top: &Path, folder: &Path, prefix: &str, files: &mut Vec<FolderFile>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        // A name that is no UTF-8 can't be asked for by a page.
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        if entry.file_type()?.is_dir() {
            collect(top, &entry.path(), &format!("{prefix}{name}/"), files)?;
        } else if !name.ends_with(".br")
            && let Some((path, plain)) = file_within(top, &entry.path())
            && !is_compressed(&path)
        {
            let mut beside = path.clone().into_os_string();
            beside.push(".br");
            let brotli = file_within(top, Path::new(&beside)).filter(|(_, packed)| is_current(packed, &plain));
            files.push(FolderFile { name: format!("{prefix}{name}"), path, brotli: brotli.map(|(path, _)| path) });
        }
    }
    Ok(())
}

/// Returns the real path of a file, unless it is missing, is no file, or lies outside the folder.
fn file_within(top: &Path, path: &Path) -> Option<(PathBuf, Metadata)> {
    let path = path.canonicalize().ok().filter(|path| path.starts_with(top))?;
    let metadata = fs::metadata(&path).ok()?;
    metadata.is_file().then_some((path, metadata))
}

fn is_compressed(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "br")
}

fn is_current(packed: &Metadata, plain: &Metadata) -> bool {
    matches!((packed.modified(), plain.modified()), (Ok(packed), Ok(plain)) if packed >= plain)
}
