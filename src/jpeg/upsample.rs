//! Brings a component with fewer samples to the picture's size.
//!
//! Twice the rate, in one direction or both, is interpolated with a triangle, as libjpeg
//! does, to the bit; at all other ratios the nearest sample is repeated. Most chroma needs neither: see `plan`.

use crate::jpeg::orientation::Turn;
use crate::jpeg::plan::Layout;
use crate::jpeg::plane::Plane;

/// Makes a row of the picture's width from a component's samples, of which the strip
/// `last` is at hand.
pub(super) fn row(
    layout: &Layout,
    plane: &Plane,
    turn: Turn,
    (row, last): (usize, usize),
    line: &mut [u8],
) {
    let (across, down) = layout.ratio;
    let own = nearest(row, down, turn.reverses().1);
    let samples = |row: usize| &plane.row(row + 1 - last * layout.rows())[..layout.samples.0];
    let near = samples(own);
    let lower = row % 2 == 1;
    let far =
        || samples(if lower { (own + 1).min(layout.samples.1 - 1) } else { own.saturating_sub(1) });
    match (across, down) {
        ((2, 1), (1, 1)) => widen(near, turn, line),
        ((1, 1), (2, 1)) => heighten(near, far(), lower, turn, line),
        ((2, 1), (2, 1)) => widen_between(near, far(), lower, turn, line),
        _ => repeat(near, across, turn.reverses().0, line),
    }
}

/// A row of twice as many samples.
fn widen(row: &[u8], turn: Turn, out: &mut [u8]) {
    let bias = |right: bool| if right == turn.reverses().0 { 1 } else { 2 };
    let biases = [false, true].map(bias);
    smooth(row.len(), |index| u32::from(row[index]), biases, 2, out);
}

/// A row between two others, nearer to the first.
fn heighten(near: &[u8], far: &[u8], lower: bool, turn: Turn, out: &mut [u8]) {
    let bias = if lower == turn.reverses().1 { 1 } else { 2 };
    for (out, (&near, &far)) in out.iter_mut().zip(near.iter().zip(far)) {
        *out = ((3 * u32::from(near) + u32::from(far) + bias) >> 2) as u8;
    }
}

/// A row of twice as many samples between two others, nearer to the first.
fn widen_between(near: &[u8], far: &[u8], lower: bool, turn: Turn, out: &mut [u8]) {
    let sum = |index: usize| 3 * u32::from(near[index]) + u32::from(far[index]);
    // What is at the left as the picture is shown.
    let bias = |right: bool| {
        let (right, _) = turn.apply((right, lower));
        if right == turn.mirrored { 8 } else { 7 }
    };
    smooth(near.len(), sum, [false, true].map(bias), 4, out);
}

/// Three parts of a sample and one of its neighbour, in units of 1 / 2 to the power of `bits`;
/// each of the two has its own rounding, so that the errors cancel.
#[inline(always)]
fn smooth(
    count: usize,
    sample: impl Fn(usize) -> u32,
    [left, right]: [u32; 2],
    bits: u32,
    out: &mut [u8],
) {
    for (index, pair) in out.chunks_mut(2).enumerate().take(count) {
        let own = sample(index);
        let before = if index > 0 { sample(index - 1) } else { own };
        let after = if index + 1 < count { sample(index + 1) } else { own };
        pair[0] = ((3 * own + before + left) >> bits) as u8;
        if let Some(second) = pair.get_mut(1) {
            *second = ((3 * own + after + right) >> bits) as u8;
        }
    }
}

/// A row at any other ratio.
fn repeat(row: &[u8], ratio: (usize, usize), reversed: bool, out: &mut [u8]) {
    for (index, out) in out.iter_mut().enumerate() {
        *out = row[nearest(index, ratio, reversed)];
    }
}

/// The sample that is repeated at a place; of two as near, the one before it as shown.
fn nearest(index: usize, (numerator, denominator): (usize, usize), reversed: bool) -> usize {
    (index * denominator + if reversed { denominator - 1 } else { 0 }) / numerator
}
