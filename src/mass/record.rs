//! Rows of a table as bytes: what partitions hold in memory and on disk.
//!
//! ```text
//! key length u16, allele length u8, flags u8, order u64, y f64, v f64, n f64, key, alleles   (little-endian)
//! ```
//! `order` is the place of the row in the input: file in the upper 20 bits, row below.

/// What separates the parts of a key of several columns.
pub(super) const JOINT: u8 = 0x1F;

/// Bits of the order that count rows.
const ROW_BITS: u32 = 44;

/// A row of a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    pub order: u64,
    pub y: f64,
    pub v: f64,
    pub n: f64,
    /// Why the row cannot be pooled, as bits of notes; 0 if it can.
    pub unusable: u16,
    pub key: &'a [u8],
    pub alleles: &'a [u8],
}

/// The order of a row of a file.
pub(super) fn order(file: usize, row: u64) -> u64 {
    ((file as u64) << ROW_BITS) | (row & ((1 << ROW_BITS) - 1))
}

/// The file of an order.
pub(super) fn file_of(order: u64) -> usize {
    (order >> ROW_BITS) as usize
}

const HEAD: usize = 2 + 1 + 1 + 8 + 24;

impl<'a> Record<'a> {
    /// Appends its bytes.
    pub fn write(&self, to: &mut Vec<u8>) {
        to.extend_from_slice(&(self.key.len() as u16).to_le_bytes());
        to.push(self.alleles.len() as u8);
        to.push(self.unusable as u8);
        to.extend_from_slice(&self.order.to_le_bytes());
        for x in [self.y, self.v, self.n] {
            to.extend_from_slice(&x.to_le_bytes());
        }
        to.extend_from_slice(self.key);
        to.extend_from_slice(self.alleles);
    }

    /// Takes the first record off some bytes; `None` where they end or are cut off.
    pub fn read(bytes: &mut &'a [u8]) -> Option<Self> {
        let head = bytes.get(..HEAD)?;
        let word = |at: usize| -> [u8; 8] { head[at..at + 8].try_into().unwrap_or_default() };
        let key = usize::from(u16::from_le_bytes([head[0], head[1]]));
        let alleles = usize::from(head[2]);
        let rest = bytes.get(HEAD..HEAD + key + alleles)?;
        let record = Self {
            order: u64::from_le_bytes(word(4)),
            y: f64::from_le_bytes(word(12)),
            v: f64::from_le_bytes(word(20)),
            n: f64::from_le_bytes(word(28)),
            unusable: u16::from(head[3]),
            key: &rest[..key],
            alleles: &rest[key..],
        };
        *bytes = &bytes[HEAD + key + alleles..];
        Some(record)
    }
}
