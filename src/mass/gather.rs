//! Rows of all files in memory: read by all cores at once, numbered by group, and pooled in blocks of groups in the order in
//! which these first appear. Where memory has no room for them, all rows go to partitions on disk instead.
//!
//! Files that are joined are mostly in the same order: the group after that of the last row is tried first, and only a miss
//! asks the hash table.

use super::group::{Pooled, Waiting};
use super::output::{Formed, Sink, write_in_order};
use super::partition::{Feeder, Partitions};
use super::record::{Record, order};
use super::{Job, Plan};
use crate::dataset::stream::{self, Chunk, Feed, Layout, Portion, Texts};
use crate::error::Error;
use crate::math::parallel::{self, in_portions};
use foldhash::quality::RandomState;
use hashbrown::HashTable;
use std::hash::BuildHasher;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};

/// Effects of some rows of a file, with the names of their groups.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub keys: Texts,
    pub y: Vec<f64>,
    pub v: Vec<f64>,
    /// Empty unless sizes are asked for.
    pub n: Vec<f64>,
    /// Why a row cannot be pooled, as bits of notes.
    pub unusable: Vec<u8>,
    /// Empty unless alleles are asked for.
    pub alleles: Texts,
    /// Line of the first row; the others are taken to follow at once, which keeps their order.
    pub first: u64,
}

impl Rows {
    pub fn len(&self) -> usize {
        self.y.len()
    }

    /// A row with the name of its group.
    #[inline]
    pub fn record<'a>(&'a self, file: usize, row: usize, key: &'a [u8]) -> Record<'a> {
        Record {
            order: order(file, self.first + row as u64),
            y: self.y[row],
            v: self.v[row],
            n: self.n.get(row).copied().unwrap_or(f64::NAN),
            unusable: u16::from(self.unusable[row]),
            key,
            alleles: if self.alleles.is_empty() { &[] } else { self.alleles.get(row) },
        }
    }

    /// Keeps only some rows, whose names are there already.
    pub fn keep(&mut self, kept: &[usize]) {
        let of = |values: &[f64]| kept.iter().filter_map(|i| values.get(*i).copied()).collect();
        (self.y, self.v, self.n) = (of(&self.y), of(&self.v), of(&self.n));
        self.unusable = kept.iter().map(|i| self.unusable[*i]).collect();
        if !self.alleles.is_empty() {
            let mut alleles = Texts::default();
            kept.iter().for_each(|i| alleles.push(self.alleles.get(*i)));
            self.alleles = alleles;
        }
    }

    fn bytes(&self) -> usize {
        let each = 4 + 16 + 1 + if self.n.is_empty() { 0 } else { 8 };
        self.len() * each + self.alleles.size() + 4 * self.alleles.len()
    }
}

/// Names of groups, numbered.
#[derive(Debug, Default)]
struct Keys {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    /// Hash and number of each.
    table: HashTable<(u64, u32)>,
    hasher: RandomState,
}

/// No group.
const NONE: u32 = u32::MAX;

impl Keys {
    #[inline]
    fn get(&self, id: u32) -> &[u8] {
        let id = id as usize;
        let from = if id == 0 { 0 } else { self.ends[id - 1] };
        &self.bytes[from..self.ends[id]]
    }

    fn find(&self, key: &[u8]) -> u32 {
        self.find_hashed(key, self.hasher.hash_one(key))
    }

    fn find_hashed(&self, key: &[u8], hash: u64) -> u32 {
        self.table.find(hash, |e| e.0 == hash && self.get(e.1) == key).map_or(NONE, |e| e.1)
    }

    fn add(&mut self, key: &[u8]) -> u32 {
        let hash = self.hasher.hash_one(key);
        let found = self.find_hashed(key, hash);
        if found != NONE {
            return found;
        }
        let id = self.ends.len() as u32;
        self.table.insert_unique(hash, (hash, id), |e| e.0);
        self.bytes.extend_from_slice(key);
        self.ends.push(self.bytes.len());
        id
    }

    /// The groups of some names, [`NONE`] where new.
    fn numbers(&self, names: &Texts) -> Vec<u32> {
        // where many in a row are new, the others are left to those who number them
        const NEW: usize = 64;
        let mut guess = Guess::default();
        let mut new = 0;
        let mut ids = Vec::with_capacity(names.len());
        for i in 0..names.len() {
            if new == NEW {
                ids.resize(names.len(), NONE);
                break;
            }
            let name = names.get(i);
            let id = guess.of(self, name).unwrap_or_else(|| self.find(name));
            new = if id == NONE { new + 1 } else { 0 };
            guess.saw(id);
            ids.push(id);
        }
        ids
    }

    /// Numbers those that are new.
    fn add_new(&mut self, names: &Texts, ids: &mut [u32]) {
        let mut guess = Guess::default();
        for (i, id) in ids.iter_mut().enumerate() {
            if *id == NONE {
                let name = names.get(i);
                *id = guess.of(self, name).unwrap_or_else(|| self.add(name));
            }
            guess.saw(*id);
        }
    }
}

/// The group that comes next if the rows go on as the groups do.
#[derive(Default)]
struct Guess {
    next: u32,
    in_step: bool,
}

impl Guess {
    #[inline]
    fn of(&self, keys: &Keys, name: &[u8]) -> Option<u32> {
        let fits = self.in_step && (self.next as usize) < keys.ends.len() && keys.get(self.next) == name;
        fits.then_some(self.next)
    }

    #[inline]
    fn saw(&mut self, id: u32) {
        // two in a row are a step; the first of all is taken for one
        self.in_step = id != NONE && (id == self.next || self.next == 0);
        self.next = if id == NONE { 1 } else { id + 1 };
    }
}

/// Rows of a file by the numbers of their groups.
#[derive(Debug)]
struct Piece {
    file: usize,
    ids: Vec<u32>,
    /// Rows in ascending order of their groups, unless they are so already.
    places: Option<Vec<u32>>,
    rows: Rows,
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

/// A file that is being read.
enum Source {
    Unopened,
    Open(Feed, Arc<Layout>),
    Done,
}

/// What a worker does next.
enum Work {
    Chunk(usize, u64, Arc<Layout>, Chunk),
    /// A columnar file, which is read as a whole.
    Whole(usize),
}

/// What workers share.
struct Reading<'a> {
    job: &'a Job<'a>,
    partitions: &'a Partitions,
    budget: u64,
    sources: Vec<Mutex<(Source, u64)>>,
    claimed: Vec<AtomicBool>,
    done: Vec<AtomicBool>,
    /// Files from here on are not read, as one has an error.
    stop: AtomicUsize,
    error: Mutex<Option<(usize, u64, Error)>>,
    shares: Mutex<Vec<f64>>,
    keys: RwLock<Keys>,
    pieces: Mutex<Vec<Piece>>,
    held: AtomicU64,
    spilling: AtomicBool,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Reads all files on all cores. `None` if the rows went to `partitions`, as they need more than `budget` bytes.
pub(super) fn gather(
    job: &Job<'_>,
    partitions: &Partitions,
    budget: u64,
    progress: &(dyn Fn(f64) + Sync),
) -> Result<Option<Gathered>, Error> {
    let files = job.plans.len();
    let flags = || (0..files).map(|_| AtomicBool::new(false)).collect::<Vec<_>>();
    let reading = Reading {
        job,
        partitions,
        budget,
        sources: (0..files).map(|_| Mutex::new((Source::Unopened, 0))).collect(),
        claimed: flags(),
        done: flags(),
        stop: AtomicUsize::new(files),
        error: Mutex::default(),
        shares: Mutex::new(vec![0.0; files]),
        keys: RwLock::default(),
        pieces: Mutex::default(),
        held: AtomicU64::new(0),
        spilling: AtomicBool::new(false),
    };
    in_portions(parallel::workers(), |_| reading.work(progress), &|_| ());
    if let Some((_, _, e)) = lock(&reading.error).take() {
        return Err(e);
    }
    if reading.spilling.load(Ordering::Relaxed) {
        let mut feeder = partitions.feeder();
        reading.drain(&mut feeder)?;
        feeder.finish()?;
        return Ok(None);
    }
    let keys = reading.keys.into_inner().unwrap_or_else(PoisonError::into_inner);
    let pieces = reading.pieces.into_inner().unwrap_or_else(PoisonError::into_inner);
    Ok(Some(Gathered::arrange(keys, pieces)))
}

impl Reading<'_> {
    fn work(&self, progress: &(dyn Fn(f64) + Sync)) {
        let mut feeder = self.partitions.feeder();
        let (mut own, mut room) = (0, vec![]);
        loop {
            let outcome = match self.next(&mut own, &mut room) {
                Ok(None) => break,
                Ok(Some(Work::Chunk(file, number, layout, chunk))) => layout
                    .parse(chunk, &mut room)
                    .and_then(|portion| self.take(file, portion, &mut feeder, progress))
                    .map_err(|e| (file, number, e)),
                Ok(Some(Work::Whole(file))) => {
                    let plan = &self.job.plans[file];
                    stream::read(&plan.path, &plan.wanted, None, &mut |portion| {
                        self.take(file, portion, &mut feeder, progress)?;
                        Ok(file < self.stop.load(Ordering::Relaxed))
                    })
                    .map_err(|e| (file, 0, e))
                }
                Err(e) => Err(e),
            };
            if let Err(e) = outcome {
                self.fail(e);
            }
        }
        if let Err(e) = feeder.finish() {
            self.fail((0, 0, e));
        }
    }

    /// Of several errors that of the first line of the first file is told, whichever worker was quicker.
    fn fail(&self, (file, number, e): (usize, u64, Error)) {
        self.stop.fetch_min(file, Ordering::Relaxed);
        let mut first = lock(&self.error);
        if first.as_ref().is_none_or(|f| (file, number) < (f.0, f.1)) {
            *first = Some((file, number, e));
        }
    }

    /// The next rows: from the worker's own file, then from one that nobody reads, then from any.
    fn next(&self, own: &mut usize, room: &mut Vec<u8>) -> Result<Option<Work>, (usize, u64, Error)> {
        loop {
            let stop = self.stop.load(Ordering::Relaxed);
            let open = |f: &usize| *f < stop && !self.done[*f].load(Ordering::Relaxed);
            let unclaimed = || (0..stop).find(|f| open(f) && !self.claimed[*f].swap(true, Ordering::Relaxed));
            let mine = Some(*own).filter(|f| self.claimed[*f].load(Ordering::Relaxed) && open(f));
            let Some(file) = mine.or_else(unclaimed).or_else(|| (0..stop).find(open)) else {
                return Ok(None);
            };
            *own = file;
            let plan = &self.job.plans[file];
            let mut source = lock(&self.sources[file]);
            let finish = |source: &mut Source| {
                *source = Source::Done;
                self.done[file].store(true, Ordering::Relaxed);
            };
            if matches!(source.0, Source::Unopened) {
                if !stream::is_text(&plan.path) {
                    finish(&mut source.0);
                    return Ok(Some(Work::Whole(file)));
                }
                match Feed::open(&plan.path, &plan.wanted, self.job.options.delimiter) {
                    Ok((feed, layout)) => source.0 = Source::Open(feed, Arc::new(layout)),
                    Err(e) => {
                        finish(&mut source.0);
                        return Err((file, 0, e));
                    }
                }
            }
            source.1 += 1;
            let number = source.1;
            let Source::Open(feed, layout) = &mut source.0 else { continue };
            match feed.next(layout, std::mem::take(room)) {
                Ok(Some(chunk)) => return Ok(Some(Work::Chunk(file, number, layout.clone(), chunk))),
                Ok(None) => finish(&mut source.0),
                Err(e) => {
                    finish(&mut source.0);
                    return Err((file, number, e));
                }
            }
        }
    }

    /// Keeps rows, or sends them to the partitions.
    fn take(
        &self,
        file: usize,
        portion: Portion,
        feeder: &mut Feeder<'_>,
        progress: &(dyn Fn(f64) + Sync),
    ) -> Result<(), Error> {
        let (share, read) = (portion.share, portion.rows() as u64);
        let plan: &Plan = &self.job.plans[file];
        let mut rows = self.job.evaluate(plan, portion)?;
        if self.spilling.load(Ordering::Relaxed) {
            (0..rows.len()).try_for_each(|i| feeder.add(&rows.record(file, i, rows.keys.get(i))))?;
        } else {
            let names = std::mem::take(&mut rows.keys);
            let read = || self.keys.read().unwrap_or_else(PoisonError::into_inner);
            let mut ids = read().numbers(&names);
            let mut more = rows.bytes();
            if ids.contains(&NONE) {
                let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
                let before = (keys.bytes.len(), keys.ends.len());
                keys.add_new(&names, &mut ids);
                more += keys.bytes.len() - before.0 + 40 * (keys.ends.len() - before.1);
                if keys.ends.len() > (NONE / 2) as usize {
                    // numbers would run out
                    self.held.fetch_add(self.budget, Ordering::Relaxed);
                }
            }
            lock(&self.pieces).push(Piece { file, ids, places: None, rows });
            let held = self.held.fetch_add(more as u64, Ordering::Relaxed) + more as u64;
            if held > self.budget {
                self.spilling.store(true, Ordering::Relaxed);
                self.drain(feeder)?;
            }
        }
        self.job.rows.fetch_add(read, Ordering::Relaxed);
        let done = {
            let mut shares = lock(&self.shares);
            shares[file] = shares[file].max(share);
            shares.iter().sum::<f64>() / shares.len() as f64
        };
        progress(done);
        Ok(())
    }

    /// Sends the rows that are held to the partitions.
    fn drain(&self, feeder: &mut Feeder<'_>) -> Result<(), Error> {
        loop {
            let Some(piece) = lock(&self.pieces).pop() else { return Ok(()) };
            let keys = self.keys.read().unwrap_or_else(PoisonError::into_inner);
            for (i, id) in piece.ids.iter().enumerate() {
                feeder.add(&piece.rows.record(piece.file, i, keys.get(*id)))?;
            }
        }
    }
}

impl Gathered {
    /// Numbers groups by their first row in the input, whoever read it when.
    fn arrange(keys: Keys, mut pieces: Vec<Piece>) -> Self {
        pieces.sort_by_key(|p| (p.file, p.rows.first));
        let mut ranks = vec![NONE; keys.ends.len()];
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
        let groups = self.keys.ends.len();
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
    fn block(&self, places: std::ops::Range<u32>, files: usize, job: &Job<'_>) -> Pooled {
        let count = places.len();
        let slices: Vec<(&Piece, usize, usize)> = self
            .pieces
            .iter()
            .map(|p| {
                let from = p.ids.partition_point(|id| *id < places.start);
                let rows = p.ids[from..].partition_point(|id| *id < places.end);
                (p, from, from + rows)
            })
            .collect();
        let mut begin = vec![0u32; count + 1];
        for (p, from, to) in &slices {
            p.ids[*from..*to].iter().for_each(|id| begin[(id - places.start) as usize + 1] += 1);
        }
        (0..count).for_each(|g| begin[g + 1] += begin[g]);
        // effects are copied piece by piece, as they lie
        let mut next = begin.clone();
        let mut rows = vec![(0.0, 0.0, 0u32, 0u32); begin[count] as usize];
        for (number, (p, from, to)) in slices.iter().enumerate() {
            for (i, id) in (*from..*to).zip(&p.ids[*from..*to]) {
                let place = &mut next[(id - places.start) as usize];
                let row = p.places.as_ref().map_or(i, |places| places[i] as usize);
                rows[*place as usize] = (p.rows.y[row], p.rows.v[row], number as u32, row as u32);
                *place += 1;
            }
        }
        let mut waiting = Waiting::default();
        let mut out = Pooled::default();
        for (g, bounds) in begin.windows(2).enumerate() {
            let place = places.start + g as u32;
            let key = self.keys.get(self.by_place.as_ref().map_or(place, |ids| ids[place as usize]));
            let own = &rows[bounds[0] as usize..bounds[1] as usize];
            let group = own.iter().map(|&(y, v, number, row)| {
                let piece = slices[number as usize].0;
                Record { y, v, ..piece.rows.record(piece.file, row as usize, key) }
            });
            waiting.add(group, files, &job.method, &mut out);
        }
        waiting.pool(&job.method, &mut out);
        out
    }
}
