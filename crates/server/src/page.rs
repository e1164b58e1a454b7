//! The page: all its files, in memory.

use crate::folder;
use anyhow::{Context, Result, bail};
use bytes::Bytes;
use std::collections::HashMap;
use std::fs;
use std::path::Path;

/// The most bytes that a folder may have: the built page has five million.
const MAX_SIZE: u64 = 256 << 20;

/// The file that an address without a name stands for.
const INDEX: &str = "index.html";

/// The files that were built into the program: name, content, and the content compressed with Brotli.
type BuiltIn = &'static [(&'static str, &'static [u8], Option<&'static [u8]>)];

const BUILT_IN: BuiltIn = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// All files of a page. Nothing else can be asked for, and no file is opened while it is served.
#[derive(Debug, Default)]
pub struct Page {
    files: HashMap<String, File>,
}

/// A file of a page.
#[derive(Debug)]
pub struct File {
    /// Its content.
    pub plain: Bytes,
    /// Its content, compressed with Brotli (RFC 7932).
    pub brotli: Option<Bytes>,
    /// Its media type.
    pub content_type: &'static str,
}

impl Page {
    /// Returns the page that is part of this program; none if the page had not been built when the program was. A debug
    /// build reads it from where it is built.
    ///
    /// # Errors
    ///
    /// If that can't be read.
    pub fn built_in() -> Result<Option<Page>> {
        if cfg!(debug_assertions) {
            let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../dist"));
            return if folder.join(INDEX).exists() { Page::read(folder).map(Some) } else { Ok(None) };
        }
        let file = |&(name, plain, brotli): &(&str, &'static [u8], Option<&'static [u8]>)| {
            let (plain, brotli) = (Bytes::from_static(plain), brotli.map(Bytes::from_static));
            (name.to_owned(), File { plain, brotli, content_type: content_type(name) })
        };
        let page = Page { files: BUILT_IN.iter().map(file).collect() };
        Ok(page.files.contains_key(INDEX).then_some(page))
    }

    /// Reads a page from the folder into which it was built. Hidden files and links out of the folder are left out.
    ///
    /// # Errors
    ///
    /// If there is no `index.html` in it, if it is too large for a page, or if a file can't be read.
    pub fn read(folder: &Path) -> Result<Page> {
        let mut page = Page::default();
        let mut size = 0;
        for file in folder::files(folder).context("the folder can't be read")? {
            let read = |path: &Path| fs::read(path).with_context(|| format!("`{}` can't be read", file.name));
            let paths = [Some(&file.path), file.brotli.as_ref()].into_iter().flatten();
            size += paths.filter_map(|path| path.metadata().ok()).map(|metadata| metadata.len()).sum::<u64>();
            if size > MAX_SIZE {
                bail!("the folder has more than {} MiB: that is not a page", MAX_SIZE >> 20);
            }
            let plain = read(&file.path)?.into();
            let brotli = file.brotli.as_deref().map(read).transpose()?.map(Bytes::from);
            page.files.insert(file.name.clone(), File { plain, brotli, content_type: content_type(&file.name) });
        }
        if !page.files.contains_key(INDEX) {
            bail!("the folder has no `{INDEX}`");
        }
        Ok(page)
    }

    /// Finds the file that a path of a request refers to: decoded, and with a slash at its beginning.
    pub fn find(&self, path: &str) -> Option<&File> {
        let name = path.strip_prefix('/')?;
        match name.is_empty() || name.ends_with('/') {
            true => self.files.get(&format!("{name}{INDEX}")),
            false => self.files.get(name),
        }
    }
}

/// The media type of a file, by its extension.
fn content_type(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or_default() {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "ico" => "image/x-icon",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json; charset=utf-8",
        "jsonl" => "application/jsonl; charset=utf-8",
        "png" => "image/png",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        "wasm" => "application/wasm",
        "webmanifest" => "application/manifest+json",
        "woff2" => "font/woff2",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("dist/assets")).unwrap();
        for (name, text) in [("dist/index.html", "page"), ("dist/assets/a b.js", "script"), ("dist/.env", "secret")] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        fs::write(folder.path().join("secret.txt"), "secret").unwrap();
        folder
    }

    #[test]
    fn the_files_of_a_folder_are_found_by_their_paths() {
        let folder = folder();
        let page = Page::read(&folder.path().join("dist")).unwrap();
        for (path, content) in [("/", "page"), ("/index.html", "page"), ("/assets/a b.js", "script")] {
            assert_eq!(page.find(path).unwrap().plain, content, "{path}");
        }
        for path in
            ["", "index.html", "//index.html", "/./index.html", "/assets", "/assets/", "/.env", "/../secret.txt"]
        {
            assert!(page.find(path).is_none(), "{path}");
        }
    }

    #[test]
    fn a_compressed_file_belongs_to_the_one_that_it_is_made_of() {
        let folder = folder();
        let dist = folder.path().join("dist");
        for name in ["index.html.br", "alone.js.br"] {
            fs::write(dist.join(name), "packed").unwrap();
        }
        let page = Page::read(&dist).unwrap();
        assert_eq!(page.find("/").unwrap().brotli.as_deref(), Some(b"packed".as_slice()));
        assert!(page.find("/assets/a b.js").unwrap().brotli.is_none());
        assert!(page.find("/index.html.br").is_none() && page.find("/alone.js.br").is_none());

        // One that is older than the file is of another one.
        let before =
            fs::metadata(dist.join("index.html")).unwrap().modified().unwrap() - std::time::Duration::from_secs(9);
        fs::File::options().write(true).open(dist.join("index.html.br")).unwrap().set_modified(before).unwrap();
        assert!(Page::read(&dist).unwrap().find("/").unwrap().brotli.is_none());
    }

    #[cfg(unix)]
    #[test]
    fn links_out_of_the_folder_are_left_out() {
        use std::os::unix::fs::symlink;
        let folder = folder();
        let dist = folder.path().join("dist");
        symlink("../secret.txt", dist.join("out.txt")).unwrap();
        symlink("loop.txt", dist.join("loop.txt")).unwrap();
        symlink("index.html", dist.join("in.html")).unwrap();
        symlink("../secret.txt", dist.join("in.html.br")).unwrap();
        symlink("..", dist.join("folder")).unwrap();
        let page = Page::read(&dist).unwrap();
        for path in ["/out.txt", "/loop.txt", "/folder/secret.txt", "/folder/dist/index.html"] {
            assert!(page.find(path).is_none(), "{path}");
        }
        assert_eq!(page.find("/in.html").unwrap().plain, "page");
    }

    #[test]
    fn a_folder_without_a_page_is_refused() {
        let empty = tempfile::tempdir().unwrap();
        assert!(Page::read(empty.path()).unwrap_err().to_string().contains("index.html"));
        assert!(Page::read(&empty.path().join("missing")).is_err());
    }
}
