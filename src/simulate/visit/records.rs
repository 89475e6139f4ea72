//! Records of a handheld's file beside samples and calibration: marks, colours, visible picture,
//! its place, the receiver's position (formats.md §1.7 to §1.10).

use super::camera::Handheld;
use super::marks::Placed;
use crate::simulate::fff::put;
use crate::simulate::tags::Place;

/// Record 0x21.
pub(super) fn tools(marks: &[Placed]) -> Vec<u8> {
    const COORDINATES: usize = 0x24;
    let mut out = vec![0; 12];
    put(&mut out, 0, &2_u16.to_le_bytes());
    for mark in marks {
        let mut tool = vec![0; COORDINATES];
        put(&mut tool, 4, &(2 * mark.points.len() as u16).to_le_bytes());
        put(&mut tool, 0x0a, &mark.kind.to_le_bytes());
        tool.extend(mark.points.iter().flat_map(|p| p.to_le_bytes()));
        tool.extend(mark.label.encode_utf16().flat_map(u16::to_le_bytes));
        tool.extend([0; 4]);
        let length = tool.len() as u16;
        put(&mut tool, 0, &length.to_le_bytes());
        out.extend(tool);
    }
    out
}

/// Record 0x22: name and colours, cold to warm, as Y, Cr, Cb of video.
pub(super) fn palette(name: &str, colours: &[[u8; 3]]) -> Vec<u8> {
    let mut out = vec![0; 0x70];
    out[0] = colours.len() as u8;
    // Above, below, overflow, underflow, two isotherms.
    let marks = [
        [170, 166, 16],
        [128, 128, 128],
        [210, 146, 16],
        [41, 110, 240],
        [145, 34, 54],
        [210, 16, 146],
    ];
    for (index, colour) in marks.iter().enumerate() {
        put(&mut out, 6 + 3 * index, colour);
    }
    put(&mut out, 0x30, format!("{name}.pal").as_bytes());
    put(&mut out, 0x50, name.as_bytes());
    out.extend(colours.iter().flat_map(|rgb| video(*rgb)));
    out
}

/// Red, green, blue to Y, Cr, Cb with Y from 16 to 235 (ITU-R BT.601-7, studio range).
fn video([r, g, b]: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = [r, g, b].map(f64::from);
    let luma = 0.299 * r + 0.587 * g + 0.114 * b;
    let part = |colour: f64, most: f64| 128.0 + 112.0 * (colour - luma) / (most * 255.0);
    let all = [16.0 + luma * 219.0 / 255.0, part(r, 0.701), part(b, 0.886)];
    all.map(|v| v.round() as u8)
}

/// Record 0x0E.
pub(super) fn visible(size: [usize; 2], jpeg: &[u8]) -> Vec<u8> {
    let mut out = vec![0; 0x20];
    put(&mut out, 0, &3_u16.to_le_bytes());
    put(&mut out, 2, &(size[0] as u16).to_le_bytes());
    put(&mut out, 4, &(size[1] as u16).to_le_bytes());
    out.extend(jpeg);
    out
}

/// Record 0x2A: scale, offset, and the middle half as the window that a display shows.
pub(super) fn picture_in_picture(camera: &Handheld) -> Vec<u8> {
    let mut out = camera.real_to_ir.to_le_bytes().to_vec();
    let [width, height] = camera.size.map(|side| side as i16);
    let [right, down] = camera.offset_px;
    let numbers = [
        right,
        down,
        width / 4,
        width * 3 / 4,
        height / 4,
        height * 3 / 4,
    ];
    out.extend(numbers.iter().flat_map(|v| v.to_le_bytes()));
    out.resize(0x20, 0);
    out
}

/// Record 0x2B.
pub(super) fn gps(place: &Place) -> Vec<u8> {
    let mut out = vec![0; 0x70];
    put(&mut out, 0, &1_u32.to_le_bytes());
    put(&mut out, 8, if place.lat_deg < 0.0 { b"S" } else { b"N" });
    put(
        &mut out,
        0x0a,
        if place.lon_deg < 0.0 { b"W" } else { b"E" },
    );
    put(&mut out, 0x10, &place.lat_deg.to_le_bytes());
    put(&mut out, 0x18, &place.lon_deg.to_le_bytes());
    put(&mut out, 0x20, &(place.altitude_m as f32).to_le_bytes());
    put(&mut out, 0x40, &1.2_f32.to_le_bytes());
    if let Some(direction) = place.direction_deg {
        put(&mut out, 0x54, &(direction as f32).to_le_bytes());
    }
    put(&mut out, 0x58, b"WGS84");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_colours_of_video_bars_are_those_printed() {
        // BT.601: white, red and blue at full saturation.
        assert_eq!(video([255, 255, 255]), [235, 128, 128]);
        assert_eq!(video([255, 0, 0]), [81, 240, 90]);
        assert_eq!(video([0, 0, 255]), [41, 110, 240]);
    }

    #[test]
    fn a_spot_is_laid_out_as_cameras_do() {
        let mark = Placed {
            label: "Sp1",
            kind: 1,
            word: "spot",
            points: vec![66, 57],
        };
        let record = tools(&[mark]);
        // 12 of head, 0x24 of tool, two coordinates, three letters, an end.
        assert_eq!(record.len(), 12 + 0x24 + 4 + 6 + 4);
        assert_eq!(record[12], 0x24 + 14);
        assert_eq!(&record[12 + 0x24..12 + 0x28], &[66, 0, 57, 0]);
        assert_eq!(record[12 + 0x28], b'S');
    }
}
