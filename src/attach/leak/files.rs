//! The search over files: each kind gives its text, the name of the file is text as well.

use std::collections::BTreeSet;

use super::needle::Kind;
use super::search::LeakCheck;
use super::{Hit, Searched, bytes, html, pdf};

impl LeakCheck {
    /// What one file of a company's folder holds of others. `name`: path within the folder.
    pub fn file(&self, own: &str, name: &str, content: &[u8]) -> Searched {
        let mut searched = Searched::default();
        let mut texts = vec![name.to_owned()];
        let ending = name.rsplit('.').next().unwrap_or_default();
        match ending.to_ascii_lowercase().as_str() {
            "pdf" => match pdf::read(content) {
                Ok(read) => {
                    texts.push(read.text);
                    searched
                        .hits
                        .extend(read.hidden.into_iter().map(|found| Hit {
                            file: String::new(),
                            kind: Kind::Hidden,
                            company_id: String::new(),
                            excerpt: found.clone(),
                            found,
                        }));
                }
                Err(what) => searched.unread.push((name.to_owned(), what)),
            },
            "png" => texts.push(bytes::png(content)),
            // Two formats of others, whose every key and word but these is theirs.
            "json" if name.ends_with("stac.json") => {
                texts.push(bytes::under(content, &["id", "title"]));
            }
            "qgs" => texts.push(html::elements(
                &bytes::plain(content),
                &["title", "layername"],
            )),
            "json" | "geojson" => texts.push(bytes::json(content)),
            "html" | "htm" => {
                let page = html::with_data_read(&self.without_fixed(&bytes::plain(content)));
                texts.extend(html::texts(&page));
            }
            "svg" | "xml" | "rels" => texts.extend(html::texts(&bytes::plain(content))),
            "csv" | "txt" | "md" | "toml" | "qml" => texts.push(bytes::plain(content)),
            "zip" | "xlsx" | "ods" | "qgz" | "gz" | "zst" => searched
                .unread
                .push((name.to_owned(), "is packed and is not searched".into())),
            // Pictures, rasters, databases: whatever in them can be read.
            _ => texts.push(bytes::printable(content)),
        }
        let mut seen = BTreeSet::new();
        for text in &texts {
            for hit in self.text(own, text) {
                if seen.insert((hit.kind, hit.company_id.clone(), hit.found.clone())) {
                    searched.hits.push(hit);
                }
            }
        }
        for hit in &mut searched.hits {
            name.clone_into(&mut hit.file);
        }
        searched
    }

    /// What the files of a company's folder hold of others.
    pub fn folder(&self, own: &str, files: &[(String, Vec<u8>)]) -> Searched {
        let mut all = Searched::default();
        for (name, content) in files {
            let one = self.file(own, name, content);
            all.hits.extend(one.hits);
            all.unread.extend(one.unread);
        }
        all
    }
}
