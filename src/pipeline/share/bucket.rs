//! A folder that all machines of a plan see: on a disk, or in an object store (S3, Google Cloud
//! Storage, Azure). The only place that knows the library of object stores.
//!
//! Objects are whole or not there. [`Bucket::create`] writes one only where there is none, which is
//! what leases are made of. Credentials come from the environment alone (`AWS_…`, `GOOGLE_…`,
//! `AZURE_…`) and stand in no message.

use crate::problem::{Problem, Result};
use futures_util::TryStreamExt;
use jiff::Timestamp;
use object_store::path::Path as Name;
use object_store::{
    Error, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload, WriteMultipart,
};
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::runtime::Runtime;
use url::Url;

/// Bytes of a file that are sent or fetched at once.
const CHUNK: usize = 8 << 20;

/// An object that is there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Its name below the bucket.
    pub(crate) name: String,
    /// Size.
    pub(crate) bytes: u64,
    /// When it was written, by the clock of the store.
    pub(crate) written: Timestamp,
}

/// The folder.
#[derive(Debug)]
pub(crate) struct Bucket {
    store: Arc<dyn ObjectStore>,
    base: Name,
    runtime: Runtime,
    /// As it is printed.
    shown: String,
    /// Where it is a folder of this machine.
    local: Option<PathBuf>,
}

/// A place given as a URL or as a folder.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Place {
    /// A folder of this machine, or one that it has mounted.
    Folder(PathBuf),
    /// An object store.
    Store(Url),
}

impl Place {
    /// Reads a URL (`file://`, `s3://`, `gs://`, `az://`, …) or a path.
    ///
    /// # Errors
    /// Credentials or a query in a URL: they would stand in plans.
    pub(super) fn read(text: &str) -> Result<Self> {
        // A letter alone before the colon is a drive.
        let url = match text.split_once("://") {
            Some((scheme, _)) if scheme.len() > 1 => Url::parse(text),
            _ => return Ok(Self::Folder(PathBuf::from(text))),
        };
        let url = url.map_err(|e| {
            Problem::setting(format!("is no URL ({e})"))
                .field("URL")
                .hint("expected a folder, file:///folder or s3://bucket/folder")
        })?;
        let secret = url.password().is_some() || !url.username().is_empty();
        if secret || url.query().is_some() || url.fragment().is_some() {
            return Err(Problem::setting("holds credentials or a query")
                .field("URL")
                .hint(
                    "credentials are taken from the environment alone, such as AWS_ACCESS_KEY_ID",
                ));
        }
        if url.scheme() == "file" {
            let path = url.to_file_path().map_err(|()| {
                Problem::setting(format!("{url} is no folder of this machine")).field("URL")
            })?;
            return Ok(Self::Folder(path));
        }
        Ok(Self::Store(url))
    }

    /// As a URL that other machines read alike.
    pub(super) fn url(&self) -> String {
        match self {
            Self::Store(url) => url.to_string(),
            Self::Folder(path) => {
                let whole = std::path::absolute(path).unwrap_or_else(|_| path.clone());
                let url = Url::from_directory_path(&whole);
                url.map_or_else(|()| whole.display().to_string(), |u| u.to_string())
            }
        }
    }
}

impl Bucket {
    /// Opens a folder or an object store; a folder is made where it is missing and `make` says so.
    ///
    /// # Errors
    /// An unknown kind of URL, a store this program was built without, a folder that refuses.
    pub(super) fn open(place: &Place, make: bool) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .map_err(|e| Problem::io(format!("cannot start threads ({e})")))?;
        let shown = place.url();
        match place {
            Place::Folder(path) => {
                if make {
                    std::fs::create_dir_all(path)
                        .map_err(|e| Problem::from(e).in_file(shown.clone()))?;
                }
                let store = object_store::local::LocalFileSystem::new_with_prefix(path);
                let store = store.map_err(|e| {
                    fault(&e, &shown).hint("thermaudit plan makes the folder of a plan")
                })?;
                let local = std::path::absolute(path).ok();
                Ok(Self {
                    store: Arc::new(store),
                    base: Name::default(),
                    runtime,
                    shown,
                    local,
                })
            }
            Place::Store(url) => {
                let kind = url.scheme();
                let built = match kind {
                    "s3" | "s3a" => Some(cfg!(feature = "s3")),
                    "gs" => Some(cfg!(feature = "gcs")),
                    "az" | "adl" | "abfs" | "abfss" | "azure" => Some(cfg!(feature = "azure")),
                    _ => None,
                };
                if built != Some(true) {
                    let what = match built {
                        None => format!("{kind}:// is no store that is known"),
                        _ => format!("this program was built without {kind}://"),
                    };
                    return Err(Problem::setting(what).field("URL").hint(
                        "expected a folder, file:///folder, s3://, gs:// or az://; the features \
                         s3, gcs and azure build them in",
                    ));
                }
                // Of the whole process; a second call changes nothing.
                #[cfg(feature = "tls")]
                let _ = rustls::crypto::ring::default_provider().install_default();
                let environment = std::env::vars().map(|(k, v)| (k.to_ascii_lowercase(), v));
                let (store, base) = object_store::parse_url_opts(url, environment)
                    .map_err(|e| fault(&e, &shown))?;
                Ok(Self {
                    store: Arc::from(store),
                    base,
                    runtime,
                    shown,
                    local: None,
                })
            }
        }
    }

    /// As it is printed.
    pub(super) fn shown(&self) -> &str {
        &self.shown
    }

    /// Where it is a folder of this machine.
    pub(crate) fn local(&self) -> Option<&Path> {
        self.local.as_deref()
    }

    fn name(&self, name: &str) -> Name {
        let parts = name.split('/').filter(|p| !p.is_empty());
        parts.fold(self.base.clone(), |path, part| path.join(part))
    }

    fn wait<T>(
        &self,
        name: &str,
        work: impl Future<Output = std::result::Result<T, Error>>,
    ) -> Result<T> {
        let done = self.runtime.block_on(work);
        done.map_err(|e| fault(&e, &format!("{}/{name}", self.shown.trim_end_matches('/'))))
    }

    /// An object; `None` where there is none.
    pub(crate) fn get(&self, name: &str) -> Result<Option<Vec<u8>>> {
        let path = self.name(name);
        self.wait(name, async {
            match self.store.get(&path).await {
                Ok(found) => Ok(Some(found.bytes().await?.to_vec())),
                Err(Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })
    }

    /// Whether an object is there.
    pub(crate) fn has(&self, name: &str) -> Result<bool> {
        let path = self.name(name);
        self.wait(name, async {
            match self.store.head(&path).await {
                Ok(_) => Ok(true),
                Err(Error::NotFound { .. }) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    /// Writes an object, over one that is there.
    pub(crate) fn put(&self, name: &str, bytes: Vec<u8>) -> Result<()> {
        let path = self.name(name);
        let payload = PutPayload::from(bytes);
        self.wait(name, async {
            self.store.put(&path, payload).await.map(|_| ())
        })
    }

    /// Writes an object unless there is one. Out: whether it was written.
    pub(super) fn create(&self, name: &str, bytes: Vec<u8>) -> Result<bool> {
        let path = self.name(name);
        let options = PutOptions::from(PutMode::Create);
        let payload = PutPayload::from(bytes);
        self.wait(name, async {
            match self.store.put_opts(&path, payload, options).await {
                Ok(_) => Ok(true),
                Err(Error::AlreadyExists { .. } | Error::Precondition { .. }) => Ok(false),
                Err(error) => Err(error),
            }
        })
    }

    /// Removes an object; one that is not there is none the worse.
    pub(super) fn remove(&self, name: &str) -> Result<()> {
        let path = self.name(name);
        self.wait(name, async {
            match self.store.delete(&path).await {
                Ok(()) | Err(Error::NotFound { .. }) => Ok(()),
                Err(error) => Err(error),
            }
        })
    }

    /// Objects below a folder of the bucket, by name.
    pub(super) fn list(&self, below: &str) -> Result<Vec<Found>> {
        let path = self.name(below);
        let cut = self.base.as_ref().len();
        let mut found: Vec<Found> = self.wait(below, async {
            let list = self.store.list(Some(&path));
            list.map_ok(|meta| Found {
                name: {
                    let whole = meta.location.as_ref();
                    whole
                        .get(cut..)
                        .unwrap_or(whole)
                        .trim_start_matches('/')
                        .to_owned()
                },
                bytes: meta.size,
                written: Timestamp::from_millisecond(meta.last_modified.timestamp_millis())
                    .unwrap_or_default(),
            })
            .try_collect()
            .await
        })?;
        found.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(found)
    }

    /// Writes a file as an object, in parts where it is large.
    pub(crate) fn put_file(&self, name: &str, from: &Path) -> Result<()> {
        let mut file = std::fs::File::open(from)
            .map_err(|e| Problem::from(e).in_file(from.display().to_string()))?;
        let broken = |e: std::io::Error| Problem::from(e).in_file(from.display().to_string());
        let whole = file.seek(SeekFrom::End(0)).map_err(broken)? as usize;
        file.rewind().map_err(broken)?;
        if whole <= CHUNK {
            let mut bytes = Vec::with_capacity(whole);
            file.read_to_end(&mut bytes).map_err(broken)?;
            return self.put(name, bytes);
        }
        let path = self.name(name);
        let upload = self.wait(name, async { self.store.put_multipart(&path).await })?;
        let mut writer = WriteMultipart::new_with_chunk_size(upload, CHUNK);
        loop {
            let mut part = Vec::with_capacity(CHUNK);
            let read = Read::by_ref(&mut file)
                .take(CHUNK as u64)
                .read_to_end(&mut part);
            if read.map_err(broken)? == 0 {
                break;
            }
            // At most two parts under way: memory stays bounded.
            self.wait(name, async {
                writer.wait_for_capacity(2).await?;
                writer.put(part.into());
                Ok(())
            })?;
        }
        self.wait(name, async { writer.finish().await.map(|_| ()) })
    }

    /// Fetches an object into a file, whole or not at all. Out: whether there is one.
    pub(crate) fn get_file(&self, name: &str, to: &Path) -> Result<bool> {
        let path = self.name(name);
        let folder = to.parent().unwrap_or(Path::new("."));
        let refused = |e: std::io::Error| Problem::from(e).in_file(to.display().to_string());
        std::fs::create_dir_all(folder).map_err(refused)?;
        let found = self.wait(name, async {
            match self.store.get(&path).await {
                Ok(found) => Ok(Some(found)),
                Err(Error::NotFound { .. }) => Ok(None),
                Err(error) => Err(error),
            }
        })?;
        let Some(found) = found else { return Ok(false) };
        let mut file = tempfile::Builder::new()
            .prefix(".")
            .suffix(".part")
            .tempfile_in(folder)
            .map_err(refused)?;
        let mut stream = found.into_stream();
        while let Some(part) = self.wait(name, stream.try_next())? {
            file.write_all(&part).map_err(refused)?;
        }
        file.persist(to).map_err(|e| refused(e.error))?;
        Ok(true)
    }
}

/// What a store said, without whatever stands behind a question mark: there signatures stand.
fn fault(error: &Error, place: &str) -> Problem {
    let text = error.to_string();
    let words = text.split_whitespace();
    let clean: Vec<&str> = words
        .map(|word| word.split_once('?').map_or(word, |(before, _)| before))
        .collect();
    Problem::io(clean.join(" ")).in_file(place.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_in_a_url_are_refused() {
        for url in [
            "s3://key:secret@bucket/plan",
            "s3://key@bucket/plan",
            "az://container/plan?sig=abc",
        ] {
            let problem = Place::read(url).expect_err("refused");
            assert!(!problem.to_string().contains("secret"), "{problem}");
        }
        let place = Place::read("s3://bucket/plan").expect("a store");
        assert_eq!(place.url(), "s3://bucket/plan");
        assert!(matches!(Place::read("C:\\x"), Ok(Place::Folder(_))));
    }

    #[test]
    fn an_object_is_created_once_and_files_come_back_as_they_were() {
        let folder = tempfile::tempdir().expect("a folder");
        let place = Place::Folder(folder.path().join("plan"));
        assert!(Bucket::open(&place, false).is_err());
        let bucket = Bucket::open(&place, true).expect("a bucket");
        assert!(bucket.create("a/b c/1", b"one".to_vec()).expect("writes"));
        assert!(!bucket.create("a/b c/1", b"two".to_vec()).expect("writes"));
        assert_eq!(bucket.get("a/b c/1").expect("reads"), Some(b"one".to_vec()));
        assert_eq!(bucket.get("a/2").expect("reads"), None);
        assert!(bucket.has("a/b c/1").expect("asks"));
        let big: Vec<u8> = (0..(3 * CHUNK + 17)).map(|i| (i % 251) as u8).collect();
        let (from, to) = (folder.path().join("big"), folder.path().join("x/back"));
        std::fs::write(&from, &big).expect("writes");
        bucket.put_file("a/big", &from).expect("sends");
        assert!(bucket.get_file("a/big", &to).expect("fetches"));
        assert!(std::fs::read(&to).expect("there") == big);
        let names: Vec<String> = bucket
            .list("a")
            .expect("lists")
            .into_iter()
            .map(|f| f.name)
            .collect();
        assert_eq!(names, ["a/b c/1", "a/big"]);
        bucket.remove("a/big").expect("removes");
        bucket.remove("a/big").expect("is none the worse");
        assert!(!bucket.get_file("a/big", &to).expect("asks"));
    }
}
