//! Upsamples a component to the scaled picture's size.
//!
//! A factor of two, in one direction or both, is interpolated with a triangle filter, bit
//! for bit as in libjpeg; any other ratio repeats the nearest sample. Most chroma needs
//! neither: see `layout`.

use crate::jpeg::layout::{Extent, Layout};
use crate::jpeg::orientation::Orientation;
use crate::jpeg::plane::Plane;

/// Makes row `row` of the picture of a component's samples, while `plane` holds strip
/// `strip`.
pub(super) fn row(
    layout: &Layout,
    plane: &Plane,
    orientation: Orientation,
    (row, strip): (usize, usize),
    out: &mut [u8],
) {
    let (across, down) = layout.ratio;
    let own = nearest(row, down, orientation.reverses().1);
    let Extent { width, height, rows, .. } = layout.extent;
    let samples = |row: usize| &plane.row(row + 1 - strip * rows)[..width];
    let near = samples(own);
    let lower = row % 2 == 1;
    let far = || samples(if lower { (own + 1).min(height - 1) } else { own.saturating_sub(1) });
    match (across, down) {
        ((2, 1), (1, 1)) => h2v1(near, orientation, out),
        ((1, 1), (2, 1)) => h1v2(near, far(), lower, orientation, out),
        ((2, 1), (2, 1)) => h2v2(near, far(), lower, orientation, out),
        _ => repeat(near, across, orientation.reverses().0, out),
    }
}

/// Doubles a row.
fn h2v1(row: &[u8], orientation: Orientation, out: &mut [u8]) {
    let bias = |right: bool| if right == orientation.reverses().0 { 1 } else { 2 };
    let biases = [false, true].map(bias);
    interpolate(row.len(), |index| u32::from(row[index]), biases, 2, out);
}

/// Makes a row between two others, closer to the first.
fn h1v2(near: &[u8], far: &[u8], lower: bool, orientation: Orientation, out: &mut [u8]) {
    let bias = if lower == orientation.reverses().1 { 1 } else { 2 };
    for (out, (&near, &far)) in out.iter_mut().zip(near.iter().zip(far)) {
        *out = ((3 * u32::from(near) + u32::from(far) + bias) >> 2) as u8;
    }
}

/// Makes a doubled row between two others, closer to the first.
fn h2v2(near: &[u8], far: &[u8], lower: bool, orientation: Orientation, out: &mut [u8]) {
    let sum = |index: usize| 3 * u32::from(near[index]) + u32::from(far[index]);
    // libjpeg adds 8 to the left sample and 7 to the right one, as the picture is shown.
    let bias = |right: bool| {
        let (right, _) = orientation.apply(right, lower);
        if right == orientation.mirrored { 8 } else { 7 }
    };
    interpolate(near.len(), sum, [false, true].map(bias), 4, out);
}

/// Weights each sample 3 : 1 with its left and its right neighbour. Sums have `bits` fraction
/// bits; the two outputs have different rounding biases, so that errors cancel.
#[inline(always)]
fn interpolate(
    count: usize,
    sample: impl Fn(usize) -> u32,
    [left, right]: [u32; 2],
    bits: u32,
    out: &mut [u8],
) {
    for (index, pair) in out.chunks_mut(2).enumerate().take(count) {
        let own = sample(index);
        let previous = if index > 0 { sample(index - 1) } else { own };
        let next = if index + 1 < count { sample(index + 1) } else { own };
        pair[0] = ((3 * own + previous + left) >> bits) as u8;
        if let Some(second) = pair.get_mut(1) {
            *second = ((3 * own + next + right) >> bits) as u8;
        }
    }
}

/// Stretches a row by any other ratio.
fn repeat(row: &[u8], ratio: (usize, usize), reversed: bool, out: &mut [u8]) {
    for (index, out) in out.iter_mut().enumerate() {
        *out = row[nearest(index, ratio, reversed)];
    }
}

/// The index of the sample to repeat; of two equally near, the earlier one as shown.
fn nearest(index: usize, (numerator, denominator): (usize, usize), reversed: bool) -> usize {
    (index * denominator + if reversed { denominator - 1 } else { 0 }) / numerator
}
