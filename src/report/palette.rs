//! Colours of temperature: four palettes, linear in °C, and the six steps of the classes.
//!
//! Perceptually uniform and rising in lightness, so that a grey copy reads the same; nothing
//! here is a rainbow.

/// A palette of the settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// Inferno (S. van der Walt, N. Smith and E. Firing, CC0).
    #[default]
    Inferno,
    /// The black–violet–orange–white of thermal cameras.
    Iron,
    /// Black to white.
    Grey,
    /// Black to white over blue, green and yellow, wide in hue.
    HighContrast,
}

/// Colours of the six class badges, points of inferno (design.md), `#RRGGBB`.
pub const CLASS_HEX: [&str; 6] = [
    "#260C51", "#62146E", "#A32C61", "#CF4446", "#F68013", "#FAC42A",
];

/// Places of the class colours on the palette, 0–1.
pub const CLASS_AT: [f64; 6] = [0.137, 0.278, 0.438, 0.555, 0.719, 0.860];

impl Palette {
    /// From the word of `report.palette`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word {
            "inferno" => Some(Self::Inferno),
            "iron" => Some(Self::Iron),
            "grey" => Some(Self::Grey),
            "high-contrast" => Some(Self::HighContrast),
            _ => None,
        }
    }

    /// The word of the settings.
    pub fn word(self) -> &'static str {
        match self {
            Self::Inferno => "inferno",
            Self::Iron => "iron",
            Self::Grey => "grey",
            Self::HighContrast => "high-contrast",
        }
    }

    /// The 256 colours, cold to warm, as red, green, blue.
    pub fn table(self) -> [[u8; 3]; 256] {
        let mut table = [[0; 3]; 256];
        for (i, entry) in table.iter_mut().enumerate() {
            *entry = match self {
                Self::Inferno => unpack(INFERNO[i]),
                Self::Iron => between(&IRON, i),
                Self::Grey => [i as u8; 3],
                Self::HighContrast => between(&HIGH_CONTRAST, i),
            };
        }
        table
    }
}

fn unpack(packed: u32) -> [u8; 3] {
    [(packed >> 16) as u8, (packed >> 8) as u8, packed as u8]
}

/// Entry `i` of 256, linear in sRGB between evenly spaced stops.
fn between(stops: &[u32], i: usize) -> [u8; 3] {
    let place = i as f64 / 255.0 * (stops.len() - 1) as f64;
    let left = (place as usize).min(stops.len() - 2);
    let weight = place - left as f64;
    let (a, b) = (unpack(stops[left]), unpack(stops[left + 1]));
    let mix =
        |k: usize| (f64::from(a[k]) * (1.0 - weight) + f64::from(b[k]) * weight).round() as u8;
    [mix(0), mix(1), mix(2)]
}

/// The 256 colours of a difference: better, no change, worse (design.md).
pub fn change_table() -> [[u8; 3]; 256] {
    let mut table = [[0; 3]; 256];
    for (i, entry) in table.iter_mut().enumerate() {
        *entry = between(&CHANGE, i);
    }
    table
}

const CHANGE: [u32; 3] = [0x2F6F8F, 0xD8DCE1, 0x7A0F1D];

const IRON: [u32; 7] = [
    0x000000, 0x2A0A6B, 0x8F0F8C, 0xCC3B3B, 0xEE8410, 0xFBCB3E, 0xFFFBEA,
];

const HIGH_CONTRAST: [u32; 6] = [0x000000, 0x1B2A8F, 0x1F7FB4, 0x3FB873, 0xF2DC4A, 0xFFFFFF];

#[rustfmt::skip]
const INFERNO: [u32; 256] = [
    0x000004, 0x010005, 0x010106, 0x010108, 0x02010A, 0x02020C, 0x02020E, 0x030210,
    0x040312, 0x040314, 0x050417, 0x060419, 0x07051B, 0x08051D, 0x09061F, 0x0A0722,
    0x0B0724, 0x0C0826, 0x0D0829, 0x0E092B, 0x10092D, 0x110A30, 0x120A32, 0x140B34,
    0x150B37, 0x160B39, 0x180C3C, 0x190C3E, 0x1B0C41, 0x1C0C43, 0x1E0C45, 0x1F0C48,
    0x210C4A, 0x230C4C, 0x240C4F, 0x260C51, 0x280B53, 0x290B55, 0x2B0B57, 0x2D0B59,
    0x2F0A5B, 0x310A5C, 0x320A5E, 0x340A5F, 0x360961, 0x380962, 0x390963, 0x3B0964,
    0x3D0965, 0x3E0966, 0x400A67, 0x420A68, 0x440A68, 0x450A69, 0x470B6A, 0x490B6A,
    0x4A0C6B, 0x4C0C6B, 0x4D0D6C, 0x4F0D6C, 0x510E6C, 0x520E6D, 0x540F6D, 0x550F6D,
    0x57106E, 0x59106E, 0x5A116E, 0x5C126E, 0x5D126E, 0x5F136E, 0x61136E, 0x62146E,
    0x64156E, 0x65156E, 0x67166E, 0x69166E, 0x6A176E, 0x6C186E, 0x6D186E, 0x6F196E,
    0x71196E, 0x721A6E, 0x741A6E, 0x751B6E, 0x771C6D, 0x781C6D, 0x7A1D6D, 0x7C1D6D,
    0x7D1E6D, 0x7F1E6C, 0x801F6C, 0x82206C, 0x84206B, 0x85216B, 0x87216B, 0x88226A,
    0x8A226A, 0x8C2369, 0x8D2369, 0x8F2469, 0x902568, 0x922568, 0x932667, 0x952667,
    0x972766, 0x982766, 0x9A2865, 0x9B2964, 0x9D2964, 0x9F2A63, 0xA02A63, 0xA22B62,
    0xA32C61, 0xA52C60, 0xA62D60, 0xA82E5F, 0xA92E5E, 0xAB2F5E, 0xAD305D, 0xAE305C,
    0xB0315B, 0xB1325A, 0xB3325A, 0xB43359, 0xB63458, 0xB73557, 0xB93556, 0xBA3655,
    0xBC3754, 0xBD3853, 0xBF3952, 0xC03A51, 0xC13A50, 0xC33B4F, 0xC43C4E, 0xC63D4D,
    0xC73E4C, 0xC83F4B, 0xCA404A, 0xCB4149, 0xCC4248, 0xCE4347, 0xCF4446, 0xD04545,
    0xD24644, 0xD34743, 0xD44842, 0xD54A41, 0xD74B3F, 0xD84C3E, 0xD94D3D, 0xDA4E3C,
    0xDB503B, 0xDD513A, 0xDE5238, 0xDF5337, 0xE05536, 0xE15635, 0xE25734, 0xE35933,
    0xE45A31, 0xE55C30, 0xE65D2F, 0xE75E2E, 0xE8602D, 0xE9612B, 0xEA632A, 0xEB6429,
    0xEB6628, 0xEC6726, 0xED6925, 0xEE6A24, 0xEF6C23, 0xEF6E21, 0xF06F20, 0xF1711F,
    0xF1731D, 0xF2741C, 0xF3761B, 0xF37819, 0xF47918, 0xF57B17, 0xF57D15, 0xF67E14,
    0xF68013, 0xF78212, 0xF78410, 0xF8850F, 0xF8870E, 0xF8890C, 0xF98B0B, 0xF98C0A,
    0xF98E09, 0xFA9008, 0xFA9207, 0xFA9407, 0xFB9606, 0xFB9706, 0xFB9906, 0xFB9B06,
    0xFB9D07, 0xFC9F07, 0xFCA108, 0xFCA309, 0xFCA50A, 0xFCA60C, 0xFCA80D, 0xFCAA0F,
    0xFCAC11, 0xFCAE12, 0xFCB014, 0xFCB216, 0xFCB418, 0xFBB61A, 0xFBB81D, 0xFBBA1F,
    0xFBBC21, 0xFBBE23, 0xFAC026, 0xFAC228, 0xFAC42A, 0xFAC62D, 0xF9C72F, 0xF9C932,
    0xF9CB35, 0xF8CD37, 0xF8CF3A, 0xF7D13D, 0xF7D340, 0xF6D543, 0xF6D746, 0xF5D949,
    0xF5DB4C, 0xF4DD4F, 0xF4DF53, 0xF4E156, 0xF3E35A, 0xF3E55D, 0xF2E661, 0xF2E865,
    0xF2EA69, 0xF1EC6D, 0xF1ED71, 0xF1EF75, 0xF1F179, 0xF2F27D, 0xF2F482, 0xF3F586,
    0xF3F68A, 0xF4F88E, 0xF5F992, 0xF6FA96, 0xF8FB9A, 0xF9FC9D, 0xFAFDA1, 0xFCFFA4,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE lightness of an sRGB colour (IEC 61966-2-1 transfer, CIE 1976 L*).
    fn lightness(rgb: [u8; 3]) -> f64 {
        let linear = |v: u8| {
            let v = f64::from(v) / 255.0;
            if v <= 0.04045 {
                v / 12.92
            } else {
                ((v + 0.055) / 1.055).powf(2.4)
            }
        };
        let y = 0.2126 * linear(rgb[0]) + 0.7152 * linear(rgb[1]) + 0.0722 * linear(rgb[2]);
        if y > 0.008856 {
            116.0 * y.cbrt() - 16.0
        } else {
            903.3 * y
        }
    }

    #[test]
    fn inferno_passes_through_the_anchor_colours_of_the_design() {
        let table = Palette::Inferno.table();
        assert_eq!(table[0], [0x00, 0x00, 0x04]);
        assert_eq!(table[255], [0xFC, 0xFF, 0xA4]);
        for (hex, at) in CLASS_HEX.iter().zip(CLASS_AT) {
            let wanted = unpack(u32::from_str_radix(&hex[1..], 16).expect("six hex digits"));
            let found = table[(at * 255.0_f64).round() as usize];
            // Half a table step is up to 2 levels.
            for k in 0..3 {
                assert!(wanted[k].abs_diff(found[k]) <= 2, "{hex}: {found:?}");
            }
        }
    }

    #[test]
    fn every_palette_grows_lighter_from_cold_to_warm() {
        for palette in [
            Palette::Inferno,
            Palette::Iron,
            Palette::Grey,
            Palette::HighContrast,
        ] {
            let table = palette.table();
            for pair in table.windows(2) {
                // 0.6 L* covers the rounding of dark 8-bit colours.
                assert!(
                    lightness(pair[1]) > lightness(pair[0]) - 0.6,
                    "{palette:?} {pair:?}"
                );
            }
            assert!(lightness(table[255]) - lightness(table[0]) > 90.0);
        }
    }

    #[test]
    fn class_colours_have_the_lightness_the_design_prints() {
        for (hex, wanted) in CLASS_HEX.iter().zip([11.0, 24.0, 39.0, 49.0, 66.0, 82.0]) {
            let rgb = unpack(u32::from_str_radix(&hex[1..], 16).expect("six hex digits"));
            // The design rounds to whole L*.
            assert!(
                (lightness(rgb) - wanted).abs() <= 0.6,
                "{hex} {}",
                lightness(rgb)
            );
        }
    }
}
