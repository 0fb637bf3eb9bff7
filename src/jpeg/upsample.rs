//! Brings a component with fewer samples to the picture's size.
//!
//! Twice the rate is interpolated with a triangle, as libjpeg does, to the bit; all
//! other ratios repeat the nearest sample. Most chroma needs neither: see `plan`.

/// A row of twice as many samples.
pub(super) fn widen(row: &[u8], out: &mut [u8]) {
    smooth(row.len(), |index| u32::from(row[index]), [(1, 2), (2, 2)], out);
}

/// A row between two others, nearer to the first.
pub(super) fn heighten(near: &[u8], far: &[u8], lower: bool, out: &mut [u8]) {
    let bias = if lower { 2 } else { 1 };
    for (out, (&near, &far)) in out.iter_mut().zip(near.iter().zip(far)) {
        *out = ((3 * u32::from(near) + u32::from(far) + bias) >> 2) as u8;
    }
}

/// A row of twice as many samples between two others, nearer to the first.
pub(super) fn widen_between(near: &[u8], far: &[u8], out: &mut [u8]) {
    let sum = |index: usize| 3 * u32::from(near[index]) + u32::from(far[index]);
    smooth(near.len(), sum, [(8, 4), (7, 4)], out);
}

/// Three parts of a sample and one of its neighbour; each of the two has its own
/// rounding, so that the errors cancel.
#[inline(always)]
fn smooth(
    count: usize,
    sample: impl Fn(usize) -> u32,
    [left, right]: [(u32, u32); 2],
    out: &mut [u8],
) {
    for (index, pair) in out.chunks_mut(2).enumerate().take(count) {
        let own = sample(index);
        let before = if index > 0 { sample(index - 1) } else { own };
        let after = if index + 1 < count { sample(index + 1) } else { own };
        pair[0] = ((3 * own + before + left.0) >> left.1) as u8;
        if let Some(second) = pair.get_mut(1) {
            *second = ((3 * own + after + right.0) >> right.1) as u8;
        }
    }
}

/// A row at any other ratio.
pub(super) fn repeat(row: &[u8], (numerator, denominator): (usize, usize), out: &mut [u8]) {
    for (index, out) in out.iter_mut().enumerate() {
        *out = row[index * denominator / numerator];
    }
}
