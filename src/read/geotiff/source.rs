//! Bytes by position, from memory or from a file, shared between threads.

use std::fs::File;
use std::io::{Error, ErrorKind, Read, Result, Seek, SeekFrom};

/// Where the bytes are.
#[derive(Debug)]
pub(super) enum Source {
    Memory(Vec<u8>),
    File { file: File, length: u64 },
}

impl Source {
    pub(super) fn open(path: &std::path::Path) -> Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self::File { file, length })
    }

    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Memory(bytes) => bytes.len() as u64,
            Self::File { length, .. } => *length,
        }
    }

    /// `length` bytes from `at` on. Nothing is allocated for bytes that are not there.
    pub(super) fn bytes(&self, at: u64, length: u64) -> Result<Vec<u8>> {
        let end = at.checked_add(length);
        if end.is_none_or(|end| end > self.length()) {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let mut bytes = vec![0; usize::try_from(length).map_err(Error::other)?];
        let mut done = 0;
        while done < bytes.len() {
            match self.read_at(at + done as u64, &mut bytes[done..])? {
                0 => return Err(ErrorKind::UnexpectedEof.into()),
                n => done += n,
            }
        }
        Ok(bytes)
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> Result<usize> {
        match self {
            Self::Memory(bytes) => {
                let at = usize::try_from(at).map_or(bytes.len(), |at| at.min(bytes.len()));
                let n = buffer.len().min(bytes.len() - at);
                buffer[..n].copy_from_slice(&bytes[at..at + n]);
                Ok(n)
            }
            Self::File { file, .. } => read_file_at(file, at, buffer),
        }
    }

    /// The same bytes as a stream of its own.
    pub(super) fn stream(&self) -> Stream<'_> {
        Stream {
            source: self,
            at: 0,
        }
    }
}

#[cfg(unix)]
fn read_file_at(file: &File, at: u64, buffer: &mut [u8]) -> Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, buffer, at)
}

#[cfg(windows)]
fn read_file_at(file: &File, at: u64, buffer: &mut [u8]) -> Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, buffer, at)
}

/// A position in a [`Source`].
#[derive(Debug)]
pub(super) struct Stream<'a> {
    source: &'a Source,
    at: u64,
}

impl Read for Stream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        let n = self.source.read_at(self.at, buffer)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Stream<'_> {
    fn seek(&mut self, position: SeekFrom) -> Result<u64> {
        let at = match position {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => self.source.length().checked_add_signed(by),
        };
        self.at = at.ok_or_else(|| Error::from(ErrorKind::InvalidInput))?;
        Ok(self.at)
    }
}
