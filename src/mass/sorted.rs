//! Rows that stand together by group: one group is held at a time, workers pool packets of groups, and the results are
//! written in order.

use super::fit::Method;
use super::group::{Pooled, Waiting};
use super::output::{Formed, Sink, write_in_order};
use super::record::Record;
use crate::error::Error;
use crate::math::parallel;
use std::sync::{Mutex, mpsc};

/// Bytes of a packet of groups.
const PACKET: usize = 1 << 18;

/// Whether keys have come in one of the orders in which a group cannot come back.
#[derive(Clone, Copy, Debug)]
pub(super) struct Sortedness {
    up: bool,
    down: bool,
    number_up: bool,
    number_down: bool,
}

impl Sortedness {
    pub fn new() -> Self {
        Self { up: true, down: true, number_up: true, number_down: true }
    }

    /// Takes the key after another one; says whether the order still holds.
    pub fn step(&mut self, last: &[u8], next: &[u8]) -> bool {
        self.up &= last < next;
        self.down &= last > next;
        if self.number_up || self.number_down {
            let number = |k: &[u8]| std::str::from_utf8(k).ok().and_then(|t| t.parse::<f64>().ok());
            match (number(last), number(next)) {
                (Some(a), Some(b)) => {
                    self.number_up &= a < b;
                    self.number_down &= a > b;
                }
                _ => (self.number_up, self.number_down) = (false, false),
            }
        }
        self.up || self.down || self.number_up || self.number_down
    }
}

/// Takes rows one after the other and sends off packets of whole groups.
pub(super) struct Runs {
    order: Sortedness,
    last: Vec<u8>,
    /// Records of whole groups, and from where the current one begins.
    packet: Vec<u8>,
    begun: usize,
    sent: u64,
    send: mpsc::SyncSender<(u64, Vec<u8>)>,
}

impl Runs {
    /// Takes a row; `false` if it shows that rows are not sorted.
    pub fn add(&mut self, record: &Record<'_>) -> bool {
        if self.last != record.key {
            if !self.packet.is_empty() && !self.order.step(&self.last, record.key) {
                return false;
            }
            self.begun = self.packet.len();
            self.last.clear();
            self.last.extend_from_slice(record.key);
            if self.packet.len() >= PACKET {
                self.ship();
            }
        }
        record.write(&mut self.packet);
        true
    }

    fn ship(&mut self) {
        let rest = self.packet.split_off(self.begun);
        let whole = std::mem::replace(&mut self.packet, rest);
        self.begun = 0;
        // workers gone: their error is told by them
        let _ = self.send.send((self.sent, whole));
        self.sent += 1;
    }

    fn finish(mut self) {
        self.begun = self.packet.len();
        self.ship();
    }
}

fn pooled(bytes: &[u8], method: &Method, waiting: &mut Waiting) -> Pooled {
    let mut rest = bytes;
    let mut rows: Vec<Record<'_>> = vec![];
    let mut out = Pooled::default();
    while let Some(r) = Record::read(&mut rest) {
        if rows.last().is_some_and(|l| l.key != r.key) {
            waiting.add(rows.iter().copied(), 0, method, &mut out);
            rows.clear();
        }
        rows.push(r);
    }
    if !rows.is_empty() {
        waiting.add(rows.iter().copied(), 0, method, &mut out);
    }
    waiting.pool(method, &mut out);
    out
}

/// Runs `read`, which feeds rows, while workers pool and one writes. `false` from `read` means that rows are not sorted.
pub(super) fn run(
    method: &Method,
    sink: &mut Sink<'_>,
    read: impl FnOnce(&mut Runs) -> Result<bool, Error>,
) -> Result<bool, Error> {
    let workers = parallel::workers();
    let (send, receive) = mpsc::sync_channel::<(u64, Vec<u8>)>(2 * workers);
    let receive = Mutex::new(receive);
    let former = sink.former();
    let (results, finished) = mpsc::sync_channel::<(u64, Formed)>(4 * workers);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            let (receive, results, former) = (&receive, results.clone(), &former);
            scope.spawn(move || {
                let mut waiting = Waiting::default();
                loop {
                    let packet = receive.lock().unwrap_or_else(std::sync::PoisonError::into_inner).recv();
                    let Ok((number, bytes)) = packet else { return };
                    if results.send((number, former.form(&pooled(&bytes, method, &mut waiting)))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(results);
        let writing = scope.spawn(move || write_in_order(finished, sink));
        let mut runs =
            Runs { order: Sortedness::new(), last: vec![], packet: vec![], begun: 0, sent: 0, send };
        let sorted = read(&mut runs);
        match sorted {
            Ok(true) => runs.finish(),
            _ => drop(runs),
        }
        let written = writing.join().unwrap_or_else(|_| Err(Error::model("the writer stopped")));
        let sorted = sorted?;
        written.map(|()| sorted)
    })
}
