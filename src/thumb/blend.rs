//! The filter down: sums of several samples at a time, each sample times a weight.
//!
//! A 64-bit register takes two sums, so that one multiplication makes two products: 2
//! instructions for each product in place of 5. A sample below zero borrows one from the
//! sample above it, and the sums give it back at the end. Where registers have 32 bits
//! there is one sum in each, but two samples are loaded at once. No processor's vector unit is
//! asked for.

/// Binary places of a weight. A centre weight is at most about 1.2 (up-scaling near an
/// edge, where the others are cut off and the rest is scaled up), so it fits an `i16`.
pub(crate) const WEIGHT_BITS: u32 = 14;

/// Binary places of a sample between the two passes.
pub(crate) const BETWEEN_BITS: u32 = 6;

/// What makes of rounding down, when so many bits are dropped, rounding to the nearest.
pub(crate) const fn half(bits: u32) -> i32 {
    1 << (bits - 1)
}

pub(crate) use lanes::{Bytes, PIECE, Piece, blend, pack, unpack};

/// What a sum of products becomes.
pub(crate) trait Sample: Copy {
    /// How many binary places the sum has more.
    const SPARE_BITS: u32;

    /// Drops them. A sum begins at [`half`] of them.
    fn from_sum(sum: i32) -> Self;
}

/// A sample between the two passes. It fits: of all weights of a sample of the thumbnail the
/// sizes add up to less than two.
impl Sample for i16 {
    const SPARE_BITS: u32 = WEIGHT_BITS - BETWEEN_BITS;

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        (sum >> Self::SPARE_BITS) as Self
    }
}

/// A sample of the thumbnail.
impl Sample for u8 {
    const SPARE_BITS: u32 = WEIGHT_BITS + BETWEEN_BITS;

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        let sample = sum >> Self::SPARE_BITS;
        // One test in place of two: few are out of range.
        if sample & !0xff == 0 { sample as Self } else { out_of_range(sample) }
    }
}

/// Out of line, or the compiler makes two tests of the one again.
#[cold]
#[inline(never)]
fn out_of_range(sample: i32) -> u8 {
    if sample < 0 { 0 } else { 255 }
}

/// Two samples, or two sums, in each number.
#[cfg(target_pointer_width = "64")]
mod lanes {
    use super::{Sample, half};

    /// Samples that are summed at a time: as many as there are registers for.
    pub(crate) const PIECE: usize = 8;

    /// So many samples of a row, as they are summed.
    pub(crate) type Piece = [u64; PIECE / 2];

    /// So many bytes of a row.
    pub(crate) type Bytes = u64;

    /// Makes a piece of samples between the passes.
    #[inline(always)]
    pub(crate) fn pack(samples: [i16; PIECE]) -> Piece {
        let both = |n: usize| pair(samples[n].into(), samples[n + PIECE / 2].into());
        [both(0), both(1), both(2), both(3)]
    }

    /// Makes a piece of bytes.
    #[inline(always)]
    pub(crate) fn unpack(bytes: Bytes) -> Piece {
        const AE: u64 = 0x0000_00ff_0000_00ff;
        [bytes & AE, bytes >> 8 & AE, bytes >> 16 & AE, bytes >> 24 & AE]
    }

    /// The weighted sum of pieces, rounded.
    #[inline(always)]
    pub(crate) fn blend<O: Sample>(
        pieces: impl Iterator<Item = Piece>,
        weights: &[i16],
    ) -> [O; PIECE] {
        let halves = pair(half(O::SPARE_BITS), half(O::SPARE_BITS));
        let [mut ae, mut bf, mut cg, mut dh] = [halves; 4];
        for (piece, &weight) in pieces.zip(weights) {
            let weight = i64::from(weight).cast_unsigned();
            ae = ae.wrapping_add(piece[0].wrapping_mul(weight));
            bf = bf.wrapping_add(piece[1].wrapping_mul(weight));
            cg = cg.wrapping_add(piece[2].wrapping_mul(weight));
            dh = dh.wrapping_add(piece[3].wrapping_mul(weight));
        }
        let [ae, bf, cg, dh] = [split(ae), split(bf), split(cg), split(dh)];
        [
            O::from_sum(ae.0),
            O::from_sum(bf.0),
            O::from_sum(cg.0),
            O::from_sum(dh.0),
            O::from_sum(ae.1),
            O::from_sum(bf.1),
            O::from_sum(cg.1),
            O::from_sum(dh.1),
        ]
    }

    #[inline(always)]
    const fn pair(low: i32, high: i32) -> u64 {
        (((high as i64) << 32) + low as i64).cast_unsigned()
    }

    #[inline(always)]
    const fn split(pair: u64) -> (i32, i32) {
        let low = pair as i32;
        (low, (pair.wrapping_sub((low as i64).cast_unsigned()) >> 32) as i32)
    }
}

/// Two samples in each number, and one sum: ARM multiplies halves of a register.
#[cfg(not(target_pointer_width = "64"))]
mod lanes {
    use super::{Sample, half};

    /// Samples that are summed at a time: as many as there are registers for.
    pub(crate) const PIECE: usize = 4;

    /// So many samples of a row, as they are summed.
    pub(crate) type Piece = [u32; PIECE / 2];

    /// So many bytes of a row.
    pub(crate) type Bytes = u32;

    /// Makes a piece of samples between the passes.
    #[inline(always)]
    pub(crate) fn pack(samples: [i16; PIECE]) -> Piece {
        [pair(samples[0], samples[2]), pair(samples[1], samples[3])]
    }

    /// Makes a piece of bytes.
    #[inline(always)]
    pub(crate) fn unpack(bytes: Bytes) -> Piece {
        const AC: u32 = 0x00ff_00ff;
        [bytes & AC, bytes >> 8 & AC]
    }

    /// The weighted sum of pieces, rounded.
    #[inline(always)]
    pub(crate) fn blend<O: Sample>(
        pieces: impl Iterator<Item = Piece>,
        weights: &[i16],
    ) -> [O; PIECE] {
        let [mut a, mut b, mut c, mut d] = [half(O::SPARE_BITS); 4];
        for ([ac, bd], &weight) in pieces.zip(weights) {
            let weight = i32::from(weight);
            a += i32::from(ac as i16) * weight;
            b += i32::from(bd as i16) * weight;
            c += (ac.cast_signed() >> 16) * weight;
            d += (bd.cast_signed() >> 16) * weight;
        }
        [O::from_sum(a), O::from_sum(b), O::from_sum(c), O::from_sum(d)]
    }

    #[inline(always)]
    fn pair(low: i16, high: i16) -> u32 {
        u32::from(high.cast_unsigned()) << 16 | u32::from(low.cast_unsigned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    #[test]
    fn is_the_sum_of_products_one_by_one() {
        let mut random = 1_u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 16
        };
        for round in 0..2000 {
            let count = 1 + round % 12;
            // Samples out of range on both sides, and weights whose sizes add up to less
            // than two.
            let samples: Vec<[i16; PIECE]> = (0..count)
                .map(|_| [(); PIECE].map(|()| (next() % 26_000) as i16 - 5_000))
                .collect();
            let most = (2 << WEIGHT_BITS) / count;
            let weights: Vec<i16> =
                (0..count).map(|_| (next() % most) as i16 - (most / 3) as i16).collect();
            let expected: Vec<u8> = (0..PIECE)
                .map(|n| {
                    let products = samples.iter().zip(&weights);
                    let sum: i32 = products.map(|(p, &w)| i32::from(p[n]) * i32::from(w)).sum();
                    let bits = WEIGHT_BITS + BETWEEN_BITS;
                    ((sum + half(bits)) >> bits).clamp(0, 255) as u8
                })
                .collect();
            assert_eq!(blend::<u8>(samples.into_iter().map(pack), &weights)[..], expected);
        }
    }

    #[test]
    fn bytes_are_summed_as_the_samples_that_they_are() {
        let byte = |n: usize, m: usize| (83 * n + 37 * m) as u8;
        let bytes: Vec<[u8; PIECE]> =
            (1..12).map(|n| core::array::from_fn(|m| byte(n, m))).collect();
        let weights = [900, -700, 3000, -1, 14_000, 5000, -6000, 77, -800, 0, 1];
        let samples = bytes.iter().map(|bytes| pack(bytes.map(i16::from)));
        let expected: [i16; PIECE] = blend(samples, &weights);
        assert_eq!(
            blend::<i16>(bytes.iter().map(|&bytes| unpack(Bytes::from_le_bytes(bytes))), &weights),
            expected
        );
    }
}
