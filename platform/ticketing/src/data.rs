//! The data folder: databases, streams, secrets, ports and logs of one installation, and who may use it.
//! One `up` at a time; the lock is the kernel's, so it never outlives the process.
use std::fs::{self, File, OpenOptions, Permissions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::cli::Place;

/// The paths of a data folder.
#[derive(Clone, Debug)]
pub struct Data {
    folder: PathBuf,
}

/// Held while `up` runs.
pub struct Lock(#[expect(dead_code, reason = "held, not read")] File);

impl Data {
    /// The folder of a place; it need not exist.
    ///
    /// # Errors
    /// When the checkout is not there.
    pub fn of(place: &Place) -> Result<Self> {
        let folder = match &place.data_dir {
            Some(folder) => std::path::absolute(folder).context("the data folder's path")?,
            None => root(place)?.join(".data"),
        };
        Ok(Self { folder })
    }

    /// Makes the folder and takes its lock.
    ///
    /// # Errors
    /// When another `up` holds it, or the folder cannot be written.
    pub fn lock(&self) -> Result<Lock> {
        let failed = || format!("cannot use the data folder {}", self.folder.display());
        fs::create_dir_all(self.logs()).with_context(failed)?;
        fs::create_dir_all(self.temporary()).with_context(failed)?;
        let mut file = self.lock_file().with_context(failed)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                file.read_to_string(&mut pid).with_context(failed)?;
                bail!(
                    "another up (process {}) runs on {}; stop it with `cargo xtask down`, or give --data-dir",
                    pid.trim(),
                    self.folder.display()
                );
            }
            Err(TryLockError::Error(error)) => return Err(error).with_context(failed),
        }
        file.set_len(0).with_context(failed)?;
        file.rewind().with_context(failed)?;
        writeln!(file, "{}", std::process::id()).with_context(failed)?;
        Ok(Lock(file))
    }

    /// The process that holds the lock; `None` when nobody does.
    ///
    /// # Errors
    /// When the lock file cannot be read.
    pub fn holder(&self) -> Result<Option<i32>> {
        if !self.folder.join("up.lock").exists() {
            return Ok(None);
        }
        let mut file = self.lock_file()?;
        match file.try_lock() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => {
                let mut pid = String::new();
                file.read_to_string(&mut pid)?;
                Ok(Some(
                    pid.trim()
                        .parse()
                        .context("the lock file names no process")?,
                ))
            }
            Err(TryLockError::Error(error)) => Err(error.into()),
        }
    }

    fn lock_file(&self) -> std::io::Result<File> {
        File::options()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(self.folder.join("up.lock"))
    }

    /// Drops everything but the lock.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub fn clear(&self) -> Result<()> {
        for entry in fs::read_dir(&self.folder)? {
            let path = entry?.path();
            if path.file_name().is_some_and(|name| name == "up.lock") {
                continue;
            }
            let removed = if path.is_dir() {
                fs::remove_dir_all(&path)
            } else {
                fs::remove_file(&path)
            };
            removed.with_context(|| format!("cannot remove {}", path.display()))?;
        }
        fs::create_dir_all(self.logs())?;
        fs::create_dir_all(self.temporary())?;
        Ok(())
    }

    /// The folder itself.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub fn postgres(&self) -> PathBuf {
        self.folder.join("postgres")
    }

    pub fn nats(&self) -> PathBuf {
        self.folder.join("nats")
    }

    pub fn stripe(&self) -> PathBuf {
        self.folder.join("stripe.json")
    }

    pub fn logs(&self) -> PathBuf {
        self.folder.join("logs")
    }

    /// Where hosts unpack providers: not the system's temporary folder, which two installations would share.
    pub fn temporary(&self) -> PathBuf {
        self.folder.join("tmp")
    }

    pub fn secrets(&self) -> PathBuf {
        self.folder.join("secrets.json")
    }

    /// The manifest that `wash dev` deploys.
    pub fn dev_manifest(&self) -> PathBuf {
        self.folder.join("dev.yaml")
    }

    /// Variables for `wash`, to be read by a shell.
    pub fn wash_environment(&self) -> PathBuf {
        self.folder.join("wash.env")
    }

    /// Where `wash` finds the programs that it starts.
    pub fn wash_programs(&self) -> PathBuf {
        self.folder.join("wash")
    }

    pub fn ports(&self) -> PathBuf {
        self.folder.join("ports.json")
    }

    pub fn children(&self) -> PathBuf {
        self.folder.join("children.json")
    }

    /// The socket of a running `up`.
    pub fn control(&self) -> PathBuf {
        self.folder.join("up.sock")
    }

    pub fn endpoints(&self) -> PathBuf {
        self.folder.join("endpoints.json")
    }
}

/// The checkout's absolute path.
///
/// # Errors
/// When it holds no `wadm.yaml`.
pub fn root(place: &Place) -> Result<PathBuf> {
    let root = place
        .root
        .canonicalize()
        .with_context(|| format!("no checkout at {}", place.root.display()))?;
    if !root.join("wadm.yaml").is_file() {
        bail!(
            "{} holds no wadm.yaml; run this in the checkout or give --root",
            root.display()
        );
    }
    Ok(root)
}

/// Reads a JSON file; `None` when there is none.
///
/// # Errors
/// When it cannot be read or does not parse.
pub fn read_json<T: DeserializeOwned>(path: &Path) -> Result<Option<T>> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).with_context(|| format!("cannot read {}", path.display())),
    };
    serde_json::from_slice(&text).map(Some).with_context(|| {
        format!(
            "{} is damaged; remove it or start with --fresh",
            path.display()
        )
    })
}

/// Replaces a JSON file as a whole, readable by its owner alone.
///
/// # Errors
/// When it cannot be written.
pub fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<()> {
    let failed = || format!("cannot write {}", path.display());
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(failed)?;
    }
    let draft = path.with_extension("new");
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&draft)
        .with_context(failed)?;
    file.set_permissions(Permissions::from_mode(0o600))
        .with_context(failed)?;
    serde_json::to_writer_pretty(&mut file, value).with_context(failed)?;
    file.sync_all().with_context(failed)?;
    fs::rename(&draft, path).with_context(failed)
}
