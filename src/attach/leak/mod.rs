//! Searches what one company is given for anything of another.
//!
//! In: names, numbers and building keys of all companies; the files of one company's folder as
//! bytes. Out: every place where something of another stands. A run that finds one fails: a
//! sheet that shows a neighbour is worse than no sheet.
//!
//! Text is searched as people read it: folded, through accents, ligatures, marks without
//! shape, hyphens at line ends, entities and escapes; a word inside a longer word is no hit, nor
//! is what stands inside the company's own name or address. Numbers are found in every usual
//! grouping. Short keys of digits (`12`) stand in every table; they count only behind a word
//! such as `OIDN` or as a value of such a field.
//!
//! Not seen: letters that are pixels (`sheet-1.png`). The pages are drawn from the same data as
//! the text of the PDF, which is searched.

mod bytes;
mod files;
mod html;
mod needle;
mod pdf;
mod rules;
mod search;
mod text;
mod unicode_map;

pub use needle::Kind;
pub use pdf::pdf_text;
pub use search::LeakCheck;

/// What one company must not find of another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Party {
    /// Company key.
    pub company_id: String,
    /// Its names, contact names and addresses of mail.
    pub names: Vec<String>,
    /// Enterprise and establishment numbers, ten digits.
    pub numbers: Vec<String>,
    /// Keys of its buildings.
    pub oidns: Vec<String>,
    /// What is not secret but its own and may hold another's name: its address, its remark.
    pub own: Vec<String>,
}

/// Something of another company, or something that must not be in a company's file at all.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hit {
    /// The file it stands in; empty where only a text was searched.
    pub file: String,
    /// What it is.
    pub kind: Kind,
    /// Whose it is; empty for paths and hidden parts.
    pub company_id: String,
    /// What was found.
    pub found: String,
    /// The text around it.
    pub excerpt: String,
}

/// What a search of files found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Searched {
    /// Hits, in the order of the files.
    pub hits: Vec<Hit>,
    /// Files whose content could not be searched, with the reason.
    pub unread: Vec<(String, String)>,
}

#[cfg(test)]
mod tests;
