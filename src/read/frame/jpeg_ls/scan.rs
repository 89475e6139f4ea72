//! The samples of a JPEG-LS scan: prediction, contexts, Golomb codes and runs.
//!
//! In: entropy-coded bytes and the coding parameters. Out: samples, row-major. Names are those of
//! ITU-T T.87 annex A: `a` left, `b` above, `c` above left, `d` above right. With NEAR above 0 a
//! sample may be off by as much; then errors are coded in steps of 2 NEAR + 1.
//!
//! Two of the three gradients lie in the line above, so their part of the context is made for a
//! whole line before its samples; what is left for a sample is one gradient.

use super::bits::Bits;
use super::fault;
use crate::problem::Result;

/// Order of run-length codes by run index (T.87 A.2.1).
const J: [u32; 32] = [
    0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10, 11, 12, 13,
    14, 15,
];
const CONTEXTS: usize = 365;
/// Bounds of the prediction correction.
const MIN_C: i32 = -128;
const MAX_C: i32 = 127;

/// Coding parameters of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Coding {
    maxval: i32,
    /// How far samples may be off.
    near: i32,
    /// Number of errors told apart.
    range: i32,
    thresholds: [i32; 3],
    reset: u32,
    /// Bits of a value that escapes its Golomb code.
    qbpp: u32,
    /// Longest Golomb code.
    limit: u32,
}

impl Coding {
    /// From the bits of a sample, NEAR, and MAXVAL, T1, T2, T3, RESET, zero meaning the usual one;
    /// `None` where they contradict T.87 C.2.3 and C.2.4.1.1.
    pub(super) fn new(bits: u32, near: u8, presets: [u16; 5]) -> Option<Self> {
        let [maxval, t1, t2, t3, reset] = presets;
        let given = |value: u16, usual: i32| match value {
            0 => usual,
            value => i32::from(value),
        };
        let largest = (1 << bits) - 1;
        let maxval = given(maxval, largest);
        let near = i32::from(near);
        let usual = usual_thresholds(maxval, near);
        let thresholds @ [t1, t2, t3] = [
            given(t1, usual[0]),
            given(t2, usual[1]),
            given(t3, usual[2]),
        ];
        let reset = given(reset, 64);
        let sound = (1..=largest).contains(&maxval)
            && near <= maxval / 2
            && near < t1
            && t1 <= t2
            && t2 <= t3
            && t3 <= maxval
            && (3..=maxval.max(255)).contains(&reset);
        if !sound {
            return None;
        }
        let range = (maxval + 2 * near) / (2 * near + 1) + 1;
        // Bits of numbers below RANGE and below MAXVAL + 1.
        let qbpp = ((range - 1) as u32).ilog2() + 1;
        let bpp = ((maxval as u32).ilog2() + 1).max(2);
        Some(Self {
            maxval,
            near,
            range,
            thresholds,
            reset: reset as u32,
            qbpp,
            limit: 2 * (bpp + bpp.max(8)),
        })
    }

    /// How far samples may be off.
    pub(super) fn near(&self) -> i32 {
        self.near
    }

    /// Step of the coded errors.
    #[inline(always)]
    fn step(&self) -> i32 {
        2 * self.near + 1
    }

    /// Quantises a gradient to −4 … 4 (T.87 A.3.3).
    #[inline(always)]
    fn quantise(&self, gradient: i32) -> i32 {
        let size = gradient.abs();
        let [t1, t2, t3] = self.thresholds;
        let step = i32::from(size > self.near)
            + i32::from(size >= t1)
            + i32::from(size >= t2)
            + i32::from(size >= t3);
        if gradient < 0 { -step } else { step }
    }

    /// Sample from prediction and error, modulo RANGE (T.87 A.4.4).
    #[inline(always)]
    fn sample(&self, prediction: i32, error: i32) -> i32 {
        let (step, near) = (self.step(), self.near);
        let value = prediction + error * step;
        let value = if value < -near {
            value + self.range * step
        } else if value > self.maxval + near {
            value - self.range * step
        } else {
            value
        };
        value.clamp(0, self.maxval)
    }
}

/// T1, T2, T3 where the stream gives none (T.87 C.2.4.1.1.1).
fn usual_thresholds(maxval: i32, near: i32) -> [i32; 3] {
    let usual = if maxval >= 128 {
        let factor = (maxval.min(4095) + 128) / 256;
        [
            factor + 2 + 3 * near,
            factor * 4 + 3 + 5 * near,
            factor * 17 + 4 + 7 * near,
        ]
    } else {
        let factor = 256 / (maxval + 1);
        [
            (3 / factor + 3 * near).max(2),
            (7 / factor + 5 * near).max(3),
            (21 / factor + 7 * near).max(4),
        ]
    };
    let mut least = near + 1;
    usual.map(|threshold| {
        if threshold < least || threshold > maxval {
            return least;
        }
        least = threshold;
        threshold
    })
}

/// Statistics of one context.
#[derive(Clone, Copy)]
struct Context {
    /// Sum of the errors' sizes. Wide enough for a hostile RESET.
    a: u64,
    /// Sum of the errors, or for runs the count of negative ones.
    b: i32,
    /// Correction of the prediction.
    c: i32,
    /// Occurrences.
    n: u32,
}

impl Context {
    /// Smallest k with N · 2^k ≥ `sum` (T.87 A.5.1).
    #[inline(always)]
    fn k(&self, sum: u64) -> u32 {
        let n = u64::from(self.n);
        let k = n.leading_zeros().saturating_sub(sum.leading_zeros());
        k + u32::from(n << k < sum)
    }

    /// Takes in an error (T.87 A.6).
    #[inline(always)]
    fn update(&mut self, error: i32, step: i32, reset: u32) {
        self.a += u64::from(error.unsigned_abs());
        self.b += error * step;
        if self.n == reset {
            self.a >>= 1;
            self.b >>= 1;
            self.n >>= 1;
        }
        self.n += 1;
        let n = self.n.cast_signed();
        if self.b <= -n {
            self.b = (self.b + n).max(1 - n);
            self.c = (self.c - 1).max(MIN_C);
        } else if self.b > 0 {
            self.b = (self.b - n).min(0);
            self.c = (self.c + 1).min(MAX_C);
        }
    }
}

/// Decodes `width` × `height` samples, whose product the caller has checked.
///
/// Errors: no code where one is due, or the bytes end before the samples.
pub(super) fn decode(
    bytes: &[u8],
    width: usize,
    height: usize,
    coding: &Coding,
) -> Result<Vec<u16>> {
    let mut lines = Lines::new(bytes, width, *coding);
    // Grows with what is decoded: a short stream cannot claim memory.
    let mut samples = Vec::new();
    for row in 0..height {
        let sound = lines.next() && !lines.bits.ran_out();
        if !sound {
            let what = if lines.bits.ran_out() {
                "end"
            } else {
                "hold no code"
            };
            return Err(fault(format!("{what} in row {row} of {height}")));
        }
        samples.extend(lines.current[1..=width].iter().map(|v| *v as u16));
    }
    Ok(samples)
}

/// State of the decoder between lines.
struct Lines<'a> {
    bits: Bits<'a>,
    coding: Coding,
    width: usize,
    /// Lines with one sample more on either side.
    above: Vec<i32>,
    current: Vec<i32>,
    /// What the line above gives to each context.
    part: Vec<i32>,
    contexts: Vec<Context>,
    /// Contexts of samples that end a run: above differs from left, or equals it.
    run_ends: [Context; 2],
    run_index: usize,
}

impl<'a> Lines<'a> {
    fn new(bytes: &'a [u8], width: usize, coding: Coding) -> Self {
        let fresh = Context {
            a: ((coding.range as u64 + 32) / 64).max(2),
            b: 0,
            c: 0,
            n: 1,
        };
        Self {
            bits: Bits::new(bytes),
            coding,
            width,
            above: vec![0; width + 2],
            current: vec![0; width + 2],
            part: vec![0; width + 2],
            contexts: vec![fresh; CONTEXTS],
            run_ends: [fresh; 2],
            run_index: 0,
        }
    }

    /// Decodes one line into `current`; false when the bits are no code.
    fn next(&mut self) -> bool {
        std::mem::swap(&mut self.above, &mut self.current);
        self.above[self.width + 1] = self.above[self.width];
        self.current[0] = self.above[1];
        self.contexts_from_above();
        let mut x = 1;
        while x <= self.width {
            let (a, c) = (self.current[x - 1], self.above[x - 1]);
            let context = self.part[x] + self.coding.quantise(c - a);
            let decoded = if context == 0 {
                self.run(x)
            } else {
                self.regular(x, context).then_some(x + 1)
            };
            let Some(next) = decoded else { return false };
            x = next;
        }
        true
    }

    /// 81 Q1 + 9 Q2 of every sample of the line.
    fn contexts_from_above(&mut self) {
        let mut before = 0;
        let coding = &self.coding;
        for (part, pair) in self.part.iter_mut().zip(self.above.windows(2)) {
            let q1 = coding.quantise(pair[1] - pair[0]);
            *part = 81 * q1 + 9 * before;
            before = q1;
        }
    }

    /// Decodes a sample with a context (T.87 A.4 to A.6).
    #[inline(always)]
    fn regular(&mut self, x: usize, context: i32) -> bool {
        let coding = &self.coding;
        let (a, b, c) = (self.current[x - 1], self.above[x], self.above[x - 1]);
        let sign = if context < 0 { -1 } else { 1 };
        let Some(state) = self.contexts.get_mut(context.unsigned_abs() as usize) else {
            return false;
        };
        let (low, high) = (a.min(b), a.max(b));
        let median = (a + b - c).clamp(low, high);
        let prediction = (median + sign * state.c).clamp(0, coding.maxval);
        let k = state.k(state.a);
        let mapped = self.bits.golomb(k, coding.limit, coding.qbpp);
        if mapped >= 2 * coding.range.cast_unsigned() {
            return false;
        }
        let mapped = mapped.cast_signed();
        // Even is positive; with k = 0 and a negative mean it is the other way round.
        let flip = coding.near == 0 && k == 0 && 2 * state.b <= -state.n.cast_signed();
        let error = (mapped >> 1) ^ -((mapped & 1) ^ i32::from(flip));
        state.update(error, coding.step(), coding.reset);
        self.current[x] = coding.sample(prediction, sign * error);
        true
    }

    /// Decodes a run that starts at `x` and the sample that ends it; the next position.
    fn run(&mut self, x: usize) -> Option<usize> {
        let value = self.current[x - 1];
        let mut at = x;
        while self.bits.bit() {
            let whole = 1 << J[self.run_index];
            let left = self.width + 1 - at;
            let length = whole.min(left);
            self.current[at..at + length].fill(value);
            at += length;
            if length == whole {
                self.run_index = (self.run_index + 1).min(J.len() - 1);
            }
            if at > self.width {
                return Some(at);
            }
        }
        let length = self.bits.take(J[self.run_index]) as usize;
        if at + length > self.width {
            return None;
        }
        self.current[at..at + length].fill(value);
        at += length;
        self.current[at] = self.run_end(value, self.above[at])?;
        self.run_index = self.run_index.saturating_sub(1);
        Some(at + 1)
    }

    /// The sample that ends a run (T.87 A.7.2).
    fn run_end(&mut self, a: i32, b: i32) -> Option<i32> {
        let coding = &self.coding;
        let equal = u32::from((a - b).abs() <= coding.near);
        let state = &mut self.run_ends[equal as usize];
        let k = state.k(state.a + u64::from(equal * (state.n >> 1)));
        let limit = coding.limit - J[self.run_index] - 1;
        let mapped = self.bits.golomb(k, limit, coding.qbpp);
        if mapped >= 2 * coding.range.cast_unsigned() {
            return None;
        }
        let both = mapped + equal;
        let size = both.div_ceil(2).cast_signed();
        let odd_is_negative = k != 0 || 2 * state.b >= state.n.cast_signed();
        let error = if odd_is_negative == (both & 1 == 1) {
            -size
        } else {
            size
        };
        if error < 0 {
            state.b += 1;
        }
        state.a += u64::from((mapped + 1 - equal) >> 1);
        if state.n == coding.reset {
            state.a >>= 1;
            state.b >>= 1;
            state.n >>= 1;
        }
        state.n += 1;
        let (prediction, sign) = match (equal, a > b) {
            (1, _) => (a, 1),
            (_, true) => (b, -1),
            (_, false) => (b, 1),
        };
        Some(coding.sample(prediction, sign * error))
    }
}
