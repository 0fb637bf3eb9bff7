//! Bounds check of a lossy image's partitions: RFC 6386, 9.2 to 9.5.
//!
//! Their count is coded in the first partition, their sizes stand between it and them. The
//! crate allocates up to 16 MiB for each before looking for its data, so this looks first.

/// Whether all partitions of a key frame lie within `data`, which excludes the frame's 10-byte
/// header. The first partition has `first` bytes.
pub(super) fn fit(data: &[u8], first: usize) -> bool {
    let Some((header, rest)) = data.split_at_checked(first) else { return false };
    let mut bits = Bits::new(header);
    bits.skip(2);
    if bits.flag() {
        // Segmentation: 9.3.
        let (map, values) = (bits.flag(), bits.flag());
        if values {
            bits.skip(1);
            bits.skip_optional(4, 8);
            bits.skip_optional(4, 7);
        }
        if map {
            bits.skip_optional(3, 8);
        }
    }
    bits.skip(1 + 6 + 3);
    if bits.flag() && bits.flag() {
        bits.skip_optional(8, 7);
    }
    let high = u32::from(bits.flag());
    let others = (1 << (2 * high + u32::from(bits.flag()))) - 1;
    let Some((sizes, rest)) = rest.split_at_checked(3 * others) else { return false };
    let (sizes, _) = sizes.as_chunks();
    let size = |&[low, middle, high]: &[u8; 3]| u32::from_le_bytes([low, middle, high, 0]);
    sizes.iter().map(|bytes| u64::from(size(bytes))).sum::<u64>() <= rest.len() as u64
}

/// The boolean decoder (RFC 6386, 7.3) at even probability. Past the end it reads zeros.
struct Bits<'a> {
    rest: &'a [u8],
    value: u32,
    range: u32,
    /// Bits shifted out of the low byte of `value`.
    shifted: u32,
}

impl<'a> Bits<'a> {
    fn new(data: &'a [u8]) -> Self {
        let mut this = Self { rest: data, value: 0, range: 255, shifted: 0 };
        this.value = this.byte() << 8;
        this.value |= this.byte();
        this
    }

    fn byte(&mut self) -> u32 {
        let Some((&first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        first.into()
    }

    fn flag(&mut self) -> bool {
        let split = 1 + ((self.range - 1) >> 1);
        let set = self.value >= split << 8;
        if set {
            self.range -= split;
            self.value -= split << 8;
        } else {
            self.range = split;
        }
        while self.range < 128 {
            self.range <<= 1;
            self.value <<= 1;
            self.shifted += 1;
            if self.shifted == 8 {
                self.shifted = 0;
                self.value |= self.byte();
            }
        }
        set
    }

    fn skip(&mut self, count: u32) {
        for _ in 0..count {
            self.flag();
        }
    }

    /// Skips `count` values of `bits` bits, each preceded by a presence flag.
    fn skip_optional(&mut self, count: u32, bits: u32) {
        for _ in 0..count {
            if self.flag() {
                self.skip(bits);
            }
        }
    }
}
