//! SWAR dot products of samples and weights, several at a time.
//!
//! A register holds two samples. With 64 bits it also holds two sums, so one multiplication makes
//! two products: 2 instructions per product instead of 5. With 32 bits, one sum covers both
//! samples and wraps; the sum of the high samples, kept separately, is subtracted at the end.
//! ARM's multiply-accumulate takes high halves as they are, but not low ones. Needs no vector
//! unit.

/// Fraction bits of a weight. A centre weight is at most about 1.2 (upscaling at an edge, where
/// the kernel is cut and renormalised), so it fits an `i16`.
pub(crate) const WEIGHT_BITS: u32 = 14;

/// Fraction bits of a sample between the two passes.
pub(crate) const BETWEEN_BITS: u32 = 6;

/// Added to samples between the passes to keep them non-negative. A sample's weights add up to
/// one and their sizes to less than two, so negative weights total less than half and a sample
/// stays within -127.5 to 382.5.
const OFFSET: i32 = 128 << BETWEEN_BITS;

pub(crate) use lanes::{LANES, Packed, dot_product, insert, pack};

/// What a dot product rounds to.
pub(crate) trait Sample: Copy {
    /// Initial accumulator: the rounding bias, plus or minus the offset that keeps samples
    /// non-negative.
    const INITIAL: i32;

    /// Drops the accumulator's excess fraction bits.
    fn from_sum(sum: i32) -> Self;
}

/// First pass: a sample between the passes, from bytes.
impl Sample for i16 {
    const INITIAL: i32 =
        (OFFSET << (WEIGHT_BITS - BETWEEN_BITS)) + half(WEIGHT_BITS - BETWEEN_BITS);

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        (sum >> (WEIGHT_BITS - BETWEEN_BITS)) as Self
    }
}

/// The same, to be packed again.
impl Sample for i32 {
    const INITIAL: Self = i16::INITIAL;

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        sum >> (WEIGHT_BITS - BETWEEN_BITS)
    }
}

/// Second pass: a sample of the thumbnail.
impl Sample for u8 {
    const INITIAL: i32 = half(WEIGHT_BITS + BETWEEN_BITS) - (OFFSET << WEIGHT_BITS);

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        let sample = sum >> (WEIGHT_BITS + BETWEEN_BITS);
        // One test instead of two: few samples are out of range.
        if sample & !0xff == 0 { sample as Self } else { clamp(sample) }
    }
}

const fn half(bits: u32) -> i32 {
    1 << (bits - 1)
}

/// Kept out of line, or the compiler splits the test in two again.
#[cold]
#[inline(never)]
fn clamp(sample: i32) -> u8 {
    if sample < 0 { 0 } else { 255 }
}

/// Two samples or two sums per register.
#[cfg(target_pointer_width = "64")]
mod lanes {
    use super::Sample;

    /// Dot products computed at a time: as many as registers allow.
    pub(crate) const LANES: usize = 8;

    /// [`LANES`] samples.
    pub(crate) type Packed = [u64; LANES / 2];

    #[inline(always)]
    pub(crate) fn pack<I: Copy + Into<i32>>(samples: &[I; LANES]) -> Packed {
        let both = |n: usize| pair(samples[n].into(), samples[n + LANES / 2].into());
        [both(0), both(1), both(2), both(3)]
    }

    /// Writes one lane of all `packed`. Lanes must be written in ascending order.
    #[inline(always)]
    pub(crate) fn insert(packed: &mut [Packed; LANES], samples: [i32; LANES], lane: usize) {
        let part = lane % (LANES / 2);
        for (packed, sample) in packed.iter_mut().zip(samples) {
            if lane < LANES / 2 {
                packed[part] = pair(sample, 0);
            } else {
                packed[part] += pair(0, sample);
            }
        }
    }

    /// The dot products of samples and weights, rounded.
    #[inline(always)]
    pub(crate) fn dot_product<O: Sample>(
        packed: &[[Packed; 2]],
        weights: &[[i16; 2]],
    ) -> [O; LANES] {
        let start = pair(O::INITIAL, O::INITIAL);
        let [mut ae, mut bf, mut cg, mut dh] = [start; 4];
        for (samples, &weight) in packed.as_flattened().iter().zip(weights.as_flattened()) {
            let weight = i64::from(weight).cast_unsigned();
            ae = ae.wrapping_add(samples[0].wrapping_mul(weight));
            bf = bf.wrapping_add(samples[1].wrapping_mul(weight));
            cg = cg.wrapping_add(samples[2].wrapping_mul(weight));
            dh = dh.wrapping_add(samples[3].wrapping_mul(weight));
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

    /// A negative low half borrows from the high half; `split` restores it.
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

/// Two samples or one sum per register.
#[cfg(not(target_pointer_width = "64"))]
mod lanes {
    use super::Sample;

    /// Dot products computed at a time: as many as registers allow.
    pub(crate) const LANES: usize = 4;

    /// [`LANES`] samples.
    pub(crate) type Packed = [i32; LANES / 2];

    #[inline(always)]
    pub(crate) fn pack<I: Copy + Into<i32>>(&[a, b, c, d]: &[I; LANES]) -> Packed {
        [pair(a.into(), b.into()), pair(c.into(), d.into())]
    }

    /// Writes one lane of all `packed`. Lanes must be written in ascending order.
    #[inline(always)]
    pub(crate) fn insert(packed: &mut [Packed; LANES], samples: [i32; LANES], lane: usize) {
        let ([a, b, c, d], [e, f, g, h]) = (packed, samples);
        let part = lane / 2 % (LANES / 2);
        // Unrolled: the loop cost a third of the total.
        if lane.is_multiple_of(2) {
            (a[part], b[part], c[part], d[part]) = (e, f, g, h);
        } else {
            a[part] += e << 16;
            b[part] += f << 16;
            c[part] += g << 16;
            d[part] += h << 16;
        }
    }

    /// The dot products of samples and weights, rounded.
    #[inline(always)]
    pub(crate) fn dot_product<O: Sample>(
        packed: &[[Packed; 2]],
        weights: &[[i16; 2]],
    ) -> [O; LANES] {
        let both = pair(O::INITIAL, O::INITIAL);
        let [mut ab, mut cd, mut b, mut d] = [both, both, O::INITIAL, O::INITIAL];
        let mut add = |[first, second]: Packed, weight: i16| {
            let weight = i32::from(weight);
            ab = ab.wrapping_add(first.wrapping_mul(weight));
            b += (first >> 16) * weight;
            cd = cd.wrapping_add(second.wrapping_mul(weight));
            d += (second >> 16) * weight;
        };
        for (&[samples, next], &[weight, next_weight]) in packed.iter().zip(weights) {
            add(samples, weight);
            add(next, next_weight);
        }
        let (a, c) = (ab.wrapping_sub(b << 16), cd.wrapping_sub(d << 16));
        [O::from_sum(a), O::from_sum(b), O::from_sum(c), O::from_sum(d)]
    }

    #[inline(always)]
    const fn pair(low: i32, high: i32) -> i32 {
        (high << 16).wrapping_add(low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn samples(count: usize, mut next: impl FnMut() -> u32) -> Vec<[i16; LANES]> {
        (0..count).map(|_| [(); LANES].map(|()| (next() & 0x7fff) as i16)).collect()
    }

    /// Compares packed dot products to plain ones.
    fn check<O: Sample + core::fmt::Debug + PartialEq>(
        samples: &[[i16; LANES]],
        packed: &[Packed],
        weights: &[i16],
    ) {
        let expected: Vec<O> = (0..LANES)
            .map(|n| {
                let products = samples.iter().zip(weights);
                let sum: i64 = products.map(|(p, &w)| i64::from(p[n]) * i64::from(w)).sum();
                O::from_sum((i64::from(O::INITIAL) + sum) as i32)
            })
            .collect();
        let sums: [O; LANES] = dot_product(packed.as_chunks().0, weights.as_chunks().0);
        assert_eq!(sums[..], expected, "{samples:?} {weights:?}");
    }

    #[test]
    fn equals_the_plain_dot_product() {
        let mut random = 1_u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 16
        };
        for round in 0..2000 {
            let count = 2 + round % 6 * 2;
            // Weights add up to one, negative ones to less than half.
            let most = (1 << WEIGHT_BITS) / count;
            let mut weights: Vec<i16> = (1..count)
                .map(|n| ((next() % most) as i16) * if n % 3 == 0 { -1 } else { 1 })
                .collect();
            weights.push((1 << WEIGHT_BITS) - weights.iter().sum::<i16>());
            let samples = samples(count as usize, &mut next);
            let packed: Vec<Packed> = samples.iter().map(pack).collect();
            check::<u8>(&samples, &packed, &weights);
            let bytes: Vec<_> = samples.iter().map(|row| row.map(|it| it as u8)).collect();
            let packed: Vec<Packed> = bytes.iter().map(pack).collect();
            let samples: Vec<_> = bytes.iter().map(|row| row.map(i16::from)).collect();
            check::<i16>(&samples, &packed, &weights);
        }
    }

    #[test]
    fn insert_agrees_with_pack() {
        let rows: [[i32; LANES]; LANES] =
            core::array::from_fn(|n| core::array::from_fn(|m| (0x7fff - 37 * n - m) as i32));
        // Stale contents do not matter.
        let mut packed = [pack(&[77; LANES]); LANES];
        for (lane, &row) in rows.iter().enumerate() {
            insert(&mut packed, row, lane);
        }
        for (m, column) in packed.into_iter().enumerate() {
            assert_eq!(column, pack(&rows.map(|row| row[m])));
        }
    }
}
