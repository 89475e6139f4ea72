//! Ways to damage a file.

use super::borders;
use super::handmade::Random;

/// A damaged file and how it came to be.
pub struct Mutant {
    pub how: String,
    pub bytes: Vec<u8>,
}

/// By turns a cut at a border (one byte before and one behind it as well), until there is none
/// left, and chance without end.
pub struct Mutator<'a> {
    seed: &'a [u8],
    borders: Vec<usize>,
    cuts: Vec<usize>,
    turn: bool,
    random: &'a mut Random,
}

/// Numbers that sizes, counts and offsets are not ready for.
const HUGE: [u32; 12] = [
    0,
    1,
    2,
    3,
    0x7F,
    0xFF,
    0x7FFF,
    0xFFFF,
    0x0001_0000,
    0x7FFF_FFFF,
    0x8000_0000,
    0xFFFF_FFFF,
];

/// Calibrations no camera has.
const FLOATS: [f32; 10] = [
    f32::NAN,
    f32::INFINITY,
    f32::NEG_INFINITY,
    0.0,
    -0.0,
    -1.0,
    f32::MAX,
    f32::MIN,
    f32::MIN_POSITIVE,
    1e-42,
];

const LINES: [&str; 8] = [
    "99999999999999999999",
    "-1",
    "nan",
    "{",
    "}",
    "1e308",
    "",
    "\0\u{FFFD}",
];

impl<'a> Mutator<'a> {
    pub fn new(seed: &'a [u8], random: &'a mut Random) -> Self {
        let borders = borders::of(seed);
        let mut cuts: Vec<usize> = borders
            .iter()
            .flat_map(|at| [at.saturating_sub(1), *at, at + 1])
            .filter(|at| *at < seed.len())
            .collect();
        cuts.sort_unstable();
        cuts.dedup();
        cuts.reverse();
        Self {
            seed,
            borders,
            cuts,
            turn: false,
            random,
        }
    }

    /// Near a border mostly, anywhere sometimes.
    fn place(&mut self, length: usize) -> usize {
        let at = match self.random.below(8) {
            0 => self.random.below(length),
            _ => {
                let border = self.borders[self.random.below(self.borders.len())];
                border + self.random.below(48)
            }
        };
        at.min(length.saturating_sub(1))
    }

    fn damage(&mut self, bytes: &mut Vec<u8>) -> String {
        let at = self.place(bytes.len());
        let room = bytes.len() - at;
        let big = self.random.below(2) == 0;
        match self.random.below(12) {
            0 => {
                bytes.truncate(at);
                format!("cut at {at}")
            }
            1 => {
                let bit = self.random.below(8);
                bytes[at] ^= 1 << bit;
                format!("bit {bit} of byte {at}")
            }
            2 => {
                let value = self.random.below(256) as u8;
                bytes[at] = value;
                format!("byte {at} = {value}")
            }
            3 | 4 => {
                let value = HUGE[self.random.below(HUGE.len())];
                let raw = if big {
                    value.to_be_bytes()
                } else {
                    value.to_le_bytes()
                };
                put(bytes, at, &raw);
                format!("u32 at {at} = {value:#X}, big-endian {big}")
            }
            5 => {
                let value = HUGE[self.random.below(HUGE.len())] as u16;
                let raw = if big {
                    value.to_be_bytes()
                } else {
                    value.to_le_bytes()
                };
                put(bytes, at, &raw);
                format!("u16 at {at} = {value:#X}, big-endian {big}")
            }
            6 => {
                let value = FLOATS[self.random.below(FLOATS.len())];
                let raw = if big {
                    value.to_be_bytes()
                } else {
                    value.to_le_bytes()
                };
                put(bytes, at, &raw);
                format!("f32 at {at} = {value}, big-endian {big}")
            }
            7 => {
                let (unit, length) = ([2, 4, 8][self.random.below(3)], self.random.below(256));
                let end = at + length.min(room);
                for group in bytes[at..end].chunks_exact_mut(unit) {
                    group.reverse();
                }
                format!("byte order of {unit} from {at} to {end}")
            }
            8 => {
                // Offsets that lead back, to themselves or to another part.
                let target = match self.random.below(3) {
                    0 => at,
                    _ => self.borders[self.random.below(self.borders.len())],
                } as u32;
                let raw = if big {
                    target.to_be_bytes()
                } else {
                    target.to_le_bytes()
                };
                put(bytes, at, &raw);
                format!("offset at {at} = {target}, big-endian {big}")
            }
            9 => {
                let length = self.random.below(64).min(room);
                bytes.drain(at..at + length);
                format!("{length} bytes left out at {at}")
            }
            10 => {
                let from = self.place(bytes.len());
                let length = self.random.below(600).min(bytes.len() - from);
                let piece = bytes[from..from + length].to_vec();
                bytes.splice(at..at, piece);
                format!("{length} bytes of {from} again at {at}")
            }
            _ => {
                let text = LINES[self.random.below(LINES.len())];
                put(bytes, at, text.as_bytes());
                format!("{text:?} at {at}")
            }
        }
    }
}

fn put(bytes: &mut [u8], at: usize, value: &[u8]) {
    for (place, byte) in bytes[at..].iter_mut().zip(value) {
        *place = *byte;
    }
}

impl Iterator for Mutator<'_> {
    type Item = Mutant;

    fn next(&mut self) -> Option<Mutant> {
        self.turn = !self.turn;
        if let Some(at) = self.turn.then(|| self.cuts.pop()).flatten() {
            return Some(Mutant {
                how: format!("cut at {at}"),
                bytes: self.seed[..at].to_vec(),
            });
        }
        let mut bytes = self.seed.to_vec();
        let mut how = Vec::new();
        for _ in 0..=self.random.below(3) {
            if !bytes.is_empty() {
                how.push(self.damage(&mut bytes));
            }
        }
        Some(Mutant {
            how: how.join(", "),
            bytes,
        })
    }
}
