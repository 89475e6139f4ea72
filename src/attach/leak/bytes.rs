//! Text out of files that are not documents: JSON, PNG, tables, anything with readable runs.

use serde_json::Value;

/// Greatest inflated text of a PNG, bytes: a hostile one must not exhaust the memory.
const MAX_TEXT: usize = 1 << 20;
/// Shortest readable run of a binary file, characters.
const LEAST_RUN: usize = 4;

/// A text file.
pub(super) fn plain(bytes: &[u8]) -> String {
    let bytes = bytes.strip_prefix(&[0xef, 0xbb, 0xbf]).unwrap_or(bytes);
    String::from_utf8_lossy(bytes).into_owned()
}

/// Names and values of a JSON file, one a line as `name: value`; numbers with a fraction are
/// measurements and hold no key. What is no JSON is taken as it stands.
pub(super) fn json(bytes: &[u8]) -> String {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => {
            let mut text = String::new();
            values("", &value, &mut text);
            text
        }
        Err(_) => plain(bytes),
    }
}

fn values(name: &str, value: &Value, text: &mut String) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            if number.is_i64() || number.is_u64() {
                text.push_str(&format!("{name}: {number}\n"));
            }
        }
        Value::String(string) => {
            // On a line of its own as well, for what must stand alone.
            text.push_str(&format!("{name}: {string}\n{string}\n"));
        }
        Value::Array(items) => {
            for item in items {
                values(name, item, text);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                text.push_str(name);
                text.push('\n');
                values(name, value, text);
            }
        }
    }
}

/// Values of a tree, one a line, without the keys; nothing below the keys `settled`.
pub(super) fn values_alone(value: &Value, settled: &[&str]) -> String {
    let mut text = String::new();
    walk(value, settled, &mut text);
    text
}

fn walk(value: &Value, settled: &[&str], text: &mut String) {
    match value {
        Value::Null | Value::Bool(_) => {}
        Value::Number(number) => {
            if number.is_i64() || number.is_u64() {
                text.push_str(&format!("{number}\n"));
            }
        }
        Value::String(string) => {
            text.push_str(string);
            text.push('\n');
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, settled, text)),
        Value::Object(fields) => {
            let told = fields
                .iter()
                .filter(|(k, _)| !settled.contains(&k.as_str()));
            told.for_each(|(_, value)| walk(value, settled, text));
        }
    }
}

/// What stands under these keys of a JSON file, wherever; all of it where it is no JSON.
pub(super) fn under(bytes: &[u8], keys: &[&str]) -> String {
    fn find(value: &Value, keys: &[&str], text: &mut String) {
        match value {
            Value::Object(fields) => {
                for (key, value) in fields {
                    match keys.contains(&key.as_str()) {
                        true => walk(value, &[], text),
                        false => find(value, keys, text),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| find(item, keys, text)),
            _ => {}
        }
    }
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => {
            let mut text = String::new();
            find(&value, keys, &mut text);
            text
        }
        Err(_) => plain(bytes),
    }
}

/// Texts of a PNG: `tEXt`, `zTXt`, `iTXt`, readable runs of `eXIf` and of anything behind the
/// end (PNG specification, third edition, 11.3.3).
pub(super) fn png(bytes: &[u8]) -> String {
    const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
    let Some(mut rest) = bytes.strip_prefix(SIGNATURE) else {
        return printable(bytes);
    };
    let mut text = String::new();
    while let Some((head, after)) = rest.split_first_chunk::<8>() {
        let [a, b, c, d, kind @ ..] = *head;
        let length = u32::from_be_bytes([a, b, c, d]) as usize;
        let Some(content) = after.get(..length) else {
            break;
        };
        match &kind {
            b"tEXt" => latin(content, &mut text),
            b"zTXt" => packed(content, 1, &mut text),
            b"iTXt" => international(content, &mut text),
            b"IHDR" | b"IDAT" | b"PLTE" => {}
            _ => text.push_str(&printable(content)),
        }
        text.push('\n');
        rest = after.get(length + 4..).unwrap_or_default();
        if &kind == b"IEND" {
            break;
        }
    }
    text.push_str(&printable(rest));
    text
}

/// Latin-1, its zero bytes as line ends.
fn latin(content: &[u8], text: &mut String) {
    text.extend(content.iter().map(|b| match b {
        0 => '\n',
        b => char::from(*b),
    }));
}

/// A keyword, a zero, `skip` bytes, then a zlib stream.
fn packed(content: &[u8], skip: usize, text: &mut String) {
    let end = content.iter().position(|b| *b == 0).unwrap_or(0);
    let (keyword, rest) = content.split_at(end);
    latin(keyword, text);
    text.push('\n');
    let stream = rest.get(1 + skip..).unwrap_or_default();
    latin(&inflate(stream), text);
}

/// Keyword, flag, method, language, translated keyword, UTF-8 text.
fn international(content: &[u8], text: &mut String) {
    let end = content.iter().position(|b| *b == 0).unwrap_or(0);
    let (keyword, rest) = content.split_at(end);
    latin(keyword, text);
    text.push('\n');
    let flag = rest.get(1).copied().unwrap_or(0);
    let mut parts = rest.get(3..).unwrap_or_default().splitn(3, |b| *b == 0);
    for part in [parts.next(), parts.next()].into_iter().flatten() {
        text.push_str(&plain(part));
        text.push('\n');
    }
    let last = parts.next().unwrap_or_default();
    match flag {
        1 => text.push_str(&plain(&inflate(last))),
        _ => text.push_str(&plain(last)),
    }
}

fn inflate(stream: &[u8]) -> Vec<u8> {
    // Deflate packs at most 1032 to 1.
    let room = stream.len().saturating_mul(1032).min(MAX_TEXT);
    let mut out = vec![0; room];
    let mut inflater = libdeflater::Decompressor::new();
    match inflater.zlib_decompress(stream, &mut out) {
        Ok(written) => {
            out.truncate(written);
            out
        }
        Err(_) => Vec::new(),
    }
}

/// Readable runs of any file, UTF-8 and UTF-16, one a line.
pub(super) fn printable(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.utf8_chunks() {
        let runs = chunk.valid().split(|c: char| c.is_control());
        for run in runs.filter(|r| r.chars().count() >= LEAST_RUN) {
            text.push_str(run);
            text.push('\n');
        }
    }
    for shift in [0, 1] {
        let pairs = bytes.get(shift..).unwrap_or_default().chunks_exact(2);
        let mut run = String::new();
        for pair in pairs {
            match pair {
                [low @ 0x20..=0x7e, 0] => run.push(char::from(*low)),
                _ => end_run(&mut run, &mut text),
            }
        }
        end_run(&mut run, &mut text);
    }
    text
}

fn end_run(run: &mut String, text: &mut String) {
    if run.len() >= LEAST_RUN {
        text.push_str(run);
        text.push('\n');
    }
    run.clear();
}
