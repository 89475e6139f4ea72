//! Writers of small spreadsheets, part by part after their formats; for tests only.

#![allow(dead_code)]

/// A cell to write.
#[derive(Clone, Copy)]
pub enum Cell<'a> {
    /// Nothing.
    Empty,
    /// Text among the shared ones.
    Text(&'a str),
    /// A number without format.
    Number(f64),
    /// A day number shown as a date: days since 30 December 1899, and the same as text.
    Date(f64, &'a str),
    /// A part of a day shown as a time, and the same as text.
    Time(f64, &'a str),
    /// A number shown with ten digits.
    Padded(f64),
    /// A logical value.
    Bool(bool),
}

/// CRC-32 of ISO-HDLC, bit by bit.
fn crc32(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            (crc >> 1) ^ (0xedb8_8320 & (0_u32.wrapping_sub(crc & 1)))
        })
    })
}

/// Packs bytes into stored blocks of the deflate method.
fn stored_blocks(bytes: &[u8]) -> Vec<u8> {
    let mut packed = Vec::new();
    let count = bytes.chunks(0xffff).count();
    for (chunk, i) in bytes.chunks(0xffff).zip(1..) {
        packed.push(u8::from(i == count));
        packed.extend((chunk.len() as u16).to_le_bytes());
        packed.extend((!(chunk.len() as u16)).to_le_bytes());
        packed.extend(chunk);
    }
    packed
}

/// A ZIP archive, stored or by the deflate method.
pub fn zip(parts: &[(&str, String)], deflate: bool) -> Vec<u8> {
    let (mut file, mut directory) = (Vec::new(), Vec::new());
    for (name, text) in parts {
        let packed = match deflate {
            true => stored_blocks(text.as_bytes()),
            false => text.as_bytes().to_vec(),
        };
        let start = file.len() as u32;
        let mut facts = Vec::new();
        facts.extend(20_u16.to_le_bytes());
        facts.extend(0_u16.to_le_bytes());
        facts.extend((if deflate { 8_u16 } else { 0 }).to_le_bytes());
        facts.extend([0; 4]);
        facts.extend(crc32(text.as_bytes()).to_le_bytes());
        facts.extend((packed.len() as u32).to_le_bytes());
        facts.extend((text.len() as u32).to_le_bytes());
        facts.extend((name.len() as u16).to_le_bytes());
        facts.extend([0; 2]);
        file.extend(b"PK\x03\x04");
        file.extend(&facts);
        file.extend(name.as_bytes());
        file.extend(packed);
        directory.extend(b"PK\x01\x02");
        directory.extend(20_u16.to_le_bytes());
        directory.extend(&facts);
        directory.extend([0; 10]);
        directory.extend(start.to_le_bytes());
        directory.extend(name.as_bytes());
    }
    let start = file.len() as u32;
    file.extend(&directory);
    file.extend(b"PK\x05\x06\0\0\0\0");
    file.extend([(parts.len() as u16).to_le_bytes(); 2].concat());
    file.extend((directory.len() as u32).to_le_bytes());
    file.extend(start.to_le_bytes());
    file.extend([0; 2]);
    file
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

fn column_name(i: usize) -> String {
    let letter = |i: usize| char::from(b'A' + i as u8);
    match i {
        0..26 => letter(i).to_string(),
        _ => format!("{}{}", letter(i / 26 - 1), letter(i % 26)),
    }
}

/// An `.xlsx` of one sheet; `first` is the number of the first row.
pub fn xlsx(first: usize, rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut shared = Vec::new();
    let mut data = String::new();
    for (row, r) in rows.iter().zip(first..) {
        data += &format!("<row r=\"{r}\" spans=\"1:9\">");
        for (cell, i) in row.iter().zip(0..) {
            let place = format!("{}{r}", column_name(i));
            data += &match cell {
                Cell::Empty => continue,
                Cell::Text(text) => {
                    shared.push(format!(
                        "<si><t xml:space=\"preserve\">{}</t></si>",
                        escaped(text)
                    ));
                    let index = shared.len() - 1;
                    format!("<c r=\"{place}\" t=\"s\"><v>{index}</v></c>")
                }
                Cell::Number(v) => format!("<c r=\"{place}\"><v>{v}</v></c>"),
                Cell::Date(v, _) => format!("<c r=\"{place}\" s=\"1\"><v>{v}</v></c>"),
                Cell::Time(v, _) => format!("<c r=\"{place}\" s=\"2\"><v>{v}</v></c>"),
                Cell::Padded(v) => format!("<c r=\"{place}\" s=\"3\"><v>{v}</v></c>"),
                Cell::Bool(v) => format!("<c r=\"{place}\" t=\"b\"><v>{}</v></c>", u8::from(*v)),
            };
        }
        data += "</row>";
    }
    let ns = "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\"";
    let rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
    let package = "http://schemas.openxmlformats.org/package/2006/relationships";
    let head = "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"yes\"?>";
    let parts = [
        (
            "xl/workbook.xml",
            format!(
                "{head}<workbook {ns} xmlns:r=\"{rel}\"><sheets><sheet name=\"Bedrijven\" \
                 sheetId=\"3\" r:id=\"rId2\"/><sheet name=\"Uitleg\" sheetId=\"1\" r:id=\"rId1\"/>\
                 </sheets></workbook>"
            ),
        ),
        (
            "xl/_rels/workbook.xml.rels",
            format!(
                "{head}<Relationships xmlns=\"{package}\"><Relationship Id=\"rId1\" \
                 Target=\"worksheets/sheet1.xml\"/><Relationship Id=\"rId2\" \
                 Target=\"worksheets/sheet2.xml\"/></Relationships>"
            ),
        ),
        (
            "xl/worksheets/sheet1.xml",
            format!("{head}<worksheet {ns}><sheetData/></worksheet>"),
        ),
        (
            "xl/worksheets/sheet2.xml",
            format!("{head}<worksheet {ns}><sheetData>{data}</sheetData></worksheet>"),
        ),
        (
            "xl/sharedStrings.xml",
            format!("{head}<sst {ns}>{}</sst>", shared.concat()),
        ),
        (
            "xl/styles.xml",
            format!(
                "{head}<styleSheet {ns}><numFmts><numFmt numFmtId=\"164\" \
                 formatCode=\"0000\\.000\\.000\"/></numFmts><cellStyleXfs><xf numFmtId=\"0\"/>\
                 </cellStyleXfs><cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"14\"/>\
                 <xf numFmtId=\"20\"/><xf numFmtId=\"164\"/></cellXfs></styleSheet>"
            ),
        ),
    ];
    zip(&parts, true)
}

/// An `.ods` of one sheet, the rest of it empty and repeated as office programs write it.
pub fn ods(first: usize, rows: &[Vec<Cell<'_>>]) -> Vec<u8> {
    let mut data = String::new();
    if first > 1 {
        data += &format!(
            "<table:table-row table:number-rows-repeated=\"{}\"><table:table-cell \
             table:number-columns-repeated=\"1024\"/></table:table-row>",
            first - 1
        );
    }
    for row in rows {
        data += "<table:table-row>";
        for cell in row {
            let value = |kind: &str, more: String, shown: String| {
                format!(
                    "<table:table-cell office:value-type=\"{kind}\" {more}><text:p>{}</text:p>\
                     </table:table-cell>",
                    escaped(&shown)
                )
            };
            data += &match cell {
                Cell::Empty => "<table:table-cell/>".to_string(),
                Cell::Text(text) => value("string", String::new(), text.to_string()),
                Cell::Number(v) => value("float", format!("office:value=\"{v}\""), v.to_string()),
                Cell::Date(_, text) => value(
                    "date",
                    format!("office:date-value=\"{text}\""),
                    "15/01/26".to_string(),
                ),
                Cell::Time(_, text) => {
                    let (hour, minute) = text.split_once(':').expect("a time");
                    let more = format!("office:time-value=\"PT{hour}H{minute}M00S\"");
                    value("time", more, text.to_string())
                }
                Cell::Padded(v) => {
                    value("float", format!("office:value=\"{v}\""), format!("{v:010}"))
                }
                Cell::Bool(v) => value(
                    "boolean",
                    format!("office:boolean-value=\"{v}\""),
                    "WAAR".into(),
                ),
            };
        }
        data += "<table:table-cell table:number-columns-repeated=\"16000\"/></table:table-row>";
    }
    let ns = "urn:oasis:names:tc:opendocument:xmlns";
    let content = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?><office:document-content \
         xmlns:office=\"{ns}:office:1.0\" xmlns:table=\"{ns}:table:1.0\" \
         xmlns:text=\"{ns}:text:1.0\"><office:body><office:spreadsheet>\
         <table:table table:name=\"Bedrijven\">{data}<table:table-row \
         table:number-rows-repeated=\"1048000\"><table:table-cell \
         table:number-columns-repeated=\"16384\"/></table:table-row></table:table>\
         <table:table table:name=\"Uitleg\"/></office:spreadsheet></office:body>\
         </office:document-content>"
    );
    let mime = "application/vnd.oasis.opendocument.spreadsheet".to_string();
    zip(&[("mimetype", mime), ("content.xml", content)], false)
}
