//! Writers of small vector files, byte by byte after their formats; for tests only.

#![allow(dead_code)]

/// `.prj` of Belgian Lambert 72 as ArcGIS writes it.
pub const LAMBERT_72_PRJ: &str = r#"PROJCS["Belge_Lambert_1972",GEOGCS["GCS_Belge_1972",DATUM["D_Belge_1972",SPHEROID["International_1924",6378388.0,297.0]],PRIMEM["Greenwich",0.0],UNIT["Degree",0.0174532925199433]],PROJECTION["Lambert_Conformal_Conic"],PARAMETER["False_Easting",150000.01256],PARAMETER["False_Northing",5400088.4378],PARAMETER["Central_Meridian",4.367486666666666],PARAMETER["Standard_Parallel_1",49.8333339],PARAMETER["Standard_Parallel_2",51.16666723333333],PARAMETER["Latitude_Of_Origin",90.0],UNIT["Meter",1.0]]"#;

/// A `.shp` of records.
pub fn shp(kind: u32, records: &[Vec<u8>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (record, number) in records.iter().zip(1_u32..) {
        body.extend(number.to_be_bytes());
        body.extend((record.len() as u32 / 2).to_be_bytes());
        body.extend(record);
    }
    let mut file = 9994_u32.to_be_bytes().to_vec();
    file.resize(24, 0);
    file.extend((50 + body.len() as u32 / 2).to_be_bytes());
    file.extend(1000_u32.to_le_bytes());
    file.extend(kind.to_le_bytes());
    file.resize(100, 0);
    file.extend(body);
    file
}

/// Body of a polygon record.
pub fn polygon_record(rings: &[&[[f64; 2]]]) -> Vec<u8> {
    let mut body = 5_u32.to_le_bytes().to_vec();
    body.resize(36, 0);
    let points: usize = rings.iter().map(|ring| ring.len()).sum();
    body.extend((rings.len() as u32).to_le_bytes());
    body.extend((points as u32).to_le_bytes());
    let mut start = 0;
    for ring in rings {
        body.extend((start as u32).to_le_bytes());
        start += ring.len();
    }
    for place in rings.iter().flat_map(|ring| ring.iter()).flatten() {
        body.extend(place.to_le_bytes());
    }
    body
}

/// Body of a point record.
pub fn point_record([x, y]: [f64; 2]) -> Vec<u8> {
    let mut body = 1_u32.to_le_bytes().to_vec();
    body.extend(x.to_le_bytes());
    body.extend(y.to_le_bytes());
    body
}

/// A dBase table in the making.
pub struct Dbf {
    columns: Vec<(String, u8, usize)>,
    rows: Vec<u8>,
    count: u32,
}

impl Dbf {
    /// Columns: name, kind, width.
    pub fn new(columns: &[(&str, u8, usize)]) -> Self {
        let owned = columns.iter().map(|(n, k, w)| (n.to_string(), *k, *w));
        Self {
            columns: owned.collect(),
            rows: Vec::new(),
            count: 0,
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[&[u8]]) {
        self.put(b' ', cells);
    }

    /// Adds a row marked as deleted.
    pub fn deleted(&mut self, cells: &[&[u8]]) {
        self.put(b'*', cells);
    }

    fn put(&mut self, mark: u8, cells: &[&[u8]]) {
        assert_eq!(cells.len(), self.columns.len());
        self.rows.push(mark);
        for (cell, (name, kind, width)) in cells.iter().zip(&self.columns) {
            assert!(cell.len() <= *width, "{name}");
            let fill = vec![b' '; width - cell.len()];
            // Numbers stand at the right of their cell, text at the left.
            let (first, second) = match kind {
                b'N' | b'F' => (&fill[..], *cell),
                _ => (*cell, &fill[..]),
            };
            self.rows.extend(first);
            self.rows.extend(second);
        }
        self.count += 1;
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let width: usize = 1 + self.columns.iter().map(|(_, _, w)| w).sum::<usize>();
        let header = 32 + 32 * self.columns.len() + 1;
        let mut file = vec![3, 126, 1, 15];
        file.extend(self.count.to_le_bytes());
        file.extend((header as u16).to_le_bytes());
        file.extend((width as u16).to_le_bytes());
        file.resize(32, 0);
        for (name, kind, width) in &self.columns {
            let mut field = name.as_bytes().to_vec();
            assert!(field.len() <= 10, "{name}");
            field.resize(11, 0);
            field.push(*kind);
            field.resize(16, 0);
            field.push(*width as u8);
            field.resize(32, 0);
            file.extend(field);
        }
        file.push(0x0d);
        file.extend(&self.rows);
        file.push(0x1a);
        file
    }
}

/// A shapefile's parts from rows of texts and shapes.
pub fn shapefile(
    folder: &std::path::Path,
    name: &str,
    columns: &[(&str, u8, usize)],
    rows: &[(&[&str], Vec<u8>)],
) -> std::path::PathBuf {
    let mut dbf = Dbf::new(columns);
    for (cells, _) in rows {
        let cells: Vec<&[u8]> = cells.iter().map(|c| c.as_bytes()).collect();
        dbf.row(&cells);
    }
    let shapes: Vec<Vec<u8>> = rows.iter().map(|(_, shape)| shape.clone()).collect();
    let path = folder.join(format!("{name}.shp"));
    std::fs::write(&path, shp(5, &shapes)).expect("written");
    std::fs::write(path.with_extension("dbf"), dbf.bytes()).expect("written");
    std::fs::write(path.with_extension("prj"), LAMBERT_72_PRJ).expect("written");
    path
}

/// Key, then polygons of rings.
pub type Feature<'a> = (&'a str, Vec<Vec<&'a [[f64; 2]]>>);

/// A FlatGeobuf in the making: columns `OIDN` (text) and `HN_P99` (6.5 in every feature).
pub struct Fgb<'a> {
    /// System.
    pub epsg: i32,
    /// Whether an index stands between header and features.
    pub indexed: bool,
    /// Features.
    pub features: Vec<Feature<'a>>,
}

/// A field of a FlatBuffer table.
enum Field {
    Small(u8),
    Word(u16),
    Code(i32),
    Long(u64),
    /// Bytes of a list and its number of items.
    List(Vec<u8>, usize),
    Text(&'static str),
    Table(Vec<(usize, Field)>),
    Tables(Vec<Vec<(usize, Field)>>),
}

/// Writes a table and returns where it stands. Fields are laid out eight bytes apart, what they
/// point to follows.
fn put_table(out: &mut Vec<u8>, fields: Vec<(usize, Field)>) -> usize {
    let slots = fields.iter().map(|(id, _)| id + 1).max().unwrap_or(0);
    let list = out.len();
    out.extend((4 + 2 * slots as u16).to_le_bytes());
    out.extend((4 + 8 * fields.len() as u16).to_le_bytes());
    let mut places = vec![0_u16; slots];
    for ((id, _), i) in fields.iter().zip(0_u16..) {
        places[*id] = 4 + 8 * i;
    }
    out.extend(places.iter().flat_map(|p| p.to_le_bytes()));
    let at = out.len();
    out.extend(((at - list) as i32).to_le_bytes());
    out.resize(at + 4 + 8 * fields.len(), 0);
    for ((_, field), i) in fields.into_iter().zip(0_usize..) {
        let place = at + 4 + 8 * i;
        let inline = |out: &mut Vec<u8>, bytes: &[u8]| {
            out[place..place + bytes.len()].copy_from_slice(bytes);
        };
        match field {
            Field::Small(v) => inline(out, &[v]),
            Field::Word(v) => inline(out, &v.to_le_bytes()),
            Field::Code(v) => inline(out, &v.to_le_bytes()),
            Field::Long(v) => inline(out, &v.to_le_bytes()),
            Field::List(bytes, count) => {
                let target = out.len();
                inline(out, &((target - place) as u32).to_le_bytes());
                out.extend((count as u32).to_le_bytes());
                out.extend(bytes);
            }
            Field::Text(text) => {
                let target = out.len();
                inline(out, &((target - place) as u32).to_le_bytes());
                out.extend((text.len() as u32).to_le_bytes());
                out.extend(text.as_bytes());
                out.push(0);
            }
            Field::Table(fields) => {
                let target = put_table(out, fields);
                inline(out, &((target - place) as u32).to_le_bytes());
            }
            Field::Tables(tables) => {
                let target = out.len();
                inline(out, &((target - place) as u32).to_le_bytes());
                out.extend((tables.len() as u32).to_le_bytes());
                out.resize(target + 4 + 4 * tables.len(), 0);
                for (fields, i) in tables.into_iter().zip(0_usize..) {
                    let entry = target + 4 + 4 * i;
                    let table = put_table(out, fields);
                    out[entry..entry + 4].copy_from_slice(&((table - entry) as u32).to_le_bytes());
                }
            }
        }
    }
    at
}

/// A buffer with its size in front and the place of its root table first.
fn sized(fields: Vec<(usize, Field)>) -> Vec<u8> {
    let mut buffer = vec![0; 4];
    let root = put_table(&mut buffer, fields);
    buffer[..4].copy_from_slice(&(root as u32).to_le_bytes());
    let mut sized = (buffer.len() as u32).to_le_bytes().to_vec();
    sized.extend(buffer);
    sized
}

fn polygon_fields(rings: &[&[[f64; 2]]]) -> Vec<(usize, Field)> {
    let mut ends = Vec::new();
    let mut xy = Vec::new();
    for ring in rings {
        xy.extend(ring.iter().flatten().flat_map(|v| v.to_le_bytes()));
        ends.extend((xy.len() as u32 / 16).to_le_bytes());
    }
    let (rings, ordinates) = (ends.len() / 4, xy.len() / 8);
    vec![
        (0, Field::List(ends, rings)),
        (1, Field::List(xy, ordinates)),
        (6, Field::Small(3)),
    ]
}

impl Fgb<'_> {
    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let mut file = b"fgb\x03fgb\x00".to_vec();
        let column = |name, kind| vec![(0, Field::Text(name)), (1, Field::Small(kind))];
        let count = self.features.len();
        file.extend(sized(vec![
            (0, Field::Text("Gbg")),
            (2, Field::Small(0)),
            (
                7,
                Field::Tables(vec![column("OIDN", 11), column("HN_P99", 10)]),
            ),
            (8, Field::Long(count as u64)),
            (9, Field::Word(if self.indexed { 16 } else { 0 })),
            (10, Field::Table(vec![(1, Field::Code(self.epsg))])),
        ]));
        if self.indexed {
            assert!(count <= 16, "one level below the root");
            file.resize(file.len() + 40 * (count + 1), 0);
        }
        for (oidn, polygons) in &self.features {
            let mut properties = vec![0, 0];
            properties.extend((oidn.len() as u32).to_le_bytes());
            properties.extend(oidn.as_bytes());
            properties.extend([1, 0]);
            properties.extend(6.5_f64.to_le_bytes());
            let geometry = match polygons.as_slice() {
                [one] => polygon_fields(one),
                several => vec![
                    (6, Field::Small(6)),
                    (
                        7,
                        Field::Tables(several.iter().map(|p| polygon_fields(p)).collect()),
                    ),
                ],
            };
            let length = properties.len();
            file.extend(sized(vec![
                (0, Field::Table(geometry)),
                (1, Field::List(properties, length)),
            ]));
        }
        file
    }
}
