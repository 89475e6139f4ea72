//! Thermal files of other kinds, made by hand.

/// A radiometric JPEG of DJI's iirp core, 640 × 512, all of one temperature.
pub fn dji(parameters: &[u8]) -> Vec<u8> {
    let samples = [0_u8, 0x4B].repeat(640 * 512);
    let table = [vec![0xFF; 256], [0, 0x40].repeat(56 * 64)].concat();
    let mut out = vec![0xFF, 0xD8];
    for (marker, payload) in [(0xE3, &samples[..]), (0xE4, parameters), (0xE5, &table)] {
        for piece in payload.chunks(65_532) {
            out.extend([0xFF, marker]);
            out.extend((piece.len() as u16 + 2).to_be_bytes());
            out.extend(piece);
        }
    }
    out.extend([0xFF, 0xDA, 0, 2]);
    out
}

/// The parameter block of that core.
pub fn dji_parameters() -> Vec<u8> {
    let mut block = b"\xFF\xD2\xD1\xFFiirp".to_vec();
    block.resize(0x20, 0);
    let values = [25.0_f32, 5.0, 0.95, 0.5, 25.0];
    block.extend(values.iter().flat_map(|v| v.to_le_bytes()));
    block.resize(256, 0);
    block
}

/// A TIFF of one strip, 16 × 12 pixels, 16 bits, with a text tag of GDAL.
pub fn tiff() -> Vec<u8> {
    let text = b"<GDALMetadata><Item name=\"SCALE\" sample=\"0\" role=\"scale\">0.04</Item></GDALMetadata>\0";
    let entries: [(u16, u16, u32, u32); 10] = [
        (256, 3, 1, 16),
        (257, 3, 1, 12),
        (258, 3, 1, 16),
        (259, 3, 1, 1),
        (262, 3, 1, 1),
        (273, 4, 1, 8),
        (277, 3, 1, 1),
        (278, 3, 1, 12),
        (279, 4, 1, 384),
        (42_112, 2, text.len() as u32, 392),
    ];
    let directory = 392 + text.len() as u32 + 1;
    let mut out = b"II*\0".to_vec();
    out.extend(directory.to_le_bytes());
    out.extend((7000..7192_u16).flat_map(u16::to_le_bytes));
    out.extend(text);
    out.resize(directory as usize, 0);
    out.extend((entries.len() as u16).to_le_bytes());
    for (tag, kind, count, value) in entries {
        out.extend(tag.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(count.to_le_bytes());
        out.extend(value.to_le_bytes());
    }
    out.extend([0; 4]);
    out
}

/// An IRB picture of 12 × 8 pixels; packed in runs or not.
pub fn irb(packed: bool) -> Vec<u8> {
    let pixels: Vec<u8> = match packed {
        false => (0..96)
            .flat_map(|i| [i as u8, 80 + (i / 16) as u8])
            .collect(),
        true => [(0..96).collect::<Vec<u8>>(), [16, 80].repeat(6)].concat(),
    };
    let mut block = vec![0; 1728];
    for (at, value) in [(0, 2), (2, u16::from(packed)), (4, 12), (6, 8)] {
        block[at..at + 2].copy_from_slice(&u16::to_le_bytes(value));
    }
    block[24..28].copy_from_slice(&1.0_f32.to_le_bytes());
    for i in 0..256_usize {
        let kelvin = 200.0 + i as f32;
        block[60 + 4 * i..64 + 4 * i].copy_from_slice(&kelvin.to_le_bytes());
    }
    block[1624..1632].copy_from_slice(&41_673.25_f64.to_le_bytes());
    block.extend(pixels);
    let mut out = b"\xFFIRB\0VARIOCAM".to_vec();
    out.resize(25, 0);
    out.extend([64_u32, 2].iter().flat_map(|v| v.to_le_bytes()));
    out.resize(64, 0);
    // Two pictures that share a block.
    for index in 1..=2_u32 {
        let entry = [1, 101, index, 128, block.len() as u32, 0, index, 0];
        out.extend(entry.iter().flat_map(|v| v.to_le_bytes()));
    }
    out.extend(block);
    out
}

/// An IRG picture of 12 × 8 pixels.
pub fn irg() -> Vec<u8> {
    let mut out = b"\xCA\xAC\x80\0".to_vec();
    out.extend(96_u32.to_le_bytes());
    out.extend([8_u16, 12, 0].iter().flat_map(|v| v.to_le_bytes()));
    out.resize(22, 0);
    out.extend(4_u32.to_le_bytes());
    out.resize(30, 0);
    out.extend(9500_u32.to_le_bytes());
    out.resize(126, 0);
    out.extend(b"\xAC\xCA");
    out.extend([9; 96]);
    out.extend((4368..4464_u16).flat_map(u16::to_le_bytes));
    out.extend([0xFF, 0xD8, 0xFF, 0xD9]);
    out
}

/// An ENVI header for a flat file of at least 1200 bytes.
pub fn envi() -> Vec<u8> {
    b"ENVI\ndescription = {a\n flight }\nsamples = 30\nlines = 20\nbands = 1\nheader offset = 0\n\
      data type = 12\ninterleave = bil\nbyte order = 0\ndata gain values = {0.04}\n\
      data offset values = {-273.15}\nwavelength = {10.8}\nacquisition time = 2026-02-03T05:10:00Z\n\
      map info = {UTM, 1.0, 1.0, 476000, 5633000, 0.5, 0.5, 31, North, WGS-84}\n"
        .to_vec()
}

/// A block of FLIR whose samples are JPEG-LS: the worked example of ITU-T T.87 annex H.3, 4 × 4.
pub fn jpeg_ls() -> Vec<u8> {
    [
        0xFF, 0xD8, 0xFF, 0xF7, 0, 11, 8, 0, 4, 0, 4, 1, 1, 0x11, 0, 0xFF, 0xDA, 0, 8, 1, 1, 0, 0,
        0, 0, 0xC0, 0x00, 0x00, 0x6C, 0x80, 0x20, 0x8E, 0x01, 0xC0, 0x00, 0x00, 0x57, 0x40, 0x00,
        0x00, 0x6E, 0xE6, 0x00, 0x00, 0x01, 0xBC, 0x18, 0x00, 0x00, 0x05, 0xD8, 0x00, 0x00, 0x91,
        0x60, 0xFF, 0xD9,
    ]
    .to_vec()
}
