//! What must hold of any bytes whatever.

use thermaudit::calibrate::parameters::from_file;
use thermaudit::calibrate::{Parameters, to_kelvin};
use thermaudit::problem::Result;
use thermaudit::read::frame::file::FrameFile;
use thermaudit::read::frame::{extras, frame, header, is_candidate, is_georeferenced_tile, tags};
use thermaudit::survey::{Counts, RawFrame};

/// Panics where a promise is broken.
pub fn holds(name: &str, bytes: &[u8]) {
    in_memory(name, bytes);
    // What is told from several files or several places of one goes through the disk.
    if [b"FFF\0", b"AFF\0", b"ENVI", b"\xFFIRB"]
        .iter()
        .any(|m| bytes.starts_with(*m))
    {
        on_disk(bytes);
    }
}

fn in_memory(name: &str, bytes: &[u8]) {
    is_candidate(bytes);
    is_georeferenced_tile(bytes);
    let _ = tags(bytes);
    let head = named(name, header(name, bytes));
    let _ = named(name, extras(name, bytes));
    let found = named(name, frame(name, bytes));
    if let Some(found) = found {
        let head = head.expect("a frame that can be read has a header that can");
        assert_eq!(
            (head.width, head.height),
            (found.header.width, found.header.height)
        );
        whole(&found);
    }
}

/// A problem names its file.
fn named<T>(name: &str, result: Result<T>) -> Option<T> {
    match result {
        Ok(value) => Some(value),
        Err(problem) => {
            assert_eq!(problem.file.as_deref(), Some(name), "{problem}");
            assert!(!problem.what.is_empty());
            None
        }
    }
}

/// Samples for all pixels, and temperatures that are numbers or missing.
fn whole(frame: &RawFrame) {
    let pixels = frame.header.width * frame.header.height;
    let samples = match &frame.counts {
        Counts::U16(grid) => grid.data().len(),
        Counts::F32(grid) => {
            assert!(grid.data().iter().all(|v| !v.is_infinite()));
            grid.data().len()
        }
    };
    assert_eq!(samples, pixels);
    let own = from_file(&frame.header.found);
    let vendor = Parameters {
        vendor_equivalent: true,
        ..own
    };
    for parameters in [own, vendor] {
        if let Ok(thermal) = to_kelvin(frame, &parameters) {
            let kelvin = thermal.kelvin.data();
            assert_eq!(kelvin.len(), pixels);
            assert!(
                kelvin
                    .iter()
                    .all(|k| k.is_nan() || (k.is_finite() && *k > 0.0))
            );
            let missing = kelvin.iter().filter(|k| k.is_nan()).count();
            assert_eq!(missing, thermal.invalid as usize);
        }
    }
}

fn on_disk(bytes: &[u8]) {
    let folder = tempfile::tempdir().expect("a folder for temporary files");
    let path = folder.path().join("a.hdr");
    std::fs::write(&path, bytes).expect("writes");
    std::fs::write(folder.path().join("a.img"), [1; 4096]).expect("writes");
    if let Ok(file) = FrameFile::open(&path) {
        assert!(file.count() > 0);
        for index in 0..file.count().min(3) {
            let _ = file.header(index);
            if let Ok(found) = file.frame(index) {
                whole(&found);
            }
        }
    }
}

/// Most memory the process ever had, bytes; where the system tells.
pub fn peak_memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|l| l.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes << 10)
}
