//! JPEG files written from coefficients and reoriented as `jpegtran` does: blocks are moved and
//! odd coefficients negated, without computing samples.
//!
//! The coefficients are random, so that every rounding occurs. All Huffman codes of a table have
//! the same length, which makes a symbol its own code (T.81, annexes B, C, F).

use std::iter;

use crate::orientation::exif;

/// MCUs across and down.
const MCUS: (usize, usize) = (4, 3);

/// How an image is stored.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kind {
    /// Luma samples per chroma sample, horizontally and vertically; `None` is grey.
    pub(crate) sampling: Option<(usize, usize)>,
    pub(crate) progressive: bool,
}

impl Kind {
    /// One image of whole MCUs as files with EXIF orientation 1 to 8.
    pub(crate) fn eight_files(self) -> [Vec<u8>; 8] {
        let upright = Image::random(self.sampling);
        // Transposing, then mirroring or flipping brings them upright.
        let stored = |transposed, mirrored, flipped, value| {
            let picture = upright.clone();
            let picture = if flipped { picture.map(Component::flipped) } else { picture };
            let picture = if mirrored { picture.map(Component::mirrored) } else { picture };
            let picture = if transposed { picture.map(Component::transposed) } else { picture };
            picture.write(self.progressive, value)
        };
        [
            stored(false, false, false, 1),
            stored(false, true, false, 2),
            stored(false, true, true, 3),
            stored(false, false, true, 4),
            stored(true, false, false, 5),
            stored(true, true, false, 6),
            stored(true, true, true, 7),
            stored(true, false, true, 8),
        ]
    }
}

/// A block's coefficients in natural order.
type Block = [i16; 64];

#[derive(Clone)]
struct Component {
    /// Blocks per MCU, horizontally and vertically.
    sampling: (usize, usize),
    /// Quantisation table in natural order.
    quanta: [u8; 64],
    /// Rows of blocks.
    rows: Vec<Vec<Block>>,
}

impl Component {
    fn mirrored(mut self) -> Self {
        self.rows.iter_mut().for_each(|row| row.reverse());
        self.negated(|column, _| column % 2 == 1)
    }

    fn flipped(mut self) -> Self {
        self.rows.reverse();
        self.negated(|_, row| row % 2 == 1)
    }

    fn negated(mut self, of: impl Fn(usize, usize) -> bool) -> Self {
        for (index, value) in
            self.rows.iter_mut().flatten().flat_map(|it| it.iter_mut().enumerate())
        {
            *value = if of(index % 8, index / 8) { -*value } else { *value };
        }
        self
    }

    fn transposed(self) -> Self {
        let block = |block: &Block| std::array::from_fn(|n| block[n % 8 * 8 + n / 8]);
        let column = |x: usize| self.rows.iter().map(|row| block(&row[x])).collect();
        Self {
            sampling: (self.sampling.1, self.sampling.0),
            quanta: std::array::from_fn(|n| self.quanta[n % 8 * 8 + n / 8]),
            rows: (0..self.rows[0].len()).map(column).collect(),
        }
    }
}

#[derive(Clone)]
struct Image(Vec<Component>);

impl Image {
    fn random(sampling: Option<(usize, usize)>) -> Self {
        let mut state = 1_u32;
        // From -limit to limit.
        let mut random = |limit: i16| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as i16 % (limit + 1)
        };
        let mut component = |(wide, high): (usize, usize)| {
            // Asymmetrical, so that a missing transposition shows.
            let quanta = std::array::from_fn(|n| (3 + n % 8 + n / 8 * 2) as u8);
            let mut block = || -> Block {
                let detail = random(3);
                std::array::from_fn(|n| match (n, detail) {
                    (0, _) => random(250),
                    // A flat block.
                    (_, 0) => 0,
                    // From gradients to samples out of range.
                    _ => random(60) / (1 + i16::from((n % 8 + n / 8) as u8) * (4 - detail.abs())),
                })
            };
            let rows =
                (0..MCUS.1 * high).map(|_| (0..MCUS.0 * wide).map(|_| block()).collect()).collect();
            Component { sampling: (wide, high), quanta, rows }
        };
        match sampling {
            None => Self(vec![component((1, 1))]),
            Some(sampling) => {
                Self([sampling, (1, 1), (1, 1)].into_iter().map(&mut component).collect())
            }
        }
    }

    fn map(self, transform: impl Fn(Component) -> Component) -> Self {
        Self(self.0.into_iter().map(transform).collect())
    }

    /// The file: baseline, or progressive by spectral selection.
    fn write(&self, progressive: bool, orientation: u8) -> Vec<u8> {
        let all = &self.0[..];
        let sides = [all[0].rows.len(), all[0].rows[0].len()].map(|blocks| 8 * blocks as u16);
        let mut file = vec![0xff, 0xd8];
        let mut segment = |marker, content: Vec<u8>| {
            file.extend([0xff, marker]);
            file.extend((content.len() as u16 + 2).to_be_bytes());
            file.extend(content);
        };
        segment(0xe1, [&b"Exif\0\0"[..], &exif(orientation)].concat());
        for (id, component) in (0..).zip(all) {
            segment(0xdb, iter::once(id).chain(zigzag().map(|n| component.quanta[n])).collect());
        }
        let [high, wide] = sides.map(u16::to_be_bytes);
        let mut frame = [&[8][..], &high, &wide, &[all.len() as u8]].concat();
        for (id, Component { sampling, .. }) in (0..).zip(all) {
            frame.extend([id, (sampling.0 << 4 | sampling.1) as u8, id]);
        }
        segment(if progressive { 0xc2 } else { 0xc0 }, frame);
        // 12 DC codes of 4 bits, 176 AC codes of 8 bits.
        let lengths =
            |bits: usize, codes: u8| (1..=16).map(move |n| if n == bits { codes } else { 0 });
        segment(0xc4, iter::once(0).chain(lengths(4, 12)).chain(0..12).collect());
        let symbols = (0..16).flat_map(|run| (0..11).map(move |size| run << 4 | size));
        segment(0xc4, iter::once(0x10).chain(lengths(8, 176)).chain(symbols).collect());
        let each = |first, last| (0..all.len()).map(move |id| (id..id + 1, first, last));
        let scans: Vec<_> = if progressive {
            let detail = each(1, 5).chain(each(6, 63));
            iter::once((0..all.len(), 0, 0)).chain(detail).collect()
        } else {
            vec![(0..all.len(), 0, 63)]
        };
        for (ids, first, last) in scans {
            let mut header = vec![ids.len() as u8];
            header.extend(ids.clone().flat_map(|id| [id as u8, 0]));
            header.extend([first as u8, last as u8, 0]);
            file.extend([0xff, 0xda]);
            file.extend((header.len() as u16 + 2).to_be_bytes());
            file.extend(header);
            file.extend(entropy(&all[ids], first, last));
        }
        file.extend([0xff, 0xd9]);
        file
    }
}

/// Natural indices in zigzag order: T.81, figure A.6.
fn zigzag() -> impl Iterator<Item = usize> {
    let mut order: Vec<usize> = (0..64).collect();
    order.sort_by_key(|n| {
        let (column, row) = (n % 8, n / 8);
        (column + row, if (column + row) % 2 == 1 { row } else { column })
    });
    order.into_iter()
}

/// Entropy-codes the coefficients from `first` to `last` in zigzag order.
fn entropy(components: &[Component], first: usize, last: usize) -> Vec<u8> {
    let order: Vec<usize> = zigzag().collect();
    let mut bits = Bits::default();
    let mut before = vec![0; components.len()];
    // A scan of one component is not interleaved.
    let is_single = components.len() == 1;
    let of = |it: &Component| if is_single { (1, 1) } else { it.sampling };
    let (wide, high) = of(&components[0]);
    for y in 0..components[0].rows.len() / high {
        for x in 0..components[0].rows[0].len() / wide {
            for (component, before) in components.iter().zip(&mut before) {
                let (wide, high) = of(component);
                for (y, x) in
                    (0..high).flat_map(|v| (0..wide).map(move |h| (y * high + v, x * wide + h)))
                {
                    let block = &component.rows[y][x];
                    if first == 0 {
                        bits.number(4, 0, i32::from(block[0]) - *before);
                        *before = i32::from(block[0]);
                    }
                    bits.run_lengths(order[first.max(1)..=last].iter().map(|&n| block[n].into()));
                }
            }
        }
    }
    bits.finish()
}

/// A bit writer.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    /// Bits that do not fill a byte yet.
    rest: u32,
    count: u32,
}

impl Bits {
    fn put(&mut self, count: u32, value: u32) {
        for bit in (0..count).rev() {
            self.rest = self.rest << 1 | (value >> bit & 1);
            self.count += 1;
            if self.count == 8 {
                self.bytes.push(self.rest as u8);
                // Byte stuffing.
                self.bytes.extend((self.rest == 0xff).then_some(0));
                (self.rest, self.count) = (0, 0);
            }
        }
    }

    /// A value after `run` zeros: T.81, F.1.2.1.1 and F.1.2.2.1.
    fn number(&mut self, code_length: u32, run: u32, value: i32) {
        let size = 32 - value.unsigned_abs().leading_zeros();
        self.put(code_length, run * 11 + size);
        let value = if value < 0 { value - 1 } else { value };
        self.put(size, value.cast_unsigned() & ((1 << size) - 1));
    }

    fn run_lengths(&mut self, values: impl Iterator<Item = i32>) {
        let mut run = 0;
        for value in values {
            if value == 0 {
                run += 1;
                continue;
            }
            while run > 15 {
                self.number(8, 15, 0);
                run -= 16;
            }
            self.number(8, run, value);
            run = 0;
        }
        if run > 0 {
            self.number(8, 0, 0);
        }
    }

    fn finish(mut self) -> Vec<u8> {
        self.put(7, 0x7f);
        self.bytes
    }
}
