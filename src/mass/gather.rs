//! Rows of all files in memory, pooled in blocks of groups in the order in which these first appear.

use super::group::{Pooled, Waiting};
use super::job::Job;
use super::keys::{Keys, NONE};
use super::output::{Formed, Sink, write_in_order};
use super::record::Record;
use super::rows::Rows;
use crate::error::Error;
use crate::math::parallel;
use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;

/// Rows of a file by the numbers of their groups.
#[derive(Debug)]
pub(super) struct Piece {
    pub file: usize,
    /// The group of each row.
    pub ids: Vec<u32>,
    /// Rows in ascending order of their groups, unless they are so already.
    pub places: Option<Vec<u32>>,
    pub rows: Rows,
}

impl Piece {
    /// Renumbers the groups and puts the rows in their order.
    fn arrange(mut self, ranks: Option<&[u32]>) -> Self {
        if let Some(ranks) = ranks {
            self.ids.iter_mut().for_each(|id| *id = ranks[*id as usize]);
        }
        if !self.ids.is_sorted() {
            let mut both: Vec<u64> =
                self.ids.iter().enumerate().map(|(i, id)| u64::from(*id) << 32 | i as u64).collect();
            both.sort_unstable();
            self.ids = both.iter().map(|b| (b >> 32) as u32).collect();
            self.places = Some(both.iter().map(|b| *b as u32).collect());
        }
        self
    }
}

/// All rows, arranged by group.
pub(super) struct Gathered {
    keys: Keys,
    /// By file and line.
    pieces: Vec<Piece>,
    /// The number of a group by its place, where that is another.
    by_place: Option<Vec<u32>>,
}

impl Gathered {
    /// Numbers groups by their first row in the input, whoever read it when.
    pub fn arrange(keys: Keys, mut pieces: Vec<Piece>) -> Self {
        pieces.sort_by_key(|p| (p.file, p.rows.first));
        let mut ranks = vec![NONE; keys.len()];
        let mut by_place = Vec::with_capacity(ranks.len());
        for id in pieces.iter().flat_map(|p| &p.ids) {
            let rank = &mut ranks[*id as usize];
            if *rank == NONE {
                *rank = by_place.len() as u32;
                by_place.push(*id);
            }
        }
        let same = by_place.is_sorted();
        let ranks = (!same).then_some(ranks.as_slice());
        let pieces = parallel::map(pieces, |p| p.arrange(ranks));
        Self { keys, pieces, by_place: (!same).then_some(by_place) }
    }

    /// Pools all groups on all cores and writes them in order.
    pub fn pool(
        &self,
        job: &Job<'_>,
        files: usize,
        sink: &mut Sink<'_>,
        progress: &(dyn Fn(f64) + Sync),
    ) -> Result<(), Error> {
        let groups = self.keys.len();
        let size = (groups / 1024).max(4096);
        let blocks = groups.div_ceil(size);
        let former = sink.former();
        let workers = parallel::workers();
        let (send, formed) = mpsc::sync_channel::<(u64, Formed)>(2 * workers);
        let next = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                let (send, next, former) = (send.clone(), &next, &former);
                scope.spawn(move || {
                    loop {
                        let block = next.fetch_add(1, Ordering::Relaxed);
                        if block >= blocks {
                            return;
                        }
                        let range = block * size..((block + 1) * size).min(groups);
                        let pooled = self.block(range.start as u32..range.end as u32, files, job);
                        if send.send((block as u64, former.form(&pooled))).is_err() {
                            return;
                        }
                        progress((block + 1) as f64 / blocks as f64);
                    }
                });
            }
            drop(send);
            write_in_order(formed, sink)
        })
    }

    /// Pools the groups of some places.
    fn block(&self, places: Range<u32>, files: usize, job: &Job<'_>) -> Pooled {
        let slices: Vec<Slice<'_>> = self.pieces.iter().map(|p| Slice::of(p, &places)).collect();
        let (begin, rows) = by_group(&slices, &places);
        let mut waiting = Waiting::default();
        let mut out = Pooled::default();
        for (g, bounds) in begin.windows(2).enumerate() {
            let place = places.start + g as u32;
            let key = self.keys.get(self.by_place.as_ref().map_or(place, |ids| ids[place as usize]));
            let own = &rows[bounds[0] as usize..bounds[1] as usize];
            let group = own.iter().map(|&(y, v, number, row)| {
                let piece = slices[number as usize].piece;
                Record { y, v, ..piece.rows.record(piece.file, row as usize, key) }
            });
            waiting.add(group, files, &job.method, &mut out);
        }
        waiting.pool(&job.method, &mut out);
        out
    }
}

/// The rows of a piece whose groups have some places.
struct Slice<'a> {
    piece: &'a Piece,
    rows: Range<usize>,
}

impl<'a> Slice<'a> {
    fn of(piece: &'a Piece, places: &Range<u32>) -> Self {
        let begin = piece.ids.partition_point(|id| *id < places.start);
        let rows = piece.ids[begin..].partition_point(|id| *id < places.end);
        Self { piece, rows: begin..begin + rows }
    }

    fn ids(&self) -> &'a [u32] {
        &self.piece.ids[self.rows.clone()]
    }
}

/// An effect and its variance, the slice it is of, and its row there.
type Gathering = (f64, f64, u32, u32);

/// Rows by their groups, and where those of each begin. Effects are copied piece by piece, as they lie.
fn by_group(slices: &[Slice<'_>], places: &Range<u32>) -> (Vec<u32>, Vec<Gathering>) {
    let count = places.len();
    let mut begin = vec![0u32; count + 1];
    for id in slices.iter().flat_map(Slice::ids) {
        begin[(id - places.start) as usize + 1] += 1;
    }
    (0..count).for_each(|g| begin[g + 1] += begin[g]);
    let mut next = begin.clone();
    let mut rows = vec![(0.0, 0.0, 0u32, 0u32); begin[count] as usize];
    for (number, slice) in slices.iter().enumerate() {
        let Piece { rows: own, places: order, .. } = slice.piece;
        for (i, id) in slice.rows.clone().zip(slice.ids()) {
            let place = &mut next[(id - places.start) as usize];
            let row = order.as_ref().map_or(i, |order| order[i] as usize);
            rows[*place as usize] = (own.y[row], own.v[row], number as u32, row as u32);
            *place += 1;
        }
    }
    (begin, rows)
}
