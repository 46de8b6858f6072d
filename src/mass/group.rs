//! From the rows of one group to its result: order, duplicates, alleles.

use super::fit::{self, Group, Input, Method, Pools, Random, note};
use super::record::{Record, file_of};
use crate::dataset::portion::Texts;
use crate::model::Sample;

/// Pooled groups with what names them, in columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Pooled {
    /// Place of the first row of each in the input.
    pub orders: Vec<u64>,
    pub keys: Texts,
    pub directions: Texts,
    pub pools: Pools,
}

/// Studies up to which a direction is written.
const LONGEST_DIRECTION: usize = 100;

/// Groups of one worker that wait to be pooled side by side.
#[derive(Default)]
pub(super) struct Waiting {
    y: Vec<f64>,
    v: Vec<f64>,
    n: Vec<f64>,
    orders: Vec<u64>,
    keys: Texts,
    directions: Texts,
    notes: Vec<u32>,
    /// Where the studies of each end.
    ends: Vec<usize>,
    direction: Vec<u8>,
}

/// What alleles ask of a row.
enum Alleles {
    Same,
    Swapped,
    Other,
}

fn complement(base: u8) -> u8 {
    match base {
        b'A' => b'T',
        b'T' => b'A',
        b'C' => b'G',
        b'G' => b'C',
        other => other,
    }
}

/// Compares `effect/other` alleles with those of the first row, on either strand.
fn compare(first: &[u8], own: &[u8]) -> (Alleles, bool) {
    let (Some((a, b)), Some((c, d))) = (split(first), split(own)) else { return (Alleles::Same, false) };
    let flipped =
        |x: &[u8], y: &[u8]| x.len() == y.len() && x.iter().zip(y).all(|(p, q)| complement(*p) == *q);
    // A/T and C/G read the same on both strands
    let palindrome = flipped(a, b);
    if c == a && d == b {
        return (Alleles::Same, palindrome);
    }
    if c == b && d == a {
        return (Alleles::Swapped, palindrome);
    }
    match () {
        () if flipped(c, a) && flipped(d, b) => (Alleles::Same, false),
        () if flipped(c, b) && flipped(d, a) => (Alleles::Swapped, false),
        () => (Alleles::Other, false),
    }
}

/// Effect and other allele of `A/G`.
fn split(alleles: &[u8]) -> Option<(&[u8], &[u8])> {
    let at = alleles.iter().position(|b| *b == b'/')?;
    Some((&alleles[..at], &alleles[at + 1..]))
}

impl Waiting {
    /// Groups that wait for each other.
    const MANY: usize = 512;

    /// Pools the groups into `out` and forgets them.
    pub fn pool(&mut self, method: &Method, out: &mut Pooled) {
        let mut begin = 0;
        let input = |(&end, &notes): (&usize, &u32)| {
            let own = std::mem::replace(&mut begin, end)..end;
            let sample = Sample::new(&self.y[own.clone()], &self.v[own.clone()]);
            Input { sample, sizes: self.n.get(own).unwrap_or_default(), notes }
        };
        let inputs: Vec<Input<'_>> = self.ends.iter().zip(&self.notes).map(input).collect();
        let pools = fit::groups(&inputs, method);
        out.orders.append(&mut self.orders);
        out.keys.append(&self.keys);
        out.directions.append(&self.directions);
        out.pools.groups.extend(pools.groups);
        out.pools.random.extend(pools.random);
        self.y.clear();
        self.v.clear();
        self.n.clear();
        self.keys.clear();
        self.directions.clear();
        self.notes.clear();
        self.ends.clear();
    }

    /// Takes the rows of a group, which are sorted by their order. `files` is the number of files where each is a study,
    /// 0 where each row is one. Pools what waits into `out` when there is enough of it.
    pub fn add<'r>(
        &mut self,
        rows: impl ExactSizeIterator<Item = Record<'r>> + Clone,
        files: usize,
        method: &Method,
        out: &mut Pooled,
    ) {
        let Some(leading) = rows.clone().next() else { return };
        let studies = if files > 0 { files } else { rows.len() };
        // without a value of no effect there are no directions
        let directed = !method.null.is_nan() && studies <= LONGEST_DIRECTION;
        self.direction.clear();
        if directed {
            self.direction.resize(files, b'?');
        }
        let first = rows.clone().find(|r| r.unusable == 0).map_or(&[][..], |r| r.alleles);
        let mut notes = 0u32;
        let mut last_file = usize::MAX;
        for r in rows {
            let file = file_of(r.order);
            if files > 0 && file == last_file {
                notes |= note::DUPLICATE;
                continue;
            }
            last_file = file;
            let (effect, own) = usable(&r, first, method.null);
            notes |= own;
            match effect {
                Some(y) => self.study(y, &r, method),
                // rows of other alleles have no direction
                None if r.unusable == 0 => continue,
                None => {}
            }
            if directed {
                self.direct(effect, if files > 0 { Some(file) } else { None }, method.null);
            }
        }
        self.close(&leading, notes);
        if self.ends.len() == Self::MANY {
            self.pool(method, out);
        }
    }

    /// Takes a study of the group.
    fn study(&mut self, y: f64, r: &Record<'_>, method: &Method) {
        self.y.push(y);
        self.v.push(r.v);
        if method.by_size {
            self.n.push(r.n);
        }
    }

    /// Notes the direction of a row, at the place of its file where each is a study.
    fn direct(&mut self, effect: Option<f64>, file: Option<usize>, null: f64) {
        let sign = match effect {
            None => b'?',
            Some(y) if y > null => b'+',
            Some(y) if y < null => b'-',
            Some(_) => b'0',
        };
        match file {
            Some(file) => self.direction[file] = sign,
            None => self.direction.push(sign),
        }
    }

    /// Ends the group.
    fn close(&mut self, leading: &Record<'_>, notes: u32) {
        self.orders.push(leading.order);
        self.keys.push(leading.key);
        self.directions.push(&self.direction);
        self.notes.push(notes);
        self.ends.push(self.y.len());
    }
}

/// The effect of a row, turned to the alleles of the first; none where it cannot be pooled. With what is to be noted.
fn usable(r: &Record<'_>, first: &[u8], null: f64) -> (Option<f64>, u32) {
    if r.unusable != 0 {
        return (None, u32::from(r.unusable));
    }
    if r.alleles.is_empty() {
        return (Some(r.y), 0);
    }
    let (fits, palindrome) = compare(first, r.alleles);
    let palindrome = if palindrome { note::PALINDROME } else { 0 };
    match fits {
        Alleles::Same => (Some(r.y), palindrome),
        Alleles::Swapped => (Some(2.0 * null - r.y), palindrome | note::FLIPPED),
        Alleles::Other => (None, palindrome | note::ALLELES),
    }
}

/// Groups as bytes, for results that wait on disk:
///
/// ```text
/// length of all that follows u32, order u64, key length u16, direction length u16, estimators u16, k u32, notes u32,
/// ten numbers of the group, nine of each estimator (f64), key, direction   (little-endian)
/// ```
impl Pooled {
    pub fn len(&self) -> usize {
        self.orders.len()
    }

    /// Appends the bytes of a group.
    pub fn write(&self, i: usize, to: &mut Vec<u8>) {
        let (g, random) = (&self.pools.groups[i], self.pools.random(i));
        let (key, direction) = (self.keys.get(i), self.directions.get(i));
        let begin = to.len();
        to.extend_from_slice(&[0; 4]);
        to.extend_from_slice(&self.orders[i].to_le_bytes());
        for length in [key.len(), direction.len(), random.len()] {
            to.extend_from_slice(&(length as u16).to_le_bytes());
        }
        to.extend_from_slice(&g.k.to_le_bytes());
        to.extend_from_slice(&g.notes.to_le_bytes());
        let mut put = |x: f64| to.extend_from_slice(&x.to_le_bytes());
        [g.common, g.common_se, g.common_limits.0, g.common_limits.1, g.common_p, g.q.0, g.q.1]
            .into_iter()
            .for_each(&mut put);
        [g.by_size.0, g.by_size.1, g.by_size.2].into_iter().for_each(&mut put);
        random.iter().flat_map(Random::values).for_each(&mut put);
        to.extend_from_slice(key);
        to.extend_from_slice(direction);
        let length = (to.len() - begin - 4) as u32;
        to[begin..begin + 4].copy_from_slice(&length.to_le_bytes());
    }

    /// The order of a group from its bytes.
    pub fn order_of(one: &[u8]) -> Option<u64> {
        one.get(..8).and_then(|b| b.try_into().ok()).map(u64::from_le_bytes)
    }

    /// Appends a group from its bytes after the length; `None` if they are cut off.
    pub fn push(&mut self, one: &[u8]) -> Option<()> {
        fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
            let own = bytes.get(..N)?.try_into().ok()?;
            *bytes = &bytes[N..];
            Some(own)
        }
        let mut rest = one;
        let order = u64::from_le_bytes(take(&mut rest)?);
        let mut short = || take(&mut rest).map(|b| usize::from(u16::from_le_bytes(b)));
        let (key, direction, random) = (short()?, short()?, short()?);
        let (k, notes) = (u32::from_le_bytes(take(&mut rest)?), u32::from_le_bytes(take(&mut rest)?));
        let mut number = || take(&mut rest).map(f64::from_le_bytes);
        let mut own = [0.0; 10];
        for x in &mut own {
            *x = number()?;
        }
        for _ in 0..random {
            let mut r = [0.0; 9];
            for x in &mut r {
                *x = number()?;
            }
            self.pools.random.push(Random {
                estimate: r[0],
                se: r[1],
                limits: (r[2], r[3]),
                p_value: r[4],
                prediction: (r[5], r[6]),
                tau2: r[7],
                i2: r[8],
            });
        }
        self.pools.groups.push(Group {
            k,
            common: own[0],
            common_se: own[1],
            common_limits: (own[2], own[3]),
            common_p: own[4],
            q: (own[5], own[6]),
            by_size: (own[7], own[8], own[9]),
            notes,
        });
        self.orders.push(order);
        self.keys.push(rest.get(..key)?);
        self.directions.push(rest.get(key..key + direction)?);
        Some(())
    }
}
