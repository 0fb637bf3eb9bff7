//! Rotating and mirroring.

/// One of the eight orientations: transposed or not, then mirrored.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Orientation {
    /// Rows become columns, first.
    pub transposed: bool,
    /// Left becomes right.
    pub mirrored: bool,
    /// Top becomes bottom.
    pub flipped: bool,
}

impl Orientation {
    /// What EXIF's orientation 1 to 8 asks for (CIPA DC-008, 4.6.4): where the stored
    /// picture's first row and first column are to be seen.
    #[must_use]
    pub const fn from_exif(value: u8) -> Self {
        let (transposed, mirrored, flipped) = match value {
            2 => (false, true, false),
            3 => (false, true, true),
            4 => (false, false, true),
            5 => (true, false, false),
            6 => (true, true, false),
            7 => (true, true, true),
            8 => (true, false, true),
            _ => (false, false, false),
        };
        Self { transposed, mirrored, flipped }
    }

    /// Then turned clockwise by so many quarters.
    #[must_use]
    pub const fn turned(self, quarters: u8) -> Self {
        let mut this = self;
        let mut left = quarters % 4;
        while left > 0 {
            this = Self {
                transposed: !this.transposed,
                mirrored: !this.flipped,
                flipped: this.mirrored,
            };
            left -= 1;
        }
        this
    }

    /// The two sides as they are shown, from those that are stored; and the other way round.
    #[must_use]
    pub fn apply<T>(self, width: T, height: T) -> (T, T) {
        if self.transposed { (height, width) } else { (width, height) }
    }

    /// Whether rows become columns.
    pub(crate) const fn transposes(self) -> bool {
        self.transposed
    }

    /// Whether left and right, top and bottom, change places, as the picture is shown.
    pub(crate) const fn mirrors(self) -> (bool, bool) {
        (self.mirrored, self.flipped)
    }

    /// Whether the picture is shown as it is stored.
    #[must_use]
    pub fn is_upright(self) -> bool {
        self == Self::default()
    }
}
