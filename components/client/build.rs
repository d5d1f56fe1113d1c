//! Embeds the web app: every file with its digest and its compressed forms, as a table sorted by path.
//! The build in `dist/` if there is one, else the page in `static/` that says so; and the API's description.

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io::Write as _};

use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// Where the API's description is, in the URL and beside this file.
const OPENAPI: (&str, &str) = ("/api/openapi.json", "openapi.json");

/// Digits of the SHA-256 that tell versions of a file apart: 128 bits.
const DIGEST_DIGITS: usize = 32;

fn main() -> Result<()> {
    let package = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Cargo runs this each time while `dist` does not exist, so that its arrival is noticed.
    for watched in ["build.rs", "dist", "static", OPENAPI.1] {
        println!("cargo::rerun-if-changed={watched}");
    }

    let (dist, not_built) = (package.join("dist"), package.join("static"));
    let root = if dist.is_dir() { dist } else { not_built };
    let mut files = Vec::new();
    collect(&root, "", &mut files)?;
    if !files.iter().any(|(path, _)| path == "/index.html") {
        return Err(format!("there is no index.html in {}", root.display()).into());
    }
    files.push((OPENAPI.0.to_owned(), package.join(OPENAPI.1)));
    files.sort();

    let mut table = String::from("&[\n");
    for (path, file) in &files {
        embed(path, file, &out, &mut table)?;
    }
    table.push(']');
    fs::write(out.join("assets.rs"), table)?;
    Ok(())
}

/// Adds every file below `folder` with its path in the URL.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let path = format!("{prefix}/{}", url_name(&entry.file_name())?);
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &path, files)?;
        } else {
            files.push((path, entry.path()));
        }
    }
    Ok(())
}

/// A file's name, which must be one that a URL carries as it is.
fn url_name(name: &OsStr) -> Result<&str> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    name.to_str()
        .filter(|name| name.bytes().all(plain))
        .ok_or_else(|| format!("{} would have to be escaped in a URL", name.display()).into())
}

/// Writes one row of the table, and the files that it includes.
fn embed(path: &str, file: &Path, out: &Path, table: &mut String) -> Result<()> {
    let bytes = fs::read(file)?;
    let mut digest: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    digest.truncate(DIGEST_DIGITS);
    let identity = format!("include_bytes!({:?})", file);
    let brotli = include_shorter(&bytes, &brotli(&bytes)?, &out.join(format!("{digest}.br")))?;
    let gzip = include_shorter(&bytes, &gzip(&bytes)?, &out.join(format!("{digest}.gz")))?;
    writeln!(
        table,
        "    client_rules::Asset {{ path: {path:?}, digest: {digest:?}, identity: {identity}, brotli: {brotli}, gzip: {gzip} }},"
    )?;
    Ok(())
}

/// The expression for a compressed form, which is there only when it saves at least a tenth.
fn include_shorter(bytes: &[u8], compressed: &[u8], file: &Path) -> Result<String> {
    if compressed.len() * 10 > bytes.len() * 9 {
        return Ok("None".to_owned());
    }
    fs::write(file, compressed)?;
    Ok(format!("Some(include_bytes!({:?}))", file))
}

fn brotli(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut compressed = Vec::new();
    let parameters = brotli::enc::BrotliEncoderParams {
        quality: 11,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &parameters)?;
    Ok(compressed)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?)
}
