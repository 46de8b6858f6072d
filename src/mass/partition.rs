//! Rows that memory has no room for: spread on disk over partitions by the hash of their group; each partition is pooled by
//! itself, and the results are merged in the order in which groups first appear.
//!
//! A folder beside the result holds `fingerprint`, `part-N`, `partitioned` (once all rows are there) and
//! `done-N`; a run that finds them with its own fingerprint goes on from there.

use super::fit::Method;
use super::group::{Pooled, Waiting};
use super::output::{Formed, Former};
use super::record::Record;
use crate::error::{Error, ErrorKind};
use crate::math::parallel::{self, in_portions};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::fs::{File, OpenOptions};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, mpsc};

/// Bytes that one worker gathers for a partition before it hands them over.
const LOCAL: usize = 1 << 16;

/// Where rows wait.
#[derive(Debug)]
pub(super) struct Partitions {
    /// Held while rows are appended to a partition.
    parts: Vec<Mutex<()>>,
    folder: PathBuf,
}

/// Rows of one worker on their way to the partitions.
pub(super) struct Feeder<'a> {
    all: &'a Partitions,
    local: Vec<Vec<u8>>,
}

fn failed(path: &Path, e: &std::io::Error) -> Error {
    Error::new(ErrorKind::Write, format!("the partition cannot be kept on disk: {e}"))
        .in_file(&path.display().to_string())
        .with_hint("make room, or allow more memory: ⟦memory=MB⟧")
}

impl Partitions {
    /// In a folder that is made when the first rows come.
    pub fn new(count: usize, folder: PathBuf) -> Self {
        Self { parts: (0..count).map(|_| Mutex::default()).collect(), folder }
    }

    fn file(&self, part: usize) -> PathBuf {
        self.folder.join(format!("part-{part}"))
    }

    pub fn feeder(&self) -> Feeder<'_> {
        Feeder { all: self, local: vec![vec![]; self.parts.len()] }
    }

    /// Whether an earlier run left all rows on disk.
    pub fn found(&self) -> bool {
        self.folder.join("partitioned").exists()
    }

    fn append(&self, part: usize, bytes: &mut Vec<u8>) -> Result<(), Error> {
        let _held = self.parts[part].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        std::fs::create_dir_all(&self.folder).map_err(|e| failed(&self.folder, &e))?;
        let path = self.file(part);
        let mut file =
            OpenOptions::new().create(true).append(true).open(&path).map_err(|e| failed(&path, &e))?;
        file.write_all(bytes).map_err(|e| failed(&path, &e))?;
        bytes.clear();
        Ok(())
    }

    /// Marks that all rows are there.
    pub fn complete(&self) -> Result<(), Error> {
        mark(&self.folder.join("partitioned"), b"all rows")
    }

    /// Pools all partitions on all cores.
    pub fn pool(
        &self,
        files: usize,
        method: &Method,
        progress: &(dyn Fn(f64) + Sync),
    ) -> Result<Vec<Results>, Error> {
        let one = |part: usize| -> Result<Results, Error> {
            let done = self.folder.join(format!("done-{part}"));
            if !done.exists() {
                let path = self.file(part);
                let bytes =
                    if path.exists() { std::fs::read(&path).map_err(|e| failed(&path, &e))? } else { vec![] };
                mark(&done, &pooled(&bytes, files, method))?;
            }
            Results::open(&done)
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
        if self.local[part].len() >= LOCAL { self.all.append(part, &mut self.local[part]) } else { Ok(()) }
    }

    pub fn finish(mut self) -> Result<(), Error> {
        for part in 0..self.local.len() {
            if !self.local[part].is_empty() {
                self.all.append(part, &mut self.local[part])?;
            }
        }
        Ok(())
    }
}

/// Pools the groups of a partition; their results as bytes, by the order in which they first appear.
fn pooled(bytes: &[u8], files: usize, method: &Method) -> Vec<u8> {
    let mut rest = bytes;
    let records: Vec<Record<'_>> = std::iter::from_fn(|| Record::read(&mut rest)).collect();
    let (begin, places) = by_group(&records);
    let mut waiting = Waiting::default();
    let mut finished = Pooled::default();
    let mut rows = vec![];
    for bounds in begin.windows(2) {
        rows.clear();
        rows.extend(places[bounds[0] as usize..bounds[1] as usize].iter().map(|&i| records[i as usize]));
        // workers hand rows over in any order
        if !rows.is_sorted_by_key(|r| r.order) {
            rows.sort_unstable_by_key(|r| r.order);
        }
        waiting.add(rows.iter().copied(), files, method, &mut finished);
    }
    waiting.pool(method, &mut finished);
    let mut by_order: Vec<usize> = (0..finished.len()).collect();
    by_order.sort_unstable_by_key(|&i| finished.orders[i]);
    let mut out = vec![];
    by_order.iter().for_each(|&i| finished.write(i, &mut out));
    out
}

/// Records by their groups, and where those of each begin.
fn by_group(records: &[Record<'_>]) -> (Vec<u32>, Vec<u32>) {
    let mut groups: HashMap<&[u8], u32> = HashMap::new();
    let mut member: Vec<u32> = Vec::with_capacity(records.len());
    for r in records {
        let next = groups.len() as u32;
        member.push(*groups.entry(r.key).or_insert(next));
    }
    let count = groups.len();
    let mut begin = vec![0u32; count + 1];
    member.iter().for_each(|&g| begin[g as usize + 1] += 1);
    (0..count).for_each(|g| begin[g + 1] += begin[g]);
    let mut next = begin.clone();
    let mut places = vec![0u32; records.len()];
    for (i, &g) in member.iter().enumerate() {
        places[next[g as usize] as usize] = i as u32;
        next[g as usize] += 1;
    }
    (begin, places)
}

/// Results of a partition, one after the other.
pub(super) struct Results {
    path: PathBuf,
    file: BufReader<File>,
    /// Bytes of the next group.
    next: Vec<u8>,
}

impl Results {
    fn open(path: &Path) -> Result<Self, Error> {
        let file = File::open(path).map_err(|e| failed(path, &e))?;
        let mut out =
            Self { path: path.to_path_buf(), file: BufReader::with_capacity(LOCAL, file), next: vec![] };
        out.step()?;
        Ok(out)
    }

    /// Goes on to the next group; without one, no bytes are left.
    fn step(&mut self) -> Result<(), Error> {
        let broken = |e: std::io::Error| {
            Error::new(ErrorKind::Read, format!("the results of a partition break off: {e}"))
                .in_file(&self.path.display().to_string())
                .caused_by(e)
        };
        self.next.clear();
        if self.file.fill_buf().map_err(broken)?.is_empty() {
            return Ok(());
        }
        let mut length = [0; 4];
        self.file.read_exact(&mut length).map_err(broken)?;
        self.next.resize(u32::from_le_bytes(length) as usize, 0);
        self.file.read_exact(&mut self.next).map_err(broken)
    }

    fn order(&self) -> Option<u64> {
        Pooled::order_of(&self.next)
    }
}

/// Groups of several partitions, the first of the input first.
struct Merge {
    results: Vec<Results>,
    /// The order of the next group of each.
    heads: BinaryHeap<Reverse<(u64, usize)>>,
}

impl Merge {
    fn new(results: Vec<Results>) -> Self {
        let heads = results.iter().enumerate().filter_map(|(i, r)| Some(Reverse((r.order()?, i)))).collect();
        Self { results, heads }
    }

    /// The next groups, some thousands at most; none at the end.
    fn batch(&mut self) -> Result<Option<Pooled>, Error> {
        const BATCH: usize = 4096;
        let mut batch = Pooled::default();
        while batch.len() < BATCH
            && let Some(Reverse((_, i))) = self.heads.pop()
        {
            let own = &mut self.results[i];
            let cut_off = || Error::new(ErrorKind::Read, "the results of a partition break off");
            batch.push(&own.next).ok_or_else(cut_off)?;
            own.step()?;
            self.heads.extend(own.order().map(|order| Reverse((order, i))));
        }
        Ok((batch.len() > 0).then_some(batch))
    }
}

/// A worker that brings batches in form, in turn.
struct Lane {
    give: mpsc::SyncSender<Pooled>,
    formed: mpsc::Receiver<Formed>,
}

impl Lane {
    fn begin<'s>(scope: &'s std::thread::Scope<'s, '_>, former: &'s Former) -> Self {
        let (give, get) = mpsc::sync_channel::<Pooled>(2);
        let (back, formed) = mpsc::sync_channel::<Formed>(2);
        scope.spawn(move || {
            for batch in get {
                if back.send(former.form(&batch)).is_err() {
                    // nobody takes any more
                    break;
                }
            }
        });
        Self { give, formed }
    }
}

/// Hands all groups to `take`, in the order in which they first appear in the input; all cores bring them in form.
///
/// # Errors
/// Results break off, or `take` fails.
pub(super) fn merge(
    results: Vec<Results>,
    former: &Former,
    take: &mut dyn FnMut(Formed) -> Result<(), Error>,
) -> Result<(), Error> {
    let stopped = || Error::new(ErrorKind::Write, "a worker has stopped");
    let workers = parallel::workers();
    std::thread::scope(|scope| {
        let lanes: Vec<Lane> = (0..workers).map(|_| Lane::begin(scope, former)).collect();
        let mut merge = Merge::new(results);
        let (mut given, mut taken) = (0, 0);
        loop {
            let batch = merge.batch()?;
            // all lanes are full, or nothing is left to give
            while taken < given && (batch.is_none() || given - taken == 2 * workers) {
                take(lanes[taken % workers].formed.recv().map_err(|_| stopped())?)?;
                taken += 1;
            }
            let Some(batch) = batch else { return Ok(()) };
            lanes[given % workers].give.send(batch).map_err(|_| stopped())?;
            given += 1;
        }
    })
}
