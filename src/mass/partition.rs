//! Rows in any order: spread over partitions by the hash of their group, in memory as long as that is allowed, else on
//! disk; each partition is pooled by itself, and the results are merged in the order in which groups first appear.
//!
//! On disk, a folder beside the result holds `fingerprint`, `part-N`, `partitioned` (once all rows are there) and
//! `done-N`; a run that finds them with its own fingerprint goes on from there.

use super::fit::Method;
use super::group::{Finished, Waiting};
use super::output::{Formed, Former};
use super::record::Record;
use crate::error::{Error, ErrorKind};
use crate::math::parallel::in_portions;
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, mpsc};

/// Bytes that one worker gathers for a partition before it hands them over.
const LOCAL: usize = 1 << 16;

/// Where rows wait.
#[derive(Debug)]
pub(super) struct Partitions {
    parts: Vec<Mutex<Vec<u8>>>,
    held: AtomicU64,
    budget: u64,
    spilled: AtomicBool,
    folder: Option<PathBuf>,
}

/// Rows of one worker on their way to the partitions.
pub(super) struct Feeder<'a> {
    all: &'a Partitions,
    local: Vec<Vec<u8>>,
}

fn failed(path: &Path, e: &std::io::Error) -> Error {
    Error::new(ErrorKind::Write, format!("the partition cannot be kept on disk: {e}"))
        .in_file(&path.display().to_string())
        .with_hint("make room, or allow more memory: `--memory MB`")
}

impl Partitions {
    /// `folder` is where rows go that memory has no room for; without it all stay in memory.
    pub fn new(count: usize, budget: u64, folder: Option<PathBuf>) -> Self {
        Self {
            parts: (0..count).map(|_| Mutex::default()).collect(),
            held: AtomicU64::new(0),
            budget,
            spilled: AtomicBool::new(false),
            folder,
        }
    }

    fn file(&self, part: usize) -> Option<PathBuf> {
        self.folder.as_ref().map(|f| f.join(format!("part-{part}")))
    }

    pub fn feeder(&self) -> Feeder<'_> {
        Feeder { all: self, local: vec![vec![]; self.parts.len()] }
    }

    pub fn spilled(&self) -> bool {
        self.spilled.load(Ordering::Relaxed)
    }

    /// Whether an earlier run left all rows on disk.
    pub fn found(&self) -> bool {
        self.folder.as_ref().is_some_and(|f| f.join("partitioned").exists())
    }

    pub fn resume(&self) {
        self.spilled.store(true, Ordering::Relaxed);
    }

    fn take(&self, part: usize, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let mut held = self.parts[part].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.held.fetch_add(bytes.len() as u64, Ordering::Relaxed);
        held.append(bytes);
        let full = self.held.load(Ordering::Relaxed) > self.budget;
        match self.file(part) {
            Some(path) if full => {
                if !self.spilled.swap(true, Ordering::Relaxed)
                    && let Some(folder) = &self.folder
                {
                    std::fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
                }
                self.spill(&path, &mut held)
            }
            _ => Ok(()),
        }
    }

    fn spill(&self, path: &Path, held: &mut Vec<u8>) -> Result<(), Error> {
        if let Some(folder) = path.parent() {
            std::fs::create_dir_all(folder).map_err(|e| failed(folder, &e))?;
        }
        let mut file =
            OpenOptions::new().create(true).append(true).open(path).map_err(|e| failed(path, &e))?;
        file.write_all(held).map_err(|e| failed(path, &e))?;
        self.held.fetch_sub(held.len() as u64, Ordering::Relaxed);
        *held = vec![];
        Ok(())
    }

    /// Once all rows are in: what memory still holds joins what is on disk, and that is marked as complete.
    pub fn complete(&self) -> Result<(), Error> {
        if !self.spilled() {
            return Ok(());
        }
        for part in 0..self.parts.len() {
            if let Some(path) = self.file(part) {
                let mut held = self.parts[part].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                self.spill(&path, &mut held)?;
            }
        }
        if let Some(folder) = &self.folder {
            mark(&folder.join("partitioned"), b"all rows")?;
        }
        Ok(())
    }

    fn bytes(&self, part: usize) -> Result<Vec<u8>, Error> {
        match self.file(part).filter(|_| self.spilled()) {
            Some(path) if path.exists() => std::fs::read(&path).map_err(|e| failed(&path, &e)),
            Some(_) => Ok(vec![]),
            None => {
                let mut held = self.parts[part].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                Ok(std::mem::take(&mut held))
            }
        }
    }

    /// Pools all partitions on all cores.
    pub fn pool(
        &self,
        files: usize,
        method: &Method,
        progress: &(dyn Fn(f64) + Sync),
    ) -> Result<Vec<Results>, Error> {
        let one = |part: usize| -> Result<Results, Error> {
            let done =
                self.folder.as_ref().filter(|_| self.spilled()).map(|f| f.join(format!("done-{part}")));
            if let Some(path) = done.as_ref().filter(|p| p.exists()) {
                return Results::disk(path);
            }
            let bytes = self.bytes(part)?;
            let out = pooled(&bytes, files, method);
            drop(bytes);
            match done {
                Some(path) => {
                    mark(&path, &out)?;
                    Results::disk(&path)
                }
                None => Ok(Results::Memory(out, 0)),
            }
        };
        in_portions(self.parts.len(), one, progress).into_iter().collect()
    }
}

/// A file that is there only when it is whole.
pub(super) fn mark(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let place = path.with_extension("building");
    let mut file = File::create(&place).map_err(|e| failed(&place, &e))?;
    file.write_all(bytes).and_then(|()| file.sync_data()).map_err(|e| failed(&place, &e))?;
    std::fs::rename(&place, path).map_err(|e| failed(path, &e))
}

impl Feeder<'_> {
    pub fn add(&mut self, record: &Record<'_>) -> Result<(), Error> {
        let mut hasher = DefaultHasher::new();
        record.key.hash(&mut hasher);
        let part = (hasher.finish() % self.local.len() as u64) as usize;
        record.write(&mut self.local[part]);
        if self.local[part].len() >= LOCAL { self.all.take(part, &mut self.local[part]) } else { Ok(()) }
    }

    pub fn finish(mut self) -> Result<(), Error> {
        for part in 0..self.local.len() {
            if !self.local[part].is_empty() {
                self.all.take(part, &mut self.local[part])?;
            }
        }
        Ok(())
    }
}

/// Pools the groups of a partition; their results as bytes, by the order in which they first appear.
fn pooled(bytes: &[u8], files: usize, method: &Method) -> Vec<u8> {
    let mut rest = bytes;
    let mut records = vec![];
    while let Some(r) = Record::read(&mut rest) {
        records.push(r);
    }
    let mut groups: HashMap<&[u8], u32> = HashMap::new();
    let mut member: Vec<u32> = Vec::with_capacity(records.len());
    for r in &records {
        let next = groups.len() as u32;
        member.push(*groups.entry(r.key).or_insert(next));
    }
    let count = groups.len();
    // by group; within it by order, as workers hand rows over in any order
    let mut begin = vec![0u32; count + 1];
    member.iter().for_each(|&g| begin[g as usize + 1] += 1);
    (0..count).for_each(|g| begin[g + 1] += begin[g]);
    let mut next = begin.clone();
    let mut places = vec![0u32; records.len()];
    for (i, &g) in member.iter().enumerate() {
        places[next[g as usize] as usize] = i as u32;
        next[g as usize] += 1;
    }
    let mut waiting = Waiting::default();
    let mut finished = Vec::with_capacity(count);
    let mut rows = vec![];
    for bounds in begin.windows(2) {
        rows.clear();
        rows.extend(places[bounds[0] as usize..bounds[1] as usize].iter().map(|&i| records[i as usize]));
        if !rows.is_sorted_by_key(|r| r.order) {
            rows.sort_unstable_by_key(|r| r.order);
        }
        waiting.add(&rows, files, method);
        if waiting.len() == Waiting::MANY {
            finished.extend(waiting.pool(method));
        }
    }
    finished.extend(waiting.pool(method));
    finished.sort_unstable_by_key(|f| f.order);
    let mut out = vec![];
    let mut one = vec![];
    for f in &finished {
        one.clear();
        f.write(&mut one);
        out.extend_from_slice(&(one.len() as u32).to_le_bytes());
        out.extend_from_slice(&one);
    }
    out
}

/// Results of a partition, one after the other.
pub(super) enum Results {
    Memory(Vec<u8>, usize),
    Disk(BufReader<File>),
}

impl Results {
    fn disk(path: &Path) -> Result<Self, Error> {
        File::open(path)
            .map(|f| Self::Disk(BufReader::with_capacity(1 << 16, f)))
            .map_err(|e| failed(path, &e))
    }

    fn next(&mut self) -> Option<Finished> {
        match self {
            Self::Memory(bytes, at) => {
                let head: [u8; 4] = bytes.get(*at..*at + 4)?.try_into().ok()?;
                let length = u32::from_le_bytes(head) as usize;
                let mut one = bytes.get(*at + 4..*at + 4 + length)?;
                *at += 4 + length;
                Finished::read(&mut one)
            }
            Self::Disk(file) => {
                let mut head = [0; 4];
                file.read_exact(&mut head).ok()?;
                let mut one = vec![0; u32::from_le_bytes(head) as usize];
                file.read_exact(&mut one).ok()?;
                Finished::read(&mut one.as_slice())
            }
        }
    }
}

/// Hands all groups to `take`, in the order in which they first appear in the input; all cores bring them in form.
pub(super) fn merge(
    mut results: Vec<Results>,
    former: Former,
    take: &mut dyn FnMut(Formed) -> Result<(), Error>,
) -> Result<(), Error> {
    const BATCH: usize = 4096;
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        // batches are formed by workers and taken here in turn
        let mut lanes = vec![];
        for _ in 0..workers {
            let (give, get) = mpsc::sync_channel::<Vec<Finished>>(2);
            let (back, formed) = mpsc::sync_channel::<Formed>(2);
            scope.spawn(move || get.into_iter().try_for_each(|batch| back.send(former.form(batch))));
            lanes.push((give, formed));
        }
        let mut waiting: Vec<Option<Finished>> = results.iter_mut().map(Results::next).collect();
        let mut heap: BinaryHeap<Reverse<(u64, usize)>> = waiting
            .iter()
            .enumerate()
            .filter_map(|(i, f)| f.as_ref().map(|f| Reverse((f.order, i))))
            .collect();
        let mut batch = Vec::with_capacity(BATCH);
        let (mut given, mut taken) = (0, 0);
        let stopped = || Error::new(ErrorKind::Write, "a worker has stopped");
        while let Some(Reverse((_, i))) = heap.pop() {
            batch.extend(waiting[i].take());
            waiting[i] = results[i].next();
            if let Some(f) = &waiting[i] {
                heap.push(Reverse((f.order, i)));
            }
            if batch.len() == BATCH || heap.is_empty() {
                if given - taken == 2 * workers {
                    take(lanes[taken % workers].1.recv().map_err(|_| stopped())?)?;
                    taken += 1;
                }
                let full = std::mem::replace(&mut batch, Vec::with_capacity(BATCH));
                lanes[given % workers].0.send(full).map_err(|_| stopped())?;
                given += 1;
            }
        }
        while taken < given {
            take(lanes[taken % workers].1.recv().map_err(|_| stopped())?)?;
            taken += 1;
        }
        Ok(())
    })
}
