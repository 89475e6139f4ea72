//! A thermal file on disk and the frames in it: one in a picture, thousands in a sequence.
//!
//! In: a path. Out: how many frames, and each of them on demand; a sequence is never read whole.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{extras, fff, flat, frame, header, irb, sequence};
use crate::problem::{Problem, Result};
use crate::read::envi;
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
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FrameFile {
    path: PathBuf,
    name: String,
    parts: Vec<Part>,
    /// An ENVI header with its flat file beside it.
    flat: bool,
    /// Header of a recording of InfraTec, which every picture needs.
    irb: Option<[u8; irb::HEADER]>,
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
        let found = Self {
            path: path.to_owned(),
            name: name.clone(),
            ..Self::default()
        };
        found.indexed().map_err(|e| Problem::from(e).in_file(name))
    }

    /// Finds where the frames lie: the whole file where it is none of many, or none is found.
    fn indexed(mut self) -> std::io::Result<Self> {
        let mut file = File::open(&self.path)?;
        let length = file.metadata()?.len();
        let mut head = Vec::new();
        let size = irb::HEADER as u64;
        file.by_ref().take(size).read_to_end(&mut head)?;
        if head.starts_with(flat::MAGIC) {
            self.flat = envi::data_file(&self.path).is_some();
        } else if fff::is_fff(&head) {
            let index = sequence::index(&mut file, length)?;
            (self.parts, self.warnings) = (index.parts, index.warnings);
        } else if let (true, Some(header)) = (head.starts_with(irb::MAGIC), head.first_chunk()) {
            let parts = irb::index(&mut file, length)?;
            if parts.len() > 1 {
                (self.parts, self.irb) = (parts, Some(*header));
            }
        }
        if self.parts.is_empty() {
            self.warnings.clear();
            self.parts.push(Part { offset: 0, length });
        }
        Ok(self)
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
        if self.flat {
            // Only the samples tell what they mean.
            return Ok(self.frame(index)?.header);
        }
        let mut header = header(&self.frame_name(index), &self.bytes(index)?)?;
        self.add_warnings(index, &mut header);
        Ok(header)
    }

    /// A frame with its samples.
    ///
    /// # Errors
    /// As [`frame`](super::frame); the problem names the frame.
    pub fn frame(&self, index: usize) -> Result<RawFrame> {
        if self.flat {
            return self.flat_frame();
        }
        let mut frame = frame(&self.frame_name(index), &self.bytes(index)?)?;
        self.add_warnings(index, &mut frame.header);
        Ok(frame)
    }

    /// Measuring tools, colours and the visible picture of a frame.
    ///
    /// # Errors
    /// As [`extras`](super::extras); the problem names the frame.
    pub fn extras(&self, index: usize) -> Result<Extras> {
        if self.flat {
            return Ok(Extras::default());
        }
        extras(&self.frame_name(index), &self.bytes(index)?)
    }

    /// The frame of an ENVI header and its flat file.
    fn flat_frame(&self) -> Result<RawFrame> {
        let name = self.name.as_str();
        let mut frame = flat::open(&self.path).map_err(|p| p.in_file(name))?;
        name.clone_into(&mut frame.header.name);
        Ok(frame)
    }

    fn add_warnings(&self, index: usize, header: &mut FrameHeader) {
        if index == 0 {
            header.warnings.extend(self.warnings.iter().cloned());
        }
    }

    /// Bytes of one frame, as a file of its own would hold them.
    ///
    /// # Errors
    /// There is no such frame, or the file cannot be read any more.
    pub fn bytes(&self, index: usize) -> Result<Vec<u8>> {
        let name = self.frame_name(index);
        let part = self.parts.get(index).ok_or_else(|| {
            Problem::setting(format!("has {} frames", self.parts.len())).in_file(name.clone())
        })?;
        let bytes = read(&self.path, *part).map_err(|e| Problem::from(e).in_file(name))?;
        Ok(match &self.irb {
            Some(header) => irb::alone(header, &bytes),
            None => bytes,
        })
    }
}

fn read(path: &Path, part: Part) -> std::io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(part.offset))?;
    let mut bytes = Vec::new();
    file.take(part.length).read_to_end(&mut bytes)?;
    Ok(bytes)
}
