//! From the rows of one group to its result: order, duplicates, alleles.

use super::fit::{self, Group, Input, Method, note};
use super::record::{Record, file_of};
use crate::model::Sample;

/// A finished group with what names it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Finished {
    /// Place of its first row in the input.
    pub order: u64,
    pub key: Vec<u8>,
    pub direction: String,
    pub group: Group,
}

/// Studies up to which a direction is written.
const LONGEST_DIRECTION: usize = 100;

/// Groups of one worker that wait to be pooled side by side.
#[derive(Default)]
pub(super) struct Waiting {
    y: Vec<f64>,
    v: Vec<f64>,
    n: Vec<f64>,
    named: Vec<Named>,
}

/// What names a waiting group, and where its studies end.
struct Named {
    order: u64,
    key: Vec<u8>,
    direction: String,
    notes: u32,
    end: usize,
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
    let split = |a: &[u8]| -> Option<(Vec<u8>, Vec<u8>)> {
        let at = a.iter().position(|b| *b == b'/')?;
        Some((a[..at].to_vec(), a[at + 1..].to_vec()))
    };
    let (Some((a, b)), Some((c, d))) = (split(first), split(own)) else { return (Alleles::Same, false) };
    let flip = |x: &[u8]| -> Vec<u8> { x.iter().map(|b| complement(*b)).collect() };
    // A/T and C/G read the same on both strands
    let palindrome = flip(&a) == b;
    if c == a && d == b {
        return (Alleles::Same, palindrome);
    }
    if c == b && d == a {
        return (Alleles::Swapped, palindrome);
    }
    let (c, d) = (flip(&c), flip(&d));
    match () {
        () if c == a && d == b => (Alleles::Same, false),
        () if c == b && d == a => (Alleles::Swapped, false),
        () => (Alleles::Other, false),
    }
}

impl Waiting {
    /// Groups that wait for each other.
    pub const MANY: usize = 512;

    pub fn len(&self) -> usize {
        self.named.len()
    }

    /// Pools the groups and forgets them.
    pub fn pool(&mut self, method: &Method) -> Vec<Finished> {
        let mut begin = 0;
        let input = |g: &Named| {
            let own = std::mem::replace(&mut begin, g.end)..g.end;
            let sample = Sample::new(&self.y[own.clone()], &self.v[own.clone()]);
            Input { sample, sizes: &self.n[own], notes: g.notes }
        };
        let inputs: Vec<Input<'_>> = self.named.iter().map(input).collect();
        let pooled = fit::groups(&inputs, method);
        self.y.clear();
        self.v.clear();
        self.n.clear();
        let finished = |(g, group): (Named, Group)| Finished {
            order: g.order,
            key: g.key,
            direction: g.direction,
            group,
        };
        self.named.drain(..).zip(pooled).map(finished).collect()
    }

    /// Takes the rows of a group, which are sorted by their order. `files` is the number of files where each is a study,
    /// 0 where each row is one.
    pub fn add(&mut self, rows: &[Record<'_>], files: usize, method: &Method) {
        let mut notes = 0u32;
        let mut direction = String::new();
        // without a value of no effect there are no directions
        let directed = !method.null.is_nan();
        let mut signs = if files > 0 { vec![b'?'; files] } else { vec![] };
        let mut last_file = usize::MAX;
        let first = rows.iter().find(|r| r.unusable == 0).map_or(&[][..], |r| r.alleles);
        for r in rows {
            let file = file_of(r.order);
            if files > 0 && file == last_file {
                notes |= note::DUPLICATE;
                continue;
            }
            last_file = file;
            if r.unusable != 0 {
                notes |= u32::from(r.unusable);
                if directed && files == 0 && rows.len() <= LONGEST_DIRECTION {
                    direction.push('?');
                }
                continue;
            }
            let mut y = r.y;
            if !r.alleles.is_empty() {
                let (fits, palindrome) = compare(first, r.alleles);
                if palindrome {
                    notes |= note::PALINDROME;
                }
                match fits {
                    Alleles::Same => {}
                    Alleles::Swapped => {
                        y = 2.0 * method.null - y;
                        notes |= note::FLIPPED;
                    }
                    Alleles::Other => {
                        notes |= note::ALLELES;
                        continue;
                    }
                }
            }
            let sign = if y > method.null {
                b'+'
            } else if y < method.null {
                b'-'
            } else {
                b'0'
            };
            match signs.get_mut(file) {
                Some(s) => *s = sign,
                None if directed && rows.len() <= LONGEST_DIRECTION => direction.push(char::from(sign)),
                None => {}
            }
            self.y.push(y);
            self.v.push(r.v);
            self.n.push(r.n);
        }
        if directed && files > 0 && files <= LONGEST_DIRECTION {
            direction = signs.iter().map(|b| char::from(*b)).collect();
        }
        let (order, key) = (rows[0].order, rows[0].key.to_vec());
        self.named.push(Named { order, key, direction, notes, end: self.y.len() });
    }
}

/// Bytes of finished groups, for results that wait on disk.
impl Finished {
    pub fn write(&self, to: &mut Vec<u8>) {
        let g = &self.group;
        to.extend_from_slice(&(self.key.len() as u16).to_le_bytes());
        to.extend_from_slice(&(self.direction.len() as u16).to_le_bytes());
        to.extend_from_slice(&(g.random.len() as u16).to_le_bytes());
        to.extend_from_slice(&g.k.to_le_bytes());
        to.extend_from_slice(&g.notes.to_le_bytes());
        to.extend_from_slice(&self.order.to_le_bytes());
        let mut put = |x: f64| to.extend_from_slice(&x.to_le_bytes());
        [g.common, g.common_se, g.common_limits.0, g.common_limits.1, g.common_p, g.q.0, g.q.1]
            .into_iter()
            .for_each(&mut put);
        [g.by_size.0, g.by_size.1, g.by_size.2].into_iter().for_each(&mut put);
        for r in &g.random {
            [
                r.estimate,
                r.se,
                r.limits.0,
                r.limits.1,
                r.p_value,
                r.prediction.0,
                r.prediction.1,
                r.tau2,
                r.i2,
            ]
            .into_iter()
            .for_each(&mut put);
        }
        to.extend_from_slice(&self.key);
        to.extend_from_slice(self.direction.as_bytes());
    }

    pub fn read(bytes: &mut &[u8]) -> Option<Self> {
        fn take<'a>(bytes: &mut &'a [u8], n: usize) -> Option<&'a [u8]> {
            let (a, b) = (bytes.get(..n)?, bytes.get(n..)?);
            *bytes = b;
            Some(a)
        }
        let short = |bytes: &mut &[u8]| take(bytes, 2).map(|b| usize::from(u16::from_le_bytes([b[0], b[1]])));
        let (key, direction, random) = (short(bytes)?, short(bytes)?, short(bytes)?);
        let word = |bytes: &mut &[u8]| take(bytes, 4).and_then(|b| b.try_into().ok()).map(u32::from_le_bytes);
        let (k, notes) = (word(bytes)?, word(bytes)?);
        let order = u64::from_le_bytes(take(bytes, 8)?.try_into().ok()?);
        let number =
            |bytes: &mut &[u8]| take(bytes, 8).and_then(|b| b.try_into().ok()).map(f64::from_le_bytes);
        let mut own = [0.0; 10];
        for x in &mut own {
            *x = number(bytes)?;
        }
        let mut all = vec![];
        for _ in 0..random {
            let mut r = [0.0; 9];
            for x in &mut r {
                *x = number(bytes)?;
            }
            all.push(fit::Random {
                estimate: r[0],
                se: r[1],
                limits: (r[2], r[3]),
                p_value: r[4],
                prediction: (r[5], r[6]),
                tau2: r[7],
                i2: r[8],
            });
        }
        let key = take(bytes, key)?.to_vec();
        let direction = String::from_utf8(take(bytes, direction)?.to_vec()).ok()?;
        let group = Group {
            k,
            common: own[0],
            common_se: own[1],
            common_limits: (own[2], own[3]),
            common_p: own[4],
            q: (own[5], own[6]),
            by_size: (own[7], own[8], own[9]),
            random: all,
            notes,
        };
        Some(Self { order, key, direction, group })
    }
}
