//! Colour conversion: the equations of JFIF in 16-bit fixed point, rounded as in libjpeg.

use crate::jpeg::header::Colour;

/// Makes a row of pixels of a row of each component. Ink comes out as Adobe stores it, 255
/// for none; `inverted` says that it is stored so.
pub(super) fn convert(colour: Colour, inverted: bool, rows: [&[u8]; 4], out: &mut [u8]) {
    let [first, second, third, fourth] = rows;
    match colour {
        Colour::Grey => out.copy_from_slice(&first[..out.len()]),
        Colour::Rgb => {
            let (pixels, _) = out.as_chunks_mut();
            let rows = first.iter().zip(second).zip(third);
            for (pixel, ((&a, &b), &c)) in pixels.iter_mut().zip(rows) {
                *pixel = [a, b, c];
            }
        }
        Colour::YCbCr => {
            let rows = first.iter().zip(second).zip(third);
            for (pixel, ((&y, &cb), &cr)) in out.chunks_exact_mut(3).zip(rows) {
                pixel.copy_from_slice(&to_rgb(y, cb, cr));
            }
        }
        Colour::Cmyk | Colour::Ycck => {
            let rows = first.iter().zip(second).zip(third).zip(fourth);
            for (pixel, (((&a, &b), &c), &black)) in out.chunks_exact_mut(4).zip(rows) {
                let [cyan, magenta, yellow] = match colour {
                    Colour::Ycck => to_rgb(a, b, c).map(|ink| 255 - ink),
                    _ => [a, b, c],
                };
                let inks = [cyan, magenta, yellow, black];
                pixel.copy_from_slice(&if inverted { inks } else { inks.map(|ink| 255 - ink) });
            }
        }
    }
}

/// Converts a [`Pixels::Cmyk`](super::Pixels::Cmyk) pixel to RGB, without a colour profile.
#[must_use]
pub fn cmyk_to_rgb([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    [cyan, magenta, yellow].map(|ink| ((u32::from(ink) * u32::from(black) + 127) / 255) as u8)
}

#[inline(always)]
fn to_rgb(y: u8, cb: u8, cr: u8) -> [u8; 3] {
    const HALF: i32 = 1 << 15;
    let (y, cb, cr) = (i32::from(y), i32::from(cb) - 128, i32::from(cr) - 128);
    let red = y + ((91_881 * cr + HALF) >> 16);
    let green = y + ((-22_554 * cb - 46_802 * cr + HALF) >> 16);
    let blue = y + ((116_130 * cb + HALF) >> 16);
    // One test instead of six: few colours are out of range.
    if (red | green | blue) & !0xff == 0 {
        return [red as u8, green as u8, blue as u8];
    }
    clamp([red, green, blue])
}

#[cold]
#[inline(never)]
fn clamp(values: [i32; 3]) -> [u8; 3] {
    values.map(|value| value.clamp(0, 255) as u8)
}
