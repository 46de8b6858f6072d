//! Reading all files on all cores at once, into memory by the numbers of groups; where memory has no room for the rows, all go to
//! partitions on disk instead.

use super::gather::{Gathered, Piece};
use super::job::Job;
use super::keys::{Keys, NONE};
use super::partition::{Feeder, Partitions};
use super::rows::Rows;
use crate::dataset::portion::Portion;
use crate::dataset::stream::{self, Block, Selection, TextReader};
use crate::error::Error;
use crate::math::parallel::{self, in_portions};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// A file that is being read.
enum FileState {
    Unopened,
    Open(Box<TextReader<'static>>, Arc<Selection>),
    Done,
}

/// What a worker does next.
enum Work {
    /// A block of a file, with its number.
    Block(usize, u64, Arc<Selection>, Block),
    /// A columnar file, which is read as a whole.
    Whole(usize),
}

/// The file and block of an error.
type Fault = (usize, u64, Error);

/// What workers share.
struct Reading<'a> {
    job: &'a Job<'a>,
    partitions: &'a Partitions,
    budget: u64,
    /// Each file, and the number of its last block.
    sources: Vec<Mutex<(FileState, u64)>>,
    claimed: Vec<AtomicBool>,
    done: Vec<AtomicBool>,
    /// Files from here on are not read, as one has an error.
    stop: AtomicUsize,
    error: Mutex<Option<Fault>>,
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
    let reading = Reading::new(job, partitions, budget);
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

impl<'a> Reading<'a> {
    fn new(job: &'a Job<'a>, partitions: &'a Partitions, budget: u64) -> Self {
        let files = job.plans.len();
        let flags = || (0..files).map(|_| AtomicBool::new(false)).collect::<Vec<_>>();
        Self {
            job,
            partitions,
            budget,
            sources: (0..files).map(|_| Mutex::new((FileState::Unopened, 0))).collect(),
            claimed: flags(),
            done: flags(),
            stop: AtomicUsize::new(files),
            error: Mutex::default(),
            shares: Mutex::new(vec![0.0; files]),
            keys: RwLock::default(),
            pieces: Mutex::default(),
            held: AtomicU64::new(0),
            spilling: AtomicBool::new(false),
        }
    }

    fn work(&self, progress: &(dyn Fn(f64) + Sync)) {
        let mut feeder = self.partitions.feeder();
        let (mut own, mut room) = (0, vec![]);
        loop {
            let outcome = match self.next(&mut own, &mut room) {
                Ok(None) => break,
                Ok(Some(Work::Block(file, number, selection, block))) => selection
                    .parse(block, &mut room)
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
    fn fail(&self, (file, number, e): Fault) {
        self.stop.fetch_min(file, Ordering::Relaxed);
        let mut first = lock(&self.error);
        if first.as_ref().is_none_or(|f| (file, number) < (f.0, f.1)) {
            *first = Some((file, number, e));
        }
    }

    /// The next rows: from the worker's own file, then from one that nobody reads, then from any.
    fn next(&self, own: &mut usize, room: &mut Vec<u8>) -> Result<Option<Work>, Fault> {
        while let Some(file) = self.choose(*own) {
            *own = file;
            if let Some(work) = self.work_on(file, room)? {
                return Ok(Some(work));
            }
        }
        Ok(None)
    }

    /// The file a worker goes on with.
    fn choose(&self, own: usize) -> Option<usize> {
        let stop = self.stop.load(Ordering::Relaxed);
        let open = |f: &usize| *f < stop && !self.done[*f].load(Ordering::Relaxed);
        let unclaimed = || (0..stop).find(|f| open(f) && !self.claimed[*f].swap(true, Ordering::Relaxed));
        let mine = Some(own).filter(|f| self.claimed[*f].load(Ordering::Relaxed) && open(f));
        mine.or_else(unclaimed).or_else(|| (0..stop).find(open))
    }

    /// The next rows of a file; `None` once it has no more.
    fn work_on(&self, file: usize, room: &mut Vec<u8>) -> Result<Option<Work>, Fault> {
        let mut source = lock(&self.sources[file]);
        let (source, number) = &mut *source;
        let next = self.step(file, source, number, room);
        if !matches!(next, Ok(Some(Work::Block(..)))) {
            *source = FileState::Done;
            self.done[file].store(true, Ordering::Relaxed);
        }
        next.map_err(|e| (file, *number, e))
    }

    /// Opens a file, or reads its next block.
    fn step(
        &self,
        file: usize,
        source: &mut FileState,
        number: &mut u64,
        room: &mut Vec<u8>,
    ) -> Result<Option<Work>, Error> {
        let plan = &self.job.plans[file];
        if matches!(source, FileState::Unopened) {
            if !stream::is_text(&plan.path) {
                return Ok(Some(Work::Whole(file)));
            }
            let (reader, selection) =
                stream::open_text(&plan.path, &plan.wanted, self.job.options.delimiter)?;
            *source = FileState::Open(Box::new(reader), Arc::new(selection));
        }
        *number += 1;
        let FileState::Open(reader, selection) = source else { return Ok(None) };
        let block = reader.next(std::mem::take(room))?;
        Ok(block.map(|block| Work::Block(file, *number, selection.clone(), block)))
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
        let rows = self.job.evaluate(&self.job.plans[file], portion)?;
        if self.spilling.load(Ordering::Relaxed) {
            (0..rows.len()).try_for_each(|i| feeder.add(&rows.record(file, i, rows.keys.get(i))))?;
        } else if self.keep(file, rows) > self.budget {
            self.spilling.store(true, Ordering::Relaxed);
            self.drain(feeder)?;
        }
        self.job.rows.fetch_add(read, Ordering::Relaxed);
        progress(self.share(file, share));
        Ok(())
    }

    /// Keeps rows in memory, by the numbers of their groups; gives the bytes that are held.
    fn keep(&self, file: usize, mut rows: Rows) -> u64 {
        let names = std::mem::take(&mut rows.keys);
        let mut ids = self.keys.read().unwrap_or_else(PoisonError::into_inner).numbers(&names);
        let mut more = rows.bytes() as u64;
        if ids.contains(&NONE) {
            let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
            let before = keys.size();
            keys.add_new(&names, &mut ids);
            more += (keys.size() - before) as u64;
            if keys.len() > (NONE / 2) as usize {
                // numbers would run out
                more += self.budget;
            }
        }
        lock(&self.pieces).push(Piece { file, ids, places: None, rows });
        self.held.fetch_add(more, Ordering::Relaxed) + more
    }

    /// Notes the share of a file that is read; gives that of all files.
    fn share(&self, file: usize, share: f64) -> f64 {
        let mut shares = lock(&self.shares);
        shares[file] = shares[file].max(share);
        shares.iter().sum::<f64>() / shares.len() as f64
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
