//! The segment TRANSFORM of a thumbnail's address: what to make of a photo.
//!
//! ```text
//! TRANSFORM = SIZE *( "," WORD )       each group at most once, in any order
//! SIZE      = WxH | Wx | xH            decimal, from 1, no leading zero
//! WORD      = fit | fill | stretch     (fit)
//!           | r90 | r180 | r270        clockwise, after EXIF's orientation
//!           | q1 … q100                (q80)
//!           | jpg | png                (png if the photo has transparency, else jpg)
//!           | up                       may enlarge
//!           | exp UNIX-TIME | v 1*16( 0-9 a-z )
//! ```
//!
//! [`geometry`](super::geometry) computes sizes from it.

use core::fmt;

use crate::encoding::decimal;

/// The longest side in pixels: that of a JPEG (ITU T.81, B.2.2), and the limit of the setting
/// `max-size`.
pub const MAX_SIDE: u32 = 65_535;

/// A parsed transform.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Transform {
    /// The box.
    pub size: Size,
    /// How the photo fits into the box.
    pub method: Method,
    /// Quarter turns clockwise, 0 to 3, after EXIF's orientation is applied.
    pub turns: u8,
    /// JPEG quality, 1 to 100.
    pub quality: u8,
    /// The format, if requested; otherwise the photo decides.
    pub format: Option<Format>,
    /// `up`: a small photo may be enlarged.
    pub may_enlarge: bool,
    /// `exp`: the last second at which the address is valid, in Unix time.
    pub expires: Option<u64>,
    /// `v`: the address names a version of the photo.
    pub versioned: bool,
}

/// The box for a thumbnail, with sides of 1 to [`MAX_SIDE`] pixels.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Size {
    /// `WxH`.
    Both(u32, u32),
    /// `Wx`.
    Width(u32),
    /// `xH`.
    Height(u32),
}

/// How a photo fits into its box.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Method {
    /// Inside the box, with its aspect ratio.
    Fit,
    /// Covers the box, with its aspect ratio, cropped at the centre.
    Fill,
    /// Has the sides of the box.
    Stretch,
}

/// The format of a thumbnail.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
}

/// Why a text is not a transform; the messages explain each.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TransformError {
    Size,
    Word,
    Twice,
    OneSide,
}

impl Transform {
    /// Parses the segment of an address.
    ///
    /// # Errors
    ///
    /// The first [`TransformError`].
    pub fn parse(text: &[u8]) -> Result<Self, TransformError> {
        let mut words = text.split(|&byte| byte == b',');
        let size = Size::parse(words.next().unwrap_or_default()).ok_or(TransformError::Size)?;
        let (mut method, mut turns, mut quality, mut format) = (None, None, None, None);
        let (mut up, mut expires, mut version) = (None, None, None);
        for word in words {
            match word {
                b"fit" => once(&mut method, Method::Fit)?,
                b"fill" => once(&mut method, Method::Fill)?,
                b"stretch" => once(&mut method, Method::Stretch)?,
                b"r90" => once(&mut turns, 1)?,
                b"r180" => once(&mut turns, 2)?,
                b"r270" => once(&mut turns, 3)?,
                b"jpg" => once(&mut format, Format::Jpeg)?,
                b"png" => once(&mut format, Format::Png)?,
                b"up" => once(&mut up, ())?,
                [b'q', digits @ ..] => once(&mut quality, parse_quality(digits)?)?,
                [b'e', b'x', b'p', digits @ ..] => {
                    once(
                        &mut expires,
                        decimal::parse_canonical(digits).ok_or(TransformError::Word)?,
                    )?;
                }
                [b'v', name @ ..] if is_version(name) => once(&mut version, ())?,
                _ => return Err(TransformError::Word),
            }
        }
        let method = method.unwrap_or(Method::Fit);
        if method != Method::Fit && !matches!(size, Size::Both(..)) {
            return Err(TransformError::OneSide);
        }
        Ok(Self {
            size,
            method,
            turns: turns.unwrap_or(0),
            quality: quality.unwrap_or(Self::QUALITY),
            format,
            may_enlarge: up.is_some(),
            expires,
            versioned: version.is_some(),
        })
    }

    /// The canonical form: two transforms have the same bytes exactly if they make the same
    /// pixels of every photo. So it leaves out `exp`, `v`, and `q` if the format is PNG.
    pub(crate) fn canonical(&self) -> [u8; 6] {
        #[expect(clippy::cast_possible_truncation, reason = "no side is above MAX_SIDE")]
        let side = |side: u32| (side as u16).to_le_bytes();
        let (width, height) = match self.size {
            Size::Both(width, height) => (width, height),
            Size::Width(width) => (width, 0),
            Size::Height(height) => (0, height),
        };
        let [w1, w2] = side(width);
        let [h1, h2] = side(height);
        let quality = if self.format == Some(Format::Png) { 0 } else { self.quality };
        let format = self.format.map_or(0, |format| format as u8 + 1);
        let up = u8::from(self.may_enlarge);
        [w1, w2, h1, h2, quality, self.method as u8 | self.turns << 2 | format << 4 | up << 6]
    }

    /// The default quality, at which the JPEG of a photo has no artefacts visible at arm's
    /// length.
    const QUALITY: u8 = 80;
}

impl Size {
    fn parse(text: &[u8]) -> Option<Self> {
        let x = text.iter().position(|&byte| byte == b'x')?;
        match (&text[..x], &text[x + 1..]) {
            (b"", height) => Some(Self::Height(side(height)?)),
            (width, b"") => Some(Self::Width(side(width)?)),
            (width, height) => Some(Self::Both(side(width)?, side(height)?)),
        }
    }
}

fn side(digits: &[u8]) -> Option<u32> {
    let side = u32::try_from(decimal::parse_canonical(digits)?).ok()?;
    (1..=MAX_SIDE).contains(&side).then_some(side)
}

fn parse_quality(digits: &[u8]) -> Result<u8, TransformError> {
    match decimal::parse_canonical(digits).map(u8::try_from) {
        Some(Ok(quality @ 1..=100)) => Ok(quality),
        _ => Err(TransformError::Word),
    }
}

fn is_version(name: &[u8]) -> bool {
    (1..=16).contains(&name.len())
        && name.iter().all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
}

fn once<T>(group: &mut Option<T>, value: T) -> Result<(), TransformError> {
    if group.replace(value).is_some() { Err(TransformError::Twice) } else { Ok(()) }
}

impl TransformError {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Size => "a transform starts with WxH, Wx or xH, each side from 1 to 65535",
            Self::Word => {
                "the words of a transform are fit, fill, stretch, r90, r180, r270, q1 to q100, \
                jpg, png, up, exp and a time, v and 1 to 16 of 0-9a-z"
            }
            Self::Twice => "a transform has at most one word of each group",
            Self::OneSide => "fill and stretch need both sides, WxH",
        }
    }
}

impl fmt::Display for TransformError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Format, Method, Size, Transform, TransformError};
    use proptest::prelude::{prop_assert_eq, proptest};
    use std::vec::Vec;

    fn parse(text: &str) -> Result<Transform, TransformError> {
        Transform::parse(text.as_bytes())
    }

    #[test]
    fn parses_every_word() {
        let plain = Transform {
            size: Size::Both(320, 240),
            method: Method::Fit,
            turns: 0,
            quality: 80,
            format: None,
            may_enlarge: false,
            expires: None,
            versioned: false,
        };
        for (text, want) in [
            ("320x240", plain),
            ("320x240,fit", plain),
            ("320x", Transform { size: Size::Width(320), ..plain }),
            ("x240", Transform { size: Size::Height(240), ..plain }),
            ("1x65535", Transform { size: Size::Both(1, 65535), ..plain }),
            ("320x240,fill", Transform { method: Method::Fill, ..plain }),
            ("320x240,stretch", Transform { method: Method::Stretch, ..plain }),
            ("320x240,r90", Transform { turns: 1, ..plain }),
            ("320x240,r180", Transform { turns: 2, ..plain }),
            ("320x240,r270", Transform { turns: 3, ..plain }),
            ("320x240,q1", Transform { quality: 1, ..plain }),
            ("320x240,q100", Transform { quality: 100, ..plain }),
            ("320x240,jpg", Transform { format: Some(Format::Jpeg), ..plain }),
            ("320x240,png,q7", Transform { format: Some(Format::Png), quality: 7, ..plain }),
            ("320x240,up", Transform { may_enlarge: true, ..plain }),
            ("320x240,exp0", Transform { expires: Some(0), ..plain }),
            ("320x240,exp1700000000", Transform { expires: Some(1_700_000_000), ..plain }),
            ("320x240,v1", Transform { versioned: true, ..plain }),
            ("320x240,v0123456789abcdef", Transform { versioned: true, ..plain }),
            ("320x240,v1,up", Transform { versioned: true, may_enlarge: true, ..plain }),
            ("320x240,up,v1", Transform { versioned: true, may_enlarge: true, ..plain }),
        ] {
            assert_eq!(parse(text), Ok(want), "{text}");
        }
    }

    #[test]
    fn refuses_everything_else() {
        use TransformError::{OneSide, Size, Twice, Word};
        let size = [
            "",
            "x",
            "fill",
            "320",
            "0x",
            "x0",
            "0x0",
            "01x1",
            "1x01",
            "1x1x",
            "1x1x1",
            "-1x1",
            "+1x1",
            "1 x1",
            "1X1",
            "65536x1",
            "1x4294967297",
            "1x18446744073709551617",
            "fill,320x240",
            "１x1",
        ];
        let word = [
            "1x1,",
            "1x1,,up",
            "1x1,FILL",
            "1x1,r0",
            "1x1,r90 ",
            "1x1, r90",
            "1x1,r360",
            "1x1,q",
            "1x1,q0",
            "1x1,q01",
            "1x1,q101",
            "1x1,q256",
            "1x1,q-1",
            "1x1,jpeg",
            "1x1,gif",
            "1x1,exp",
            "1x1,exp-1",
            "1x1,exp01",
            "1x1,exp1.5",
            "1x1,exp18446744073709551616",
            "1x1,v",
            "1x1,vA",
            "1x1,v0123456789abcdefg",
            "1x1,v-",
            "1x1,vé",
            "1x1,up1",
            "1x1,x",
        ];
        let twice = [
            "1x1,fit,fit",
            "1x1,fit,fill",
            "1x1,r90,r180",
            "1x1,q80,q80",
            "1x1,jpg,png",
            "1x1,up,up",
            "1x1,exp1,exp2",
            "1x1,v1,v2",
        ];
        let one_side = ["1x,fill", "x1,fill", "1x,stretch", "x1,stretch"];
        assert_eq!(parse(",1x1"), Err(Size));
        let cases: [(&[&str], _); 4] =
            [(&size, Size), (&word, Word), (&twice, Twice), (&one_side, OneSide)];
        for (texts, want) in cases {
            for text in texts {
                assert_eq!(parse(text), Err(want), "{text}");
            }
        }
    }

    #[test]
    fn transforms_share_a_canonical_form_exactly_if_they_make_the_same_pixels() {
        let canonical = |text: &&str| parse(text).unwrap().canonical();
        let classes: [&[&str]; 14] = [
            &["320x240", "320x240,fit,q80,exp7,v1", "320x240,v2,fit"],
            &["240x320"],
            &["320x"],
            &["x320"],
            &["320x240,q79"],
            &["320x240,png", "320x240,q79,png"],
            &["320x240,jpg,q80", "320x240,jpg"],
            &["320x240,q79,jpg", "320x240,jpg,q79"],
            &["320x240,fill"],
            &["320x240,stretch"],
            &["320x240,r90"],
            &["320x240,r180"],
            &["320x240,r270"],
            &["320x240,up"],
        ];
        for (at, class) in classes.iter().enumerate() {
            let forms = class.iter().map(canonical);
            assert!(forms.clone().all(|form| form == canonical(&class[0])), "{class:?}");
            let others = classes[..at].iter().copied().flatten().map(canonical);
            assert!(others.clone().all(|other| other != canonical(&class[0])), "{class:?}");
        }
    }

    proptest! {
        #[test]
        fn words_may_come_in_any_order(
            text in "([0-9]{0,6}x[0-9]{0,6}|.{0,3})(,(fit|fill|stretch|r90|r180|r270|q[0-9]{1,3}|\
                jpg|png|up|exp[0-9]{0,22}|v[0-9a-z]{0,17}|.{0,3})){0,4}"
        ) {
            let Ok(read) = parse(&text) else { return Ok(()) };
            let mut words: Vec<&str> = text.split(',').collect();
            words[1..].reverse();
            prop_assert_eq!(parse(&words.join(",")), Ok(read));
        }
    }
}
