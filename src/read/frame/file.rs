//! A thermal file on disk and the frames in it: one in a picture, thousands in a sequence.
//!
//! In: a path. Out: how many frames, and each of them on demand; a sequence is never read whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{extras, fff, frame, header, sequence};
use crate::problem::{Problem, Result};
use crate::survey::{Extras, FrameHeader, RawFrame};

/// Where one frame lies in its file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// First byte.
    pub offset: u64,
    /// Bytes.
    pub length: u64,
}

/// A thermal file whose frames have been found but not read.
#[derive(Clone, Debug, PartialEq)]
pub struct FrameFile {
    path: PathBuf,
    name: String,
    parts: Vec<Part>,
    warnings: Vec<String>,
}

impl FrameFile {
    /// Finds the frames of a file.
    ///
    /// # Errors
    /// The file cannot be read. What it holds is told by the frames.
    pub fn open(path: &Path) -> Result<Self> {
        let name = path
            .file_name()
            .map(|n| n.to_string_lossy().into_owned())
            .unwrap_or_default();
        let (parts, warnings) = parts(path).map_err(|e| Problem::from(e).in_file(name.clone()))?;
        Ok(Self {
            path: path.to_owned(),
            name,
            parts,
            warnings,
        })
    }

    /// Bytes of a sequence that belong to no frame: the first frame's header says so, too.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Number of frames, at least 1.
    pub fn count(&self) -> usize {
        self.parts.len()
    }

    /// Name of a frame: the file's, with `#` and the frame's number from 1 where there are several.
    pub fn frame_name(&self, index: usize) -> String {
        match self.parts.len() {
            1 => self.name.clone(),
            _ => format!("{}#{}", self.name, index + 1),
        }
    }

    /// All but the samples of a frame.
    ///
    /// # Errors
    /// As [`header`](super::header); the problem names the frame.
    pub fn header(&self, index: usize) -> Result<FrameHeader> {
        let mut header = header(&self.frame_name(index), &self.bytes(index)?)?;
        self.add_warnings(index, &mut header);
        Ok(header)
    }

    /// A frame with its samples.
    ///
    /// # Errors
    /// As [`frame`](super::frame); the problem names the frame.
    pub fn frame(&self, index: usize) -> Result<RawFrame> {
        let mut frame = frame(&self.frame_name(index), &self.bytes(index)?)?;
        self.add_warnings(index, &mut frame.header);
        Ok(frame)
    }

    /// Measuring tools, colours and the visible picture of a frame.
    ///
    /// # Errors
    /// As [`extras`](super::extras); the problem names the frame.
    pub fn extras(&self, index: usize) -> Result<Extras> {
        extras(&self.frame_name(index), &self.bytes(index)?)
    }

    fn add_warnings(&self, index: usize, header: &mut FrameHeader) {
        if index == 0 {
            header.warnings.extend(self.warnings.iter().cloned());
        }
    }

    /// Bytes of one frame.
    ///
    /// # Errors
    /// There is no such frame, or the file cannot be read any more.
    pub fn bytes(&self, index: usize) -> Result<Vec<u8>> {
        let name = self.frame_name(index);
        let part = self.parts.get(index).ok_or_else(|| {
            Problem::setting(format!("has {} frames", self.parts.len())).in_file(name.clone())
        })?;
        read(&self.path, *part).map_err(|e| Problem::from(e).in_file(name))
    }
}

/// Where the frames lie; the whole file where it is no sequence, or none of it holds.
fn parts(path: &Path) -> std::io::Result<(Vec<Part>, Vec<String>)> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let whole = Part { offset: 0, length };
    let mut magic = Vec::new();
    file.by_ref().take(4).read_to_end(&mut magic)?;
    if fff::is_fff(&magic) {
        let index = sequence::index(&mut file, length)?;
        if !index.parts.is_empty() {
            return Ok((index.parts, index.warnings));
        }
    }
    Ok((vec![whole], Vec::new()))
}

fn read(path: &Path, part: Part) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(part.offset))?;
    let mut bytes = Vec::new();
    file.take(part.length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
