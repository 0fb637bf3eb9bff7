//! A thumbnail's size, and the part of the photo it shows.
//!
//! Integers only: small boards have no FPU, and every machine must compute the same sizes. All
//! sides are those of the picture as shown: upright by its EXIF orientation, then rotated by the
//! transform.

use crate::thumbs::address::transform::{Method, Size, Transform};

/// A thumbnail's size, and the crop it shows.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Geometry {
    /// The part of the picture shown.
    pub crop: Crop,
    /// Width of the thumbnail in pixels.
    pub width: u32,
    /// Height of the thumbnail in pixels.
    pub height: u32,
}

/// The central part of the picture, in units of 1/[`Crop::PIXEL`] pixel.
///
/// Whole pixels if the scale is 1, so that nothing is blurred; otherwise rounded to the nearest
/// unit, which no 8-bit filter can tell from exact.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Crop {
    /// Distance from the picture's left edge.
    pub left: u64,
    /// Distance from the picture's top edge.
    pub top: u64,
    /// Not 0.
    pub width: u64,
    /// Not 0.
    pub height: u64,
}

impl Crop {
    /// Units per pixel.
    pub const PIXEL: u64 = 1 << 16;
}

/// A side of the thumbnail, requested or computed, exceeds the setting `max-size`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct SizeError;

/// Checks the requested sides against `max_size` in pixels, before the photo is known.
pub fn check_asked(transform: &Transform, max_size: u32) -> Result<(), SizeError> {
    let (Size::Both(side, _) | Size::Width(side) | Size::Height(side)) = transform.size;
    let other = if let Size::Both(_, height) = transform.size { height } else { 1 };
    within(side.max(other), max_size)
}

/// The geometry for an upright photo of `width` x `height` pixels, before the transform rotates
/// it. Neither side may be 0.
///
/// # Errors
///
/// [`SizeError`].
pub fn geometry(
    transform: &Transform,
    (width, height): (u32, u32),
    max_size: u32,
) -> Result<Geometry, SizeError> {
    check_asked(transform, max_size)?;
    let picture = if transform.turns.is_multiple_of(2) { (width, height) } else { (height, width) };
    let picture = (picture.0.max(1), picture.1.max(1));
    let geometry = match (transform.method, transform.size) {
        (Method::Fill, Size::Both(width, height)) => fill(transform, picture, (width, height)),
        (Method::Stretch, Size::Both(width, height)) => {
            let (width, height) = clamped(transform, picture, (width, height));
            Geometry { crop: whole(picture), width, height }
        }
        (_, size) => fit(transform, picture, size).ok_or(SizeError)?,
    };
    within(geometry.width.max(geometry.height), max_size)?;
    Ok(geometry)
}

fn within(side: u32, max_size: u32) -> Result<(), SizeError> {
    if side <= max_size { Ok(()) } else { Err(SizeError) }
}

/// One scale for both sides, the smaller one if the box has both. `None` if a side overflows.
fn fit(transform: &Transform, picture: (u32, u32), size: Size) -> Option<Geometry> {
    let (width, height) = picture;
    let scale = match size {
        Size::Width(to) => Scale { to, from: width },
        Size::Height(to) => Scale { to, from: height },
        Size::Both(w, h) => Scale { to: w, from: width }.min(Scale { to: h, from: height }),
    };
    let scale = if transform.may_enlarge { scale } else { scale.min(Scale::ONE) };
    let (width, height) = (scale.of(width)?, scale.of(height)?);
    Some(Geometry { crop: whole(picture), width, height })
}

/// One scale for both sides, the larger one; what exceeds the box is cropped.
fn fill(transform: &Transform, picture: (u32, u32), size: (u32, u32)) -> Geometry {
    let scale = Scale { to: size.0, from: picture.0 }.max(Scale { to: size.1, from: picture.1 });
    let scale = if transform.may_enlarge { scale } else { scale.min(Scale::ONE) };
    let (width, height) = clamped(transform, picture, size);
    let (across, down) = (scale.unscaled(width), scale.unscaled(height));
    let margin = |side: u32, part: u64| {
        let margin = (u64::from(side) * Crop::PIXEL).saturating_sub(part) / 2;
        if scale.is_one() { margin / Crop::PIXEL * Crop::PIXEL } else { margin }
    };
    let (left, top) = (margin(picture.0, across), margin(picture.1, down));
    Geometry { crop: Crop { left, top, width: across, height: down }, width, height }
}

/// The box; without `up` no side exceeds the picture's.
fn clamped(transform: &Transform, picture: (u32, u32), size: (u32, u32)) -> (u32, u32) {
    if transform.may_enlarge { size } else { (size.0.min(picture.0), size.1.min(picture.1)) }
}

fn whole((width, height): (u32, u32)) -> Crop {
    let (width, height) = (u64::from(width) * Crop::PIXEL, u64::from(height) * Crop::PIXEL);
    Crop { left: 0, top: 0, width, height }
}

/// The fraction `to / from` that sides are multiplied by.
#[derive(Clone, Copy)]
struct Scale {
    /// At most [`crate::thumbs::address::transform::MAX_SIDE`], so that products do not overflow.
    to: u32,
    /// Not 0.
    from: u32,
}

impl Scale {
    const ONE: Self = Self { to: 1, from: 1 };

    /// `a/b <= c/d` if and only if `a d <= c b`; the products have 48 bits.
    const fn at_most(self, other: Self) -> bool {
        self.to as u64 * other.from as u64 <= other.to as u64 * self.from as u64
    }

    const fn min(self, other: Self) -> Self {
        if self.at_most(other) { self } else { other }
    }

    const fn max(self, other: Self) -> Self {
        if self.at_most(other) { other } else { self }
    }

    const fn is_one(self) -> bool {
        self.to == self.from
    }

    /// A side of the picture scaled to the nearest pixel, half up, at least 1.
    fn of(self, side: u32) -> Option<u32> {
        let (to, from) = (u64::from(self.to), u64::from(self.from));
        let scaled = (2 * u64::from(side) * to + from) / (2 * from);
        u32::try_from(scaled.max(1)).ok()
    }

    /// How much of the picture scales to `side` pixels, in units of a [`Crop`], rounded. The
    /// product has 64 bits.
    fn unscaled(self, side: u32) -> u64 {
        let (to, from) = (u64::from(self.to), u64::from(self.from));
        let units = u64::from(side) * Crop::PIXEL * from;
        units / to + u64::from(units % to * 2 >= to)
    }
}

#[cfg(test)]
mod tests {
    use super::{Crop, Geometry, SizeError, check_asked, geometry};
    use crate::thumbs::address::transform::Transform;
    use proptest::prelude::{prop_assert, prop_assert_eq, proptest};
    use std::format;

    fn of(text: &str, picture: (u32, u32), max_size: u32) -> Result<Geometry, SizeError> {
        geometry(&Transform::parse(text.as_bytes()).unwrap(), picture, max_size)
    }

    #[track_caller]
    fn size(text: &str, picture: (u32, u32), want: (u32, u32)) {
        let got = of(text, picture, 2048).unwrap();
        assert_eq!((got.width, got.height), want, "{text} of {picture:?}");
    }

    /// Crop in pixels, as (left, top, width, height).
    #[track_caller]
    fn crop(text: &str, picture: (u32, u32), want: (f64, f64, f64, f64)) {
        let Crop { left, top, width, height } = of(text, picture, 2048).unwrap().crop;
        for (got, want) in [(left, want.0), (top, want.1), (width, want.2), (height, want.3)] {
            let got = f64::from(u32::try_from(got).unwrap()) / 65536.0;
            assert!((got - want).abs() < 1.0 / 65536.0, "{text} of {picture:?}: {got} {want}");
        }
    }

    #[test]
    fn fit_keeps_the_aspect_ratio_inside_the_box() {
        size("320x240", (640, 480), (320, 240));
        size("320x240", (4032, 3024), (320, 240));
        size("200x200", (4032, 3024), (200, 150));
        size("200x200", (3024, 4032), (150, 200));
        size("200x", (4032, 3024), (200, 150));
        size("x150", (4032, 3024), (200, 150));
        // 4 * 5 / 8 = 2.5 and 100 * 333 / 1000 = 33.3.
        size("5x", (8, 4), (5, 3));
        size("100x", (1000, 333), (100, 33));
        // 3 * 10 / 20 = 1.5, 1 * 10 / 20 = 0.5 and 1 * 10 / 30 = 0.33.
        size("10x10", (20, 3), (10, 2));
        size("10x10", (20, 1), (10, 1));
        size("10x10", (30, 1), (10, 1));
        size("1x1", (65535, 65535), (1, 1));
        size("10x10", (4_000_000_000, 4_000_000_000), (10, 10));
    }

    #[test]
    fn nothing_is_enlarged_without_up() {
        size("320x240", (64, 48), (64, 48));
        size("320x", (64, 48), (64, 48));
        size("320x240,up", (64, 48), (320, 240));
        size("x96,up", (64, 48), (128, 96));
        size("320x240,fill", (64, 48), (64, 48));
        size("320x40,fill", (64, 48), (64, 40));
        size("32x400,fill", (64, 48), (32, 48));
        size("320x240,fill,up", (64, 48), (320, 240));
        size("320x24,stretch", (64, 48), (64, 24));
        size("32x240,stretch", (64, 48), (32, 48));
        size("320x24,stretch,up", (64, 48), (320, 24));
    }

    #[test]
    fn the_box_applies_to_the_picture_as_shown() {
        size("200x200,r90", (4032, 3024), (150, 200));
        size("200x200,r180", (4032, 3024), (200, 150));
        size("200x,r270", (4032, 3024), (200, 267));
        size("320x40,fill,r90", (48, 64), (64, 40));
        crop("100x100,fill,r90", (200, 100), (0.0, 50.0, 100.0, 100.0));
    }

    #[test]
    fn fill_crops_to_the_centre() {
        crop("200x200,fill", (640, 480), (80.0, 0.0, 480.0, 480.0));
        crop("320x240,fill", (480, 640), (0.0, 140.0, 480.0, 360.0));
        crop("3x2,fill", (100, 100), (0.0, 16.666_667, 100.0, 66.666_667));
        crop("10x20,fill,up", (9, 9), (2.25, 0.0, 4.5, 9.0));
        // At scale 1 the margin is rounded down to whole pixels.
        crop("100x100,fill", (103, 100), (1.0, 0.0, 100.0, 100.0));
        crop("400x100,fill", (201, 203), (0.0, 51.0, 201.0, 100.0));
        crop("320x240", (640, 400), (0.0, 0.0, 640.0, 400.0));
        crop("32x24,stretch", (640, 400), (0.0, 0.0, 640.0, 400.0));
    }

    #[test]
    fn no_side_requested_or_computed_exceeds_the_limit() {
        let refused = [
            ("201x1", (9, 9)),
            ("1x201", (9, 9)),
            ("201x", (9, 9)),
            ("x201", (9, 9)),
            ("x1", (402, 1)),
            ("1x,up", (1, 201)),
            ("x200", (1000, 10)),
            ("65535x,up", (1, 4_000_000_000)),
        ];
        for (text, picture) in refused {
            assert_eq!(of(text, picture, 200), Err(SizeError), "{text} of {picture:?}");
        }
        size("x1", (2048, 1), (2048, 1));
        let asked = |text: &str| check_asked(&Transform::parse(text.as_bytes()).unwrap(), 200);
        assert_eq!((asked("200x200"), asked("x201")), (Ok(()), Err(SizeError)));
    }

    proptest! {
        #[test]
        fn agrees_with_floating_point(
            (w, h) in (1..70_000_u32, 1..70_000_u32), (bw, bh) in (1..65_536_u32, 1..65_536_u32),
            up: bool,
        ) {
            let up = if up { ",up" } else { "" };
            let (fw, fh, fbw, fbh) = (f64::from(w), f64::from(h), f64::from(bw), f64::from(bh));
            let one = if up.is_empty() { 1.0 } else { f64::INFINITY };

            let fit = of(&format!("{bw}x{bh}{up}"), (w, h), 65_535).unwrap();
            let scale = (fbw / fw).min(fbh / fh).min(one);
            prop_assert!((f64::from(fit.width) - (fw * scale).max(1.0)).abs() <= 0.500_001);
            prop_assert!((f64::from(fit.height) - (fh * scale).max(1.0)).abs() <= 0.500_001);
            prop_assert!(fit.width <= bw && fit.height <= bh);

            let fill = of(&format!("{bw}x{bh},fill{up}"), (w, h), 65_535).unwrap();
            let scale = (fbw / fw).max(fbh / fh).min(one);
            let sides = if up.is_empty() { (bw.min(w), bh.min(h)) } else { (bw, bh) };
            prop_assert_eq!((fill.width, fill.height), sides);
            #[expect(clippy::cast_precision_loss, reason = "48 bits fit a double's 53")]
            let pixels = |units: u64| units as f64 / 65536.0;
            prop_assert!((pixels(fill.crop.width) - f64::from(fill.width) / scale).abs() < 1e-4);
            prop_assert!((pixels(fill.crop.height) - f64::from(fill.height) / scale).abs() < 1e-4);
            let right = fw - pixels(fill.crop.left + fill.crop.width);
            let bottom = fh - pixels(fill.crop.top + fill.crop.height);
            prop_assert!(right >= 0.0 && bottom >= 0.0, "inside the picture");
            prop_assert!((right - pixels(fill.crop.left)).abs() <= 1.0);
            prop_assert!((bottom - pixels(fill.crop.top)).abs() <= 1.0);
        }

        #[test]
        fn never_overflows(w: u32, h: u32, bw in 1..65_536_u32, bh in 1..65_536_u32) {
            for word in ["", ",up", ",fill", ",fill,up", ",stretch", ",stretch,r90"] {
                let _ = of(&format!("{bw}x{bh}{word}"), (w, h), 65_535);
            }
            let _ = of(&format!("{bw}x,up"), (w, h), 65_535);
            let _ = of(&format!("x{bh},up"), (w, h), 65_535);
        }
    }
}
