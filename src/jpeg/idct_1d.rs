//! One-dimensional inverse DCTs of 1, 2, 3, 4 or 8 points, by the algorithm of Loeffler,
//! Ligtenberg and Moschytz in 13-bit fixed point, as in libjpeg's `jidctint`.

use core::num::Wrapping;

/// Wraps on overflow: see `idct`.
pub(super) type Fixed = Wrapping<i32>;

/// Fraction bits of the constants.
pub(super) const BITS: usize = 13;

const F_0_298631336: Fixed = Wrapping(2446);
const F_0_390180644: Fixed = Wrapping(3196);
const F_0_541196100: Fixed = Wrapping(4433);
const F_0_707106781: Fixed = Wrapping(5793);
const F_0_765366865: Fixed = Wrapping(6270);
const F_0_899976223: Fixed = Wrapping(7373);
const F_1_175875602: Fixed = Wrapping(9633);
const F_1_224744871: Fixed = Wrapping(10033);
const F_1_501321110: Fixed = Wrapping(12299);
const F_1_847759065: Fixed = Wrapping(15137);
const F_1_961570560: Fixed = Wrapping(16069);
const F_2_053119869: Fixed = Wrapping(16819);
const F_2_562915447: Fixed = Wrapping(20995);
const F_3_072711026: Fixed = Wrapping(25172);

/// Transforms the first N of `x`, scaled by sqrt(8) * 2^`BITS`, and adds `bias` to each
/// output.
#[inline(always)]
pub(super) fn inverse<const N: usize>(x: [Fixed; 8], bias: Fixed) -> [Fixed; 8] {
    let none = Wrapping(0);
    // Every output contains DC once, so it carries the bias.
    let dc = (x[0] << BITS) + bias;
    let rotate = |even: Fixed, odd: Fixed| {
        let sum = (even + odd) * F_0_541196100;
        (sum + even * F_0_765366865, sum - odd * F_1_847759065)
    };
    match N {
        1 => [dc, none, none, none, none, none, none, none],
        2 => {
            let (sum, difference) = (dc + (x[1] << BITS), dc - (x[1] << BITS));
            [sum, difference, none, none, none, none, none, none]
        }
        3 => {
            let even = x[2] * F_0_707106781;
            let (outer, odd) = (dc + even, x[1] * F_1_224744871);
            let middle = dc - even - even;
            [outer + odd, middle, outer - odd, none, none, none, none, none]
        }
        4 => {
            let (sum, difference) = (dc + (x[2] << BITS), dc - (x[2] << BITS));
            let (outer, inner) = rotate(x[1], x[3]);
            let half = [sum + outer, difference + inner, difference - inner, sum - outer];
            [half[0], half[1], half[2], half[3], none, none, none, none]
        }
        _ => {
            let (sum, difference) = (dc + (x[4] << BITS), dc - (x[4] << BITS));
            let (outer, inner) = rotate(x[2], x[6]);
            let even = [sum + outer, difference + inner, difference - inner, sum - outer];
            let odd = odd_part(x[1], x[3], x[5], x[7]);
            [
                even[0] + odd[0],
                even[1] + odd[1],
                even[2] + odd[2],
                even[3] + odd[3],
                even[3] - odd[3],
                even[2] - odd[2],
                even[1] - odd[1],
                even[0] - odd[0],
            ]
        }
    }
}

#[inline(always)]
fn odd_part(x1: Fixed, x3: Fixed, x5: Fixed, x7: Fixed) -> [Fixed; 4] {
    let all = (x7 + x3 + x5 + x1) * F_1_175875602;
    let z1 = (x7 + x1) * F_0_899976223;
    let z2 = (x5 + x3) * F_2_562915447;
    let z3 = all - (x7 + x3) * F_1_961570560;
    let z4 = all - (x5 + x1) * F_0_390180644;
    [
        x1 * F_1_501321110 - z1 + z4,
        x3 * F_3_072711026 - z2 + z3,
        x5 * F_2_053119869 - z2 + z4,
        x7 * F_0_298631336 - z1 + z3,
    ]
}
