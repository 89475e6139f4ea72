//! Text of a page of the web, in every way it may be escaped.

/// Letters in a row from which a word is no word but packed pixels.
const PACKED: usize = 512;

/// The page as it stands, and with entities, JSON escapes and percent signs read; a variant
/// that changes nothing is left out.
pub(super) fn texts(page: &str) -> Vec<String> {
    let raw = without_packed(page);
    let read = [
        entities(&raw),
        escapes(&raw),
        percent(&raw),
        without_tags(&entities(&raw)),
    ];
    let mut all = vec![raw];
    for text in read {
        if !all.contains(&text) {
            all.push(text);
        }
    }
    all
}

/// Begins the data of our pages.
const DATA: &str = "<script type=\"application/json\"";
/// Keys of that data whose values are words of the program.
const SETTLED: [&str; 3] = ["variant", "look", "accent"];

/// The page with its blocks of data read: the values, one a line. Their keys are the program's: a
/// company may be called like one of them.
pub(super) fn with_data_read(page: &str) -> String {
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, after)) = rest.split_once(DATA) {
        out.push_str(before);
        let block = after
            .split_once('>')
            .and_then(|(_, inside)| inside.split_once("</script>"));
        let read = block.and_then(|(json, behind)| {
            let value: serde_json::Value = serde_json::from_str(json).ok()?;
            Some((super::bytes::values_alone(&value, &SETTLED), behind))
        });
        match read {
            Some((values, behind)) => {
                out.push('\n');
                out.push_str(&values);
                rest = behind;
            }
            // No data after all: it stays as it stands.
            None => {
                out.push_str(DATA);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

/// The texts of elements of these names.
pub(super) fn elements(page: &str, names: &[&str]) -> String {
    let mut out = String::new();
    for name in names {
        let (begin, end) = (format!("<{name}>"), format!("</{name}>"));
        let mut rest = page;
        while let Some((text, behind)) = rest
            .split_once(begin.as_str())
            .and_then(|(_, inside)| inside.split_once(end.as_str()))
        {
            out.push_str(&entities(text));
            out.push('\n');
            rest = behind;
        }
    }
    out
}

/// Without rows of hundreds of ASCII letters. Such a row is one word, in which by the rules nothing
/// can be found: a name within a longer word is no hit, and it holds no digit. Pages hold
/// megabytes of them.
fn without_packed(text: &str) -> String {
    let mut out = String::with_capacity(text.len().min(1 << 20));
    let mut rest = text;
    loop {
        let word = rest
            .find(|c: char| !c.is_ascii_alphabetic())
            .unwrap_or(rest.len());
        let (letters, behind) = rest.split_at(word);
        if word < PACKED {
            out.push_str(letters);
        } else {
            // Still one word for what stands beside it.
            out.push_str(&letters[..PACKED]);
        }
        let next = behind
            .find(|c: char| c.is_ascii_alphabetic())
            .unwrap_or(behind.len());
        let (between, behind) = behind.split_at(next);
        out.push_str(between);
        if behind.is_empty() {
            return out;
        }
        rest = behind;
    }
}

/// Longest entity that is read, characters.
const LONGEST: usize = 10;

/// `&amp;`, `&#233;`, `&#xe9;` read.
pub(super) fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        let end = after.char_indices().take(LONGEST).find(|(_, c)| *c == ';');
        let decoded = end.and_then(|(i, _)| Some((entity(after.get(1..i)?)?, after.get(i + 1..)?)));
        match decoded {
            Some((c, tail)) => {
                out.push(c);
                rest = tail;
            }
            None => {
                out.push('&');
                rest = after.get(1..).unwrap_or_default();
            }
        }
    }
    out.push_str(rest);
    out
}

fn entity(name: &str) -> Option<char> {
    if let Some(number) = name.strip_prefix('#') {
        let code = match number.strip_prefix(['x', 'X']) {
            Some(hex) => u32::from_str_radix(hex, 16).ok()?,
            None => number.parse().ok()?,
        };
        return char::from_u32(code);
    }
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{a0}',
        "shy" => '\u{ad}',
        "eacute" => 'é',
        "egrave" => 'è',
        "euml" => 'ë',
        "ecirc" => 'ê',
        "agrave" => 'à',
        "ccedil" => 'ç',
        "iuml" => 'ï',
        "ouml" => 'ö',
        "uuml" => 'ü',
        "szlig" => 'ß',
        _ => return None,
    })
}

/// `\u00e9`, `\"`, `\/` of scripts read.
pub(super) fn escapes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            out.push(c);
            continue;
        }
        match chars.next() {
            Some('u') => {
                let mut ahead = chars.clone();
                let digits: String = ahead.by_ref().take(4).collect();
                match u32::from_str_radix(&digits, 16)
                    .ok()
                    .and_then(char::from_u32)
                {
                    Some(read) => {
                        out.push(read);
                        chars = ahead;
                    }
                    None => out.push('u'),
                }
            }
            Some('n' | 'r' | 't') => out.push(' '),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}

/// `%C3%A9` and `+` read.
pub(super) fn percent(text: &str) -> String {
    if !text.contains('%') {
        return text.to_owned();
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let code = match (first, tail) {
            (b'%', [a, b, ..]) => hex(*a).zip(hex(*b)).map(|(a, b)| a * 16 + b),
            _ => None,
        };
        out.push(code.unwrap_or(*first));
        rest = match code {
            Some(_) => tail.get(2..).unwrap_or_default(),
            None => tail,
        };
    }
    String::from_utf8_lossy(&out).into_owned()
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte)
        .to_digit(16)
        .and_then(|d| u8::try_from(d).ok())
}

/// The words between tags, without the tags: markup inside a name does not part it.
fn without_tags(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        match after.find('>') {
            Some(end) => rest = after.get(end + 1..).unwrap_or_default(),
            None => return out + after,
        }
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn data_is_its_values_and_what_is_no_data_stays() {
        let page = "<p>a</p><script type=\"application/json\" id=\"data\">\
                    {\"accent\":\"#fff\",\"look\":\"thermal\",\"name\":\"Peeters \\u003cb\",\"n\":[12,0.5]}</script><p>b</p>";
        let read = with_data_read(page);
        assert!(read.contains("Peeters <b") && read.contains("12") && read.contains("<p>b</p>"));
        for key in ["accent", "look", "thermal", "name"] {
            assert!(!read.contains(key), "{key} in {read}");
        }
        let odd = "<script type=\"application/json\">{</script> Accent";
        assert_eq!(with_data_read(odd), odd);
    }

    #[test]
    fn elements_are_read_by_their_names() {
        let page = "<a><title>Peeters &amp; Co</title><x>no</x><title>B</title>";
        assert_eq!(elements(page, &["title"]), "Peeters & Co\nB\n");
    }

    #[test]
    fn packed_pixels_are_shortened_and_everything_else_stays() {
        let long = "Abcdef".repeat(500);
        let page = format!("<p>Bakkerij Peeters 12</p>{long}-x{long}é9 {long}");
        let found = without_packed(&page);
        let short = &long[..PACKED];
        assert_eq!(
            found,
            format!(
                "<p>Bakkerij Peeters 12</p>{short}-x{}é9 {short}",
                &format!("x{long}")[1..PACKED]
            )
        );
        assert_eq!(without_packed("a<b>c"), "a<b>c");
        assert_eq!(without_packed(""), "");
    }
}
