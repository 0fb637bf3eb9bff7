//! The few bytes in an executable that describe its site. They have a section of their own,
//! `.picosite`, where attaching another site replaces them.
//!
//! | bytes | |
//! | --- | --- |
//! | 0..16 | [`MAGIC`] |
//! | 16..24 | the site's offset in the file; 0: in the section `.site` |
//! | 24..32 | its length in bytes |
//! | 32..40 | bits: [`Traits`] |
//! | 40..72 | its SHA-256 |
//!
//! Numbers are 64-bit little-endian on every machine.
//!
//! An executable that reads its own file also has [`Tables`], in the section `.tables`.

/// Identifies the layout of this section, and that there are [`Tables`]: a version that does
/// not know them would not update them.
pub const MAGIC: [u8; 16] = *b"picosite site 3\0";

/// Which site an executable carries.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Descriptor {
    /// Where the site is.
    pub place: Place,
    /// Its length in bytes.
    pub len: u64,
    /// Facts that save a request a look-up.
    pub traits: Traits,
    /// SHA-256 of its bytes.
    pub digest: [u8; 32],
}

/// Facts about a site that are known without reading it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[expect(clippy::struct_excessive_bools, reason = "independent bits")]
pub struct Traits {
    /// Bit 0: every request has to read the first record. It says that the site is in
    /// another file, or that this is not a site.
    pub special: bool,
    /// Bit 1: it has settings, in `_picosite`.
    pub settings: bool,
    /// Bit 2: it may have rules that take precedence over thumbnails and gallery pages.
    pub rules: bool,
    /// Bit 3: neither an address nor a rule takes precedence over a thumbnail.
    pub thumbnails_first: bool,
}

impl Traits {
    /// Those of an unknown site.
    pub const UNKNOWN: Self =
        Self { special: true, settings: true, rules: true, thumbnails_first: false };

    const fn from_bits(bits: u64) -> Self {
        Self {
            special: bits & 1 != 0,
            settings: bits & 2 != 0,
            rules: bits & 4 != 0,
            thumbnails_first: bits & 8 != 0,
        }
    }

    fn to_bits(self) -> u64 {
        let bit = |is_set, bit| u64::from(is_set) << bit;
        bit(self.special, 0)
            | bit(self.settings, 1)
            | bit(self.rules, 2)
            | bit(self.thumbnails_first, 3)
    }
}

/// Where in its executable a site is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Place {
    /// In the section `.site`, which the kernel maps along with the program.
    Section,
    /// At this offset of the file, after everything that the kernel maps.
    Behind(u64),
}

impl Descriptor {
    /// Length in bytes.
    pub const BYTES: usize = 72;

    /// Reads a descriptor; `None` if the bytes are something else.
    ///
    /// [`MAGIC`] is compared as one number: that takes neither `memcmp` nor a constant on
    /// another page.
    #[must_use]
    #[expect(clippy::inline_always, reason = "out of line it copies the checksum each time")]
    #[inline(always)]
    pub fn from_bytes(bytes: &[u8; Self::BYTES]) -> Option<Self> {
        let (mark, rest) = bytes.split_first_chunk()?;
        if u128::from_le_bytes(*mark) != u128::from_le_bytes(MAGIC) {
            return None;
        }
        let (offset, rest) = rest.split_first_chunk()?;
        let (len, rest) = rest.split_first_chunk()?;
        let (traits, digest) = rest.split_first_chunk()?;
        let place = match u64::from_le_bytes(*offset) {
            0 => Place::Section,
            offset => Place::Behind(offset),
        };
        Some(Self {
            place,
            len: u64::from_le_bytes(*len),
            traits: Traits::from_bits(u64::from_le_bytes(*traits)),
            digest: digest.try_into().ok()?,
        })
    }

    /// The bytes of the section.
    #[must_use]
    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        let offset = match self.place {
            Place::Section => 0,
            Place::Behind(offset) => offset,
        };
        let mut bytes = [0; Self::BYTES];
        bytes[..16].copy_from_slice(&MAGIC);
        bytes[16..24].copy_from_slice(&offset.to_le_bytes());
        bytes[24..32].copy_from_slice(&self.len.to_le_bytes());
        bytes[32..40].copy_from_slice(&self.traits.to_bits().to_le_bytes());
        bytes[40..].copy_from_slice(&self.digest);
        bytes
    }
}

/// The offset of each hash table of the site's cdb. The cdb's first 2,048 bytes have it, too;
/// here it is near the code, and a look-up takes a read less.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[repr(C, align(4))]
pub struct Tables([[u8; 4]; Self::COUNT]);

impl Tables {
    /// Number of a cdb's hash tables.
    const COUNT: usize = 256;

    /// Length in bytes: for each table an offset, 32-bit little-endian.
    pub const BYTES: usize = 4 * Self::COUNT;

    /// Those of an unknown cdb.
    pub const UNKNOWN: Self = Self([[0; 4]; Self::COUNT]);

    /// Those of a cdb of `len` bytes that starts with `header`. Unknown unless they are
    /// contiguous and end the file, as every cdb writer leaves them.
    #[must_use]
    pub fn new(header: &[u8; 8 * Self::COUNT], len: u64) -> Self {
        let mut tables = Self::UNKNOWN;
        let mut end = None;
        let (pairs, _) = header.as_chunks::<8>();
        for (table, pair) in tables.0.iter_mut().zip(pairs) {
            let pair = u64::from_le_bytes(*pair);
            let (start, slots) = (pair & 0xffff_ffff, pair >> 32);
            if end.is_some_and(|end| end != start) {
                return Self::UNKNOWN;
            }
            end = Some(start + 8 * slots);
            table.copy_from_slice(&pair.to_le_bytes()[..4]);
        }
        if end == Some(len) { tables } else { Self::UNKNOWN }
    }

    /// Reads the bytes of the section.
    #[must_use]
    pub const fn from_bytes(bytes: &[u8; Self::BYTES]) -> Self {
        let (tables, _) = bytes.as_chunks();
        match tables.first_chunk() {
            Some(tables) => Self(*tables),
            None => Self::UNKNOWN,
        }
    }

    /// The bytes of the section.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8] {
        self.0.as_flattened()
    }

    /// The offset of the table for a hash, and its number of slots, in a cdb of `len` bytes.
    #[must_use]
    pub fn find(&self, hash: u32, len: usize) -> Option<(u32, u32)> {
        let from = (hash & 0xff) as usize;
        let start = u32::from_le_bytes(self.0[from]);
        let end = match self.0.get(from + 1) {
            Some(next) => u32::from_le_bytes(*next),
            None => u32::try_from(len).ok()?,
        };
        if start == 0 { None } else { Some((start, end.checked_sub(start)? / 8)) }
    }
}

#[cfg(test)]
mod tests {
    use super::{Descriptor, Place, Tables, Traits};

    #[test]
    fn tables_that_are_not_contiguous_are_unknown() {
        let mut header = [0; 2048];
        let mut end = 3000;
        for (n, pair) in (0..).zip(header.as_chunks_mut().0) {
            let slots = n % 5;
            *pair = (u64::from(end) | u64::from(slots) << 32).to_le_bytes();
            end += 8 * slots;
        }
        let len = end as usize;
        let tables = Tables::new(&header, end.into());
        assert_eq!(tables.find(0xff00, len), Some((3000, 0)));
        assert_eq!(tables.find(0x1204, len), Some((3000 + 8 * 6, 4)));
        assert_eq!(tables.find(0xff, len), Some((end, 0)));
        assert_eq!(Tables::from_bytes(tables.as_bytes().try_into().unwrap()), tables);
        assert_eq!(Tables::new(&header, u64::from(end) + 1), Tables::UNKNOWN);
        for n in 0..256 {
            header[8 * n] += 1;
            assert_eq!(Tables::new(&header, end.into()), Tables::UNKNOWN);
            header[8 * n] -= 1;
        }
        assert_eq!(Tables::UNKNOWN.find(7, 4000), None);
    }

    #[test]
    fn descriptors_survive_a_round_trip() {
        for (place, bits) in
            [(Place::Section, 0), (Place::Behind(1 << 40), 5), (Place::Section, 10)]
        {
            let traits = Traits::from_bits(bits);
            let descriptor = Descriptor { place, len: 7, traits, digest: [9; 32] };
            let mut bytes = descriptor.to_bytes();
            assert_eq!(Descriptor::from_bytes(&bytes), Some(descriptor));
            bytes[0] ^= 1;
            assert_eq!(Descriptor::from_bytes(&bytes), None);
        }
    }
}
