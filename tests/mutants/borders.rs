//! Where the parts of a file begin: the places worth damaging. Shares no code with the readers.

/// Offsets of segments, records and directory entries, rising.
pub fn of(bytes: &[u8]) -> Vec<usize> {
    let mut found = vec![0, 2, 4, 8, 16, 32, 64, bytes.len()];
    match bytes {
        [0xFF, 0xD8, ..] => jpeg(bytes, &mut found),
        [b'F' | b'A', b'F', b'F', 0, ..] => fff(bytes, 0, &mut found),
        [b'I', b'I', ..] | [b'M', b'M', ..] => tiff(bytes, &mut found),
        [0xFF, b'I', b'R', b'B', ..] => irb(bytes, &mut found),
        [b'E', b'N', b'V', b'I', ..] => lines(bytes, &mut found),
        _ => {}
    }
    found.retain(|at| *at <= bytes.len());
    found.sort_unstable();
    found.dedup();
    found
}

fn jpeg(bytes: &[u8], found: &mut Vec<usize>) {
    let mut at = 2;
    while let Some(&[0xFF, marker, high, low]) = bytes.get(at..at + 4) {
        let length = usize::from(u16::from_be_bytes([high, low]));
        found.extend([at, at + 2, at + 4]);
        match bytes.get(at + 4..at + 10) {
            Some(b"FLIR\0\x01") => fff(bytes, at + 12, found),
            Some(b"Exif\0\0") => found.extend([at + 10, at + 14, at + 18, at + 20]),
            _ => {}
        }
        if marker == 0xDA || length < 2 {
            return;
        }
        at += 2 + length;
    }
}

fn u32_at(bytes: &[u8], at: usize, big: bool) -> usize {
    match bytes.get(at..at + 4) {
        Some(&[a, b, c, d]) if big => u32::from_be_bytes([a, b, c, d]) as usize,
        Some(&[a, b, c, d]) => u32::from_le_bytes([a, b, c, d]) as usize,
        _ => 0,
    }
}

fn fff(bytes: &[u8], base: usize, found: &mut Vec<usize>) {
    let big = u32_at(bytes, base + 0x14, true) < 200;
    let (start, count) = (
        u32_at(bytes, base + 0x18, big),
        u32_at(bytes, base + 0x1C, big).min(64),
    );
    found.extend([0, 0x14, 0x18, 0x1C, 0x40].map(|o| base + o));
    for entry in (0..count).map(|i| base + start + 0x20 * i) {
        let record = base + u32_at(bytes, entry + 0x0C, big);
        found.extend([entry, entry + 0x0C, entry + 0x10]);
        found.extend([0, 0x20, 0x58, 0x308].map(|o| record + o));
        found.push(record + u32_at(bytes, entry + 0x10, big));
    }
}

fn tiff(bytes: &[u8], found: &mut Vec<usize>) {
    let big = bytes.starts_with(b"MM");
    let short = |at: usize| match bytes.get(at..at + 2) {
        Some(&[a, b]) if big => usize::from(u16::from_be_bytes([a, b])),
        Some(&[a, b]) => usize::from(u16::from_le_bytes([a, b])),
        _ => 0,
    };
    let directory = u32_at(bytes, 4, big);
    let count = short(directory).min(64);
    found.extend([directory, directory + 2 + 12 * count]);
    for entry in (0..count).map(|i| directory + 2 + 12 * i) {
        found.extend([entry, entry + 2, entry + 4, entry + 8]);
        let value = u32_at(bytes, entry + 8, big);
        if value < bytes.len() {
            found.push(value);
        }
    }
}

fn irb(bytes: &[u8], found: &mut Vec<usize>) {
    let (start, count) = (u32_at(bytes, 25, false), u32_at(bytes, 29, false).min(64));
    found.extend([25, 29]);
    for entry in (0..count).map(|i| start + 32 * i) {
        let block = u32_at(bytes, entry + 12, false);
        found.extend([entry, entry + 12, entry + 16]);
        found.extend([0, 24, 60, 1084, 1728].map(|o| block + o));
    }
}

fn lines(bytes: &[u8], found: &mut Vec<usize>) {
    let breaks = bytes.iter().enumerate().filter(|(_, b)| **b == b'\n');
    found.extend(breaks.map(|(at, _)| at + 1));
    let equals = bytes.iter().enumerate().filter(|(_, b)| **b == b'=');
    found.extend(equals.map(|(at, _)| at + 1));
}
