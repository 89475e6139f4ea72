//! Prefix codes: lengths from counts, codes from lengths (RFC 1951 §3.2.2).

use super::bits::Bits;

/// A symbol's code, lowest bit first, and its length; length 0 where it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Code {
    pub(super) bits: u32,
    pub(super) length: u32,
}

impl Code {
    /// This code and another behind it.
    #[inline(always)]
    pub(super) fn then(self, next: Code) -> Code {
        Code {
            bits: self.bits | next.bits << self.length,
            length: self.length + next.length,
        }
    }

    #[inline(always)]
    pub(super) fn put(self, out: &mut Bits) {
        out.put(self.bits, self.length);
    }
}

/// Code lengths of at most `most` ≤ 15 bits for symbols with these counts (each below 2²³), 0 for
/// those without; at least two symbols get one, as decoders want complete codes.
///
/// Huffman's lengths by the in-place method of Moffat and Katajainen (1995); where the tree is
/// deeper than `most`, lengths are moved down until they fill the code space again.
pub(super) fn lengths<const N: usize>(counts: &[u32; N], most: u8) -> [u8; N] {
    let mut lengths = [0_u8; N];
    // Count and symbol in one number, to be sorted as one.
    let mut used = [0_u32; N];
    let mut n = 0;
    for (symbol, count) in counts.iter().enumerate() {
        used[n] = count << 9 | symbol as u32;
        n += usize::from(*count > 0);
        if n == N {
            break;
        }
    }
    for (symbol, count) in counts.iter().enumerate().take(2) {
        if n < 2 && *count == 0 {
            used[n] = 1 << 9 | symbol as u32;
            n += 1;
        }
    }
    let used = &mut used[..n];
    used.sort_unstable();
    let mut tree = [0_u32; N];
    for (node, both) in tree.iter_mut().zip(used.iter()) {
        *node = both >> 9;
    }
    let mut of_length = depths(&mut tree[..n], most);
    limit(&mut of_length, usize::from(most));
    // The rarest symbols get the longest codes.
    let mut rarest = used.iter();
    for length in (1..=most).rev() {
        let these = of_length[usize::from(length)] as usize;
        for both in rarest.by_ref().take(these) {
            lengths[(both & 0x1ff) as usize] = length;
        }
    }
    lengths
}

/// How many symbols of ascending counts lie at each depth of Huffman's tree; those below `most`
/// are counted at `most`.
fn depths(tree: &mut [u32], most: u8) -> [u32; 16] {
    let n = tree.len();
    let mut of_length = [0; 16];
    if n < 2 {
        return of_length;
    }
    // From counts to parents: `leaf` and `root` are the next of each still without a parent.
    tree[0] += tree[1];
    let (mut root, mut leaf) = (0, 2);
    for next in 1..n - 1 {
        let mut take = |tree: &mut [u32]| {
            if leaf >= n || (root < next && tree[root] < tree[leaf]) {
                let count = tree[root];
                tree[root] = next as u32;
                root += 1;
                count
            } else {
                leaf += 1;
                tree[leaf - 1]
            }
        };
        let first = take(tree);
        let second = take(tree);
        tree[next] = first + second;
    }
    // From parents to depths of the inner nodes.
    tree[n - 2] = 0;
    for next in (0..n - 2).rev() {
        tree[next] = tree[tree[next] as usize] + 1;
    }
    // From those to the number of leaves at each depth.
    let (mut available, mut depth) = (1_usize, 0_u32);
    let mut inner = n - 1;
    while available > 0 {
        let at_depth = tree[..inner].iter().rev();
        let used = at_depth.take_while(|d| **d == depth).count();
        inner -= used;
        of_length[depth.min(u32::from(most)) as usize] += (available - used) as u32;
        available = 2 * used;
        depth += 1;
    }
    of_length
}

/// Makes a code of lengths that were cut at `most`: shorter codes are lengthened until all fit.
fn limit(of_length: &mut [u32; 16], most: usize) {
    let parts = of_length.iter().enumerate().take(most + 1).skip(1);
    let mut taken: u64 = parts
        .map(|(length, n)| u64::from(*n) << (most - length))
        .sum();
    while taken > 1 << most {
        of_length[most] -= 1;
        let shorter = (1..most).rev().find(|length| of_length[*length] > 0);
        let Some(length) = shorter else { return };
        of_length[length] -= 1;
        of_length[length + 1] += 2;
        taken -= 1;
    }
}

/// The codes that belong to lengths.
pub(super) fn codes<const N: usize>(lengths: &[u8; N]) -> [Code; N] {
    let mut next = [0_u16; 17];
    for length in lengths {
        if *length > 0 {
            next[usize::from(*length) + 1] += 1;
        }
    }
    // So far `next` counts the codes that are one shorter; now it becomes the first of each.
    for length in 2..17 {
        next[length] = (next[length] + next[length - 1]) << 1;
    }
    let mut codes = [Code::default(); N];
    for (code, length) in codes.iter_mut().zip(lengths) {
        if *length > 0 {
            let first = &mut next[usize::from(*length)];
            *code = Code {
                bits: u32::from(first.reverse_bits() >> (16 - u32::from(*length))),
                length: u32::from(*length),
            };
            *first = first.wrapping_add(1);
        }
    }
    codes
}
