//! ML and REML of many small samples side by side: each lane holds the search over one sample, and takes the next sample
//! as soon as its own is done. The sums are those of [`Sample::sums_from`], added in another order; the search is the same.

use super::Between;
use super::likelihood::{Ascent, Likelihood, Slope, is_handy, maximise};
use crate::math::simd::widest;
use crate::model::sums::lanes::{LARGEST, LaneSums, Lanes, WIDTH};
use crate::model::sums::{NormalModel, Sample};

/// The maximum over each of the samples, which have two studies or more.
pub(super) fn maximise_all<L: Likelihood>(samples: &[Sample<'_>]) -> Vec<Between> {
    widest(
        #[inline(always)]
        || {
            let mut queue = Queue { samples, next: 0, found: vec![Between::zero(0); samples.len()] };
            queue.work_off::<L>();
            queue.found
        },
    )
}

/// Samples that wait for a lane, and what was found of those that had one.
struct Queue<'a> {
    samples: &'a [Sample<'a>],
    next: usize,
    found: Vec<Between>,
}

impl Queue<'_> {
    /// The next sample that fits into a lane; those that do not are dealt with on the way.
    #[inline(always)]
    fn take<L: Likelihood>(&mut self) -> Option<usize> {
        while self.next < self.samples.len() {
            let i = self.next;
            self.next += 1;
            if self.samples[i].k() <= LARGEST && is_handy(self.samples[i].variance_range()) {
                return Some(i);
            }
            self.found[i] = maximise::<L>(&self.samples[i]);
        }
        None
    }

    /// Puts the next sample into a lane, and begins its search.
    #[inline(always)]
    fn fill<L: Likelihood>(&mut self, lanes: &mut Lanes, l: usize) -> Option<(usize, Ascent)> {
        let next = self.take::<L>();
        lanes.fill(l, next.map(|i| &self.samples[i]));
        next.map(|i| (i, Ascent::new(self.samples[i].unweighted())))
    }

    #[inline(always)]
    fn work_off<L: Likelihood>(&mut self) {
        let mut lanes = Lanes::empty();
        let mut searches: [Option<(usize, Ascent)>; WIDTH] = [None; WIDTH];
        let mut tau2 = [0.0; WIDTH];
        for (l, search) in searches.iter_mut().enumerate() {
            *search = self.fill::<L>(&mut lanes, l);
        }
        while searches.iter().any(Option::is_some) {
            let slopes = slopes_of::<L>(&lanes.sums(&tau2));
            for l in 0..WIDTH {
                let Some((i, ascent)) = &mut searches[l] else { continue };
                if let Some(found) = ascent.step::<L>(slopes[l], &self.samples[*i]) {
                    self.found[*i] = found;
                    searches[l] = self.fill::<L>(&mut lanes, l);
                }
                tau2[l] = searches[l].as_ref().map_or(0.0, |s| s.1.tau2());
            }
        }
    }
}

/// The slopes of all lanes at once, number by number, so that vectors are filled.
#[inline(always)]
fn slopes_of<L: Likelihood>(sums: &LaneSums) -> [Slope; WIDTH] {
    let (mut score, mut observed, mut expected) = ([0.0; WIDTH], [0.0; WIDTH], [0.0; WIDTH]);
    for l in 0..WIDTH {
        let slope = L::slope(&sums.of(l));
        (score[l], observed[l], expected[l]) = (slope.score, slope.observed, slope.expected);
    }
    std::array::from_fn(|l| Slope { score: score[l], observed: observed[l], expected: expected[l] })
}
