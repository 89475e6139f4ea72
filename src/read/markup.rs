//! Bounds of XML that nobody vouches for, looked at before it is parsed.
//!
//! In: the text. Out: a sentence where parsing or reading it would take time without bound: the
//! parser compares every attribute of an element with every other and hands all namespaces of an
//! element down to each that it holds, and what lies in nested elements is gone through once for
//! each of them.
//!
//! Not here: whether the text is well formed, which the parser tells.

/// Most attributes of one element, its namespaces counted.
const MAX_ATTRIBUTES: usize = 256;

/// Deepest nesting of elements.
const MAX_DEPTH: usize = 256;

/// Most namespaces that hold at one place; spreadsheets declare some forty at their root.
const MAX_NAMESPACES: usize = 128;

/// Parts that hold no elements, by how they begin and end.
const SKIPPED: [(&str, &str); 3] = [("<!--", "-->"), ("<![CDATA[", "]]>"), ("<?", "?>")];

/// Tells what is beyond the bounds.
pub(in crate::read) fn check(text: &str) -> Result<(), String> {
    let mut rest = text;
    // Namespaces that each open element declares.
    let mut open: Vec<usize> = Vec::new();
    let mut held = 0;
    while let Some(tag) = rest.find('<').and_then(|at| rest.get(at..)) {
        if let Some((begin, end)) = SKIPPED.iter().find(|(begin, _)| tag.starts_with(begin)) {
            let behind = tag.get(begin.len()..).and_then(|b| b.split_once(end));
            rest = behind.map_or("", |(_, behind)| behind);
            continue;
        }
        // A document type: what it holds is looked at as if it stood in the text.
        if let Some(behind) = tag.strip_prefix("<!") {
            rest = behind;
            continue;
        }
        let Tag {
            length,
            attributes,
            namespaces,
        } = Tag::of(tag);
        if attributes > MAX_ATTRIBUTES {
            return Err(format!(
                "has an element of more than {MAX_ATTRIBUTES} attributes"
            ));
        }
        let (inside, behind) = tag.split_at_checked(length).unwrap_or((tag, ""));
        if inside.starts_with("</") {
            held -= open.pop().unwrap_or(0);
        } else {
            if held + namespaces > MAX_NAMESPACES {
                return Err(format!(
                    "has more than {MAX_NAMESPACES} namespaces at one place"
                ));
            }
            if !inside.ends_with("/>") {
                open.push(namespaces);
                held += namespaces;
            }
        }
        if open.len() > MAX_DEPTH {
            return Err(format!("has elements nested deeper than {MAX_DEPTH}"));
        }
        rest = behind;
    }
    Ok(())
}

/// One tag.
struct Tag {
    /// Bytes up to and with its `>`.
    length: usize,
    attributes: usize,
    /// Attributes that declare a namespace.
    namespaces: usize,
}

impl Tag {
    /// The tag a text begins with.
    fn of(text: &str) -> Self {
        let mut tag = Self {
            length: text.len(),
            attributes: 0,
            namespaces: 0,
        };
        let mut quote = None;
        // Where the last word begins, and whether a space came behind it.
        let (mut word, mut ended) = (0, true);
        for (at, byte) in text.bytes().enumerate() {
            match (quote, byte) {
                (Some(open), _) if open == byte => (quote, ended) = (None, true),
                (Some(_), _) => {}
                (None, b'"' | b'\'') => quote = Some(byte),
                (None, b'=') => {
                    tag.attributes += 1;
                    let name = text.get(word..at).unwrap_or_default();
                    tag.namespaces += usize::from(name.starts_with("xmlns"));
                    ended = true;
                }
                (None, b'>') => {
                    tag.length = at + 1;
                    break;
                }
                (None, byte) if byte.is_ascii_whitespace() => ended = true,
                (None, _) if ended => (word, ended) = (at, false),
                (None, _) => {}
            }
        }
        tag
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn what_programs_write_is_within_the_bounds() {
        let text = "<?xml version=\"1.0\"?><!DOCTYPE a [<!ENTITY b \"c\">]><!-- <a <a -->\
                    <a xmlns=\"u\" xmlns:b='v>'><b:c d=\"<>\" e='\"'/><![CDATA[<a <a]]></a>";
        assert_eq!(check(text), Ok(()));
        let flat = format!(
            "<a>{}</a>",
            "<b xmlns=\"u\" c=\"d\">e</b><f/>".repeat(10_000)
        );
        assert_eq!(check(&flat), Ok(()));
        for cut in 0..text.len() {
            assert_eq!(check(&text[..cut]), Ok(()), "{}", &text[..cut]);
        }
    }

    #[test]
    fn what_would_take_without_end_is_told() {
        let told = |text: &str| check(text).expect_err("beyond the bounds");
        assert!(told(&"<a>".repeat(300)).contains("nested"));
        let attributes: String = (0..300).map(|i| format!(" a{i}=\"\"")).collect();
        assert!(told(&format!("<a{attributes}/>")).contains("attributes"));
        let named: String = (0..200).map(|i| format!("<a xmlns:b{i} = ''>")).collect();
        assert!(told(&named).contains("namespaces"));
        let wide: String = (0..200).map(|i| format!(" xmlns:b{i}='u'")).collect();
        assert!(told(&format!("<a{wide}/>")).contains("namespaces"));
    }
}
