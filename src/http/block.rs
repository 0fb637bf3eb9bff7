//! The header block of a representation, composed once: by the packer for an asset, for a
//! thumbnail when it is sent.

/// A header block, laid out so that every reply takes one run of it:
///
/// ```text
/// Status: 200 OK⏎            0 .. fields
/// ETag, Last-Modified, …⏎    fields .. vary        304: fields .. content
/// Vary⏎                      vary .. content       an error page: vary ..
/// Content-Type, …-Encoding⏎  content .. length     206: fields .. length
/// Content-Length⏎⏎           length ..             200: all
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Block<'a> {
    /// INVARIANT: `fields <= vary <= content <= length <= text.len()`.
    text: &'a [u8],
    fields: usize,
    vary: usize,
    content: usize,
    length: usize,
}

impl<'a> Block<'a> {
    /// `text` with the offsets of the fields, of `Vary`, of the fields that describe the body, and
    /// of `Content-Length`; `None` if they are not in this order.
    pub fn new(text: &'a [u8], [fields, vary, content, length]: [usize; 4]) -> Option<Self> {
        let ordered = fields <= vary && vary <= content && content <= length;
        (ordered && length <= text.len()).then_some(Self { text, fields, vary, content, length })
    }

    #[cfg(test)]
    pub(crate) const fn offsets(&self) -> [usize; 4] {
        [self.fields, self.vary, self.content, self.length]
    }

    pub const fn ok(&self) -> &'a [u8] {
        self.text
    }

    /// The fields of a 304.
    pub fn not_modified(&self) -> &'a [u8] {
        &self.text[self.fields..self.content]
    }

    /// The fields of a 206, up to `Content-Length`.
    pub fn partial(&self) -> &'a [u8] {
        &self.text[self.fields..self.length]
    }

    /// The fields of an error page, and the end of the header.
    pub fn error(&self) -> &'a [u8] {
        &self.text[self.vary..]
    }
}

/// Composes the block of a representation that is made on request.
pub struct Composer {
    text: [u8; Self::MAX_LEN],
    len: usize,
    /// See [`Block::new`].
    offsets: [usize; 4],
}

impl Composer {
    /// More than any block has that isn't packed.
    const MAX_LEN: usize = 320;

    pub const fn empty() -> Self {
        Self { text: [0; Self::MAX_LEN], len: 0, offsets: [0; 4] }
    }

    /// Composes a block of the fields of a 304 in `fields`, those that describe the body in
    /// `content`, and `Content-Length` with its line's end and the empty line in `length`.
    ///
    /// In place, since a copy would take a thumbnail's stack to the next page. Panics above
    /// [`MAX_LEN`](Self::MAX_LEN).
    #[cold]
    pub fn compose(
        &mut self,
        status: &[u8],
        fields: &[&[u8]],
        content: &[&[u8]],
        length: &[&[u8]],
    ) {
        self.push(&[status]);
        self.offsets[0] = self.len;
        self.push(fields);
        self.offsets[1] = self.len;
        self.offsets[2] = self.len;
        self.push(content);
        self.offsets[3] = self.len;
        self.push(length);
    }

    pub fn block(&self) -> Block<'_> {
        let [fields, vary, content, length] = self.offsets;
        Block { text: &self.text[..self.len], fields, vary, content, length }
    }

    #[cold]
    fn push(&mut self, pieces: &[&[u8]]) {
        for piece in pieces {
            self.text[self.len..][..piece.len()].copy_from_slice(piece);
            self.len += piece.len();
        }
    }
}
