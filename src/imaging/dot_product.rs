//! Sums of several samples at a time, each sample times a weight.
//!
//! A register takes two samples, which are loaded at once. Of 64 bits it takes two sums as
//! well, so that one multiplication makes two products: 2 instructions for each product in
//! place of 5. Where it has 32, one sum is of both samples, wraps round, and has the
//! sum of the upper ones taken off at the end: ARM multiplies and adds in one instruction,
//! upper halves as they are, and lower ones not. No processor's vector unit is asked for.

/// Binary places of a weight. A centre weight is at most about 1.2 (up-scaling near an
/// edge, where the others are cut off and the rest is scaled up), so it fits an `i16`.
pub(crate) const WEIGHT_BITS: u32 = 14;

/// Binary places of a sample between the two passes.
pub(crate) const BETWEEN_BITS: u32 = 6;

/// What such a sample has more, so that none is below zero. The sizes of the weights of a
/// sample add up to less than two and the weights to one, so those below zero come to less
/// than half of one, and a sample is at least -127.5 and at most 382.5.
const OFFSET: i32 = 128 << BETWEEN_BITS;

pub(crate) use lanes::{LANES, Packed, dot_product, pack, put};

/// What a sum of products becomes.
pub(crate) trait Sample: Copy {
    /// What the sum begins with: half of what is dropped, or what makes of rounding
    /// down rounding to the nearest, and what the samples have more or shall have more.
    const INITIAL: i32;

    /// Drops the binary places that the sum has more.
    fn from_sum(sum: i32) -> Self;
}

/// A sample between the two passes, of bytes.
impl Sample for i16 {
    const INITIAL: i32 =
        (OFFSET << (WEIGHT_BITS - BETWEEN_BITS)) + half(WEIGHT_BITS - BETWEEN_BITS);

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        (sum >> (WEIGHT_BITS - BETWEEN_BITS)) as Self
    }
}

/// The same, which goes into a lane again.
impl Sample for i32 {
    const INITIAL: Self = i16::INITIAL;

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        sum >> (WEIGHT_BITS - BETWEEN_BITS)
    }
}

/// A sample of the thumbnail, of samples between the passes.
impl Sample for u8 {
    const INITIAL: i32 = half(WEIGHT_BITS + BETWEEN_BITS) - (OFFSET << WEIGHT_BITS);

    #[inline(always)]
    fn from_sum(sum: i32) -> Self {
        let sample = sum >> (WEIGHT_BITS + BETWEEN_BITS);
        // One test in place of two: few are out of range.
        if sample & !0xff == 0 { sample as Self } else { out_of_range(sample) }
    }
}

const fn half(bits: u32) -> i32 {
    1 << (bits - 1)
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
    use super::Sample;

    /// Samples that are summed at a time: as many as there are registers for.
    pub(crate) const LANES: usize = 8;

    /// So many samples, as they are summed.
    pub(crate) type Packed = [u64; LANES / 2];

    /// Makes a lane of samples.
    #[inline(always)]
    pub(crate) fn pack<I: Copy + Into<i32>>(samples: &[I; LANES]) -> Packed {
        let both = |n: usize| pair(samples[n].into(), samples[n + LANES / 2].into());
        [both(0), both(1), both(2), both(3)]
    }

    /// Puts a sample into each lane, in the same place, one place after the other.
    #[inline(always)]
    pub(crate) fn put(packed: &mut [Packed; LANES], samples: [i32; LANES], place: usize) {
        let part = place % (LANES / 2);
        for (lane, sample) in packed.iter_mut().zip(samples) {
            if place < LANES / 2 {
                lane[part] = pair(sample, 0);
            } else {
                lane[part] += pair(0, sample);
            }
        }
    }

    /// The weighted sum of packed, rounded.
    #[inline(always)]
    pub(crate) fn dot_product<O: Sample>(
        packed: &[[Packed; 2]],
        weights: &[[i16; 2]],
    ) -> [O; LANES] {
        let start = pair(O::INITIAL, O::INITIAL);
        let [mut ae, mut bf, mut cg, mut dh] = [start; 4];
        for (lane, &weight) in packed.as_flattened().iter().zip(weights.as_flattened()) {
            let weight = i64::from(weight).cast_unsigned();
            ae = ae.wrapping_add(lane[0].wrapping_mul(weight));
            bf = bf.wrapping_add(lane[1].wrapping_mul(weight));
            cg = cg.wrapping_add(lane[2].wrapping_mul(weight));
            dh = dh.wrapping_add(lane[3].wrapping_mul(weight));
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

    /// What is below zero borrows one from what is above it, and `split` gives it back.
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

/// Two samples in each number, and one sum.
#[cfg(not(target_pointer_width = "64"))]
mod lanes {
    use super::Sample;

    /// Samples that are summed at a time: as many as there are registers for.
    pub(crate) const LANES: usize = 4;

    /// So many samples, as they are summed.
    pub(crate) type Packed = [i32; LANES / 2];

    /// Makes a lane of samples.
    #[inline(always)]
    pub(crate) fn pack<I: Copy + Into<i32>>(&[a, b, c, d]: &[I; LANES]) -> Packed {
        [pair(a.into(), b.into()), pair(c.into(), d.into())]
    }

    /// Puts a sample into each lane, in the same place, one place after the other.
    #[inline(always)]
    pub(crate) fn put(packed: &mut [Packed; LANES], samples: [i32; LANES], place: usize) {
        let ([a, b, c, d], [e, f, g, h]) = (packed, samples);
        let part = place / 2 % (LANES / 2);
        // Written out: one by one they cost a third of all.
        if place.is_multiple_of(2) {
            (a[part], b[part], c[part], d[part]) = (e, f, g, h);
        } else {
            a[part] += e << 16;
            b[part] += f << 16;
            c[part] += g << 16;
            d[part] += h << 16;
        }
    }

    /// The weighted sum of packed, rounded.
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
        for (&[lane, next], &[weight, next_weight]) in packed.iter().zip(weights) {
            add(lane, weight);
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

    /// Sums up pairs of packed, and each sample by itself.
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
    fn is_the_sum_of_products_one_by_one() {
        let mut random = 1_u32;
        let mut next = || {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            random >> 16
        };
        for round in 0..2000 {
            let count = 2 + round % 6 * 2;
            // Weights that add up to one, those below zero to less than half of one.
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
    fn samples_come_into_their_places() {
        let rows: [[i32; LANES]; LANES] =
            core::array::from_fn(|n| core::array::from_fn(|m| (0x7fff - 37 * n - m) as i32));
        // What was there before does not matter.
        let mut packed = [pack(&[77; LANES]); LANES];
        for (place, &row) in rows.iter().enumerate() {
            put(&mut packed, row, place);
        }
        for (m, lane) in packed.into_iter().enumerate() {
            assert_eq!(lane, pack(&rows.map(|row| row[m])));
        }
    }
}
