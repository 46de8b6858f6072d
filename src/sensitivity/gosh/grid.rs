//! What is summed over subsets: moments, what each study goes with, and a grid of counts for the picture.

/// What a subset gives: estimate and I².
pub(super) type Point = (f64, f64);

/// Subsets with a study: how many, Σ (x − c), Σ I².
pub(super) type With = (u64, f64, f64);

/// What is summed over subsets.
pub(super) struct Tally {
    pub(super) n: u64,
    pub(super) failed: u64,
    /// Σ (x − c), Σ (x − c)² of estimates, Σ and Σ² of I².
    pub(super) sums: [f64; 4],
    pub(super) range: (f64, f64),
    /// Of each study.
    pub(super) with: Vec<With>,
    /// Subsets per cell, and those of them with the study that splits the cloud.
    pub(super) cells: Vec<[u32; 2]>,
    pub(super) outside: u64,
}

/// The grid, the centre that sums are taken from, and the study whose subsets are counted apart.
#[derive(Clone, Copy)]
pub(super) struct Grid {
    pub(super) k: usize,
    pub(super) centre: f64,
    pub(super) range: (f64, f64),
    /// Cells per unit of the estimate.
    density: f64,
    pub(super) split: usize,
}

/// Cells along the estimate and along I².
pub(super) const COLUMNS: usize = 180;
pub(super) const ROWS: usize = 50;

impl Grid {
    pub(super) fn new(k: usize, range: (f64, f64), split: usize) -> Self {
        let density = COLUMNS as f64 / (range.1 - range.0);
        Self { k, centre: 0.5 * (range.0 + range.1), range, density, split }
    }

    /// With another study whose subsets are counted apart.
    pub(super) fn splitting(self, split: usize) -> Self {
        Self { split, ..self }
    }

    pub(super) fn empty(&self) -> Tally {
        Tally {
            n: 0,
            failed: 0,
            sums: [0.0; 4],
            range: (f64::INFINITY, f64::NEG_INFINITY),
            with: vec![(0, 0.0, 0.0); self.k],
            cells: vec![[0; 2]; COLUMNS * ROWS],
            outside: 0,
        }
    }

    /// Counts a subset but for what each study is given; says whether it could be fitted.
    #[inline(always)]
    pub(super) fn add(&self, tally: &mut Tally, with_split: bool, point: Option<Point>) -> bool {
        let Some((x, i2)) = point.filter(|p| p.0.is_finite() && p.1.is_finite()) else {
            tally.failed += 1;
            return false;
        };
        let d = x - self.centre;
        tally.n += 1;
        tally.sums[0] += d;
        tally.sums[1] += d * d;
        tally.sums[2] += i2;
        tally.sums[3] += i2 * i2;
        tally.range = (tally.range.0.min(x), tally.range.1.max(x));
        let place = (x - self.range.0) * self.density;
        if (0.0..=COLUMNS as f64).contains(&place) {
            let column = (place as usize).min(COLUMNS - 1);
            let row = ((i2 * (ROWS as f64 / 100.0)) as usize).min(ROWS - 1);
            let cell = &mut tally.cells[row * COLUMNS + column];
            cell[0] += 1;
            cell[1] += u32::from(with_split);
        } else {
            tally.outside += 1;
        }
        true
    }

    /// Counts a subset for every study in it as well.
    pub(super) fn add_each(&self, tally: &mut Tally, mask: &[u64], point: Option<Point>) {
        let with_split = mask[self.split / 64] >> (self.split % 64) & 1 == 1;
        if let (true, Some((x, i2))) = (self.add(tally, with_split, point), point) {
            let d = x - self.centre;
            each(mask, |i| {
                let own = &mut tally.with[i];
                *own = (own.0 + 1, own.1 + d, own.2 + i2);
            });
        }
    }
}

impl Tally {
    pub(super) fn merge(&mut self, other: &Self) {
        self.n += other.n;
        self.failed += other.failed;
        self.outside += other.outside;
        self.sums.iter_mut().zip(other.sums).for_each(|(a, b)| *a += b);
        self.range = (self.range.0.min(other.range.0), self.range.1.max(other.range.1));
        for (a, b) in self.with.iter_mut().zip(&other.with) {
            *a = (a.0 + b.0, a.1 + b.1, a.2 + b.2);
        }
        for (a, b) in self.cells.iter_mut().zip(&other.cells) {
            *a = [a[0] + b[0], a[1] + b[1]];
        }
    }

    /// Standard deviations of the estimates and of I².
    pub(super) fn spreads(&self) -> (f64, f64) {
        let n = self.n as f64;
        let spread = |sum: f64, squares: f64| {
            if self.n > 1 { ((squares - sum * sum / n) / (n - 1.0)).max(0.0).sqrt() } else { 0.0 }
        };
        (spread(self.sums[0], self.sums[1]), spread(self.sums[2], self.sums[3]))
    }

    /// Of a study: means with it and without it (as distances from the centre, and I²), and how far these lie apart.
    pub(super) fn split(&self, i: usize) -> ([Point; 2], f64) {
        let (with, d, i2) = self.with[i];
        let (with, without) = (with as f64, (self.n - with) as f64);
        let apart = |sum: f64, all: f64| (sum / with, (all - sum) / without);
        let (a, b) = (apart(d, self.sums[0]), apart(i2, self.sums[2]));
        let spreads = self.spreads();
        let part = |(x, y): (f64, f64), sd: f64| if sd > 0.0 { (x - y) / sd } else { 0.0 };
        ([(a.0, b.0), (a.1, b.1)], part(a, spreads.0).hypot(part(b, spreads.1)))
    }

    /// The study that splits the cloud most, the first of equals.
    pub(super) fn widest(&self) -> usize {
        let distances: Vec<f64> = (0..self.with.len()).map(|i| self.split(i).1).collect();
        (0..distances.len()).rev().max_by(|&a, &b| distances[a].total_cmp(&distances[b])).unwrap_or(0)
    }
}

/// Calls with the place of every bit that is set.
#[inline(always)]
pub(super) fn each(mask: &[u64], mut f: impl FnMut(usize)) {
    for (word, &bits) in mask.iter().enumerate() {
        let mut m = bits;
        while m != 0 {
            f(word * 64 + m.trailing_zeros() as usize);
            m &= m - 1;
        }
    }
}
