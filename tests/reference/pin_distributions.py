"""Writes distributions.tsv: function, arguments, value; computed with mpmath at 50 digits.

Quantiles are roots of the logarithm of the smaller tail, bracketed, on a logarithmic scale.
Run: python3 pin_distributions.py > distributions.tsv   (mpmath 1.3)
"""
import mpmath as mp

mp.mp.dps = 50


def norm_sf(x):
    return mp.erfc(mp.mpf(x) / mp.sqrt(2)) / 2


def beta_pq(x, a, b):
    if a + b > 150 and a == int(a) and b == int(b):
        # I_x(a, b) is the upper tail of a binomial with a + b - 1 trials: a finite sum of positive terms
        n, x = int(a + b) - 1, mp.mpf(x)
        term = mp.binomial(n, int(a)) * x ** int(a) * (1 - x) ** (n - int(a))
        total = mp.mpf(0)
        for j in range(int(a), n + 1):
            total += term
            term *= mp.mpf(n - j) / (j + 1) * x / (1 - x)
        return total, 1 - total
    return mp.betainc(a, b, 0, x, regularized=True), mp.betainc(a, b, x, 1, regularized=True)


def t_sf(x, df):
    x, df = mp.mpf(x), mp.mpf(df)
    if x < 0:
        return 1 - t_sf(-x, df)
    if df > 100:
        return t_sf_quadrature(x, df)
    return mp.betainc(df / 2, mp.mpf(1) / 2, 0, df / (df + x * x), regularized=True) / 2


def t_sf_quadrature(x, df):
    """Integral of the density: the hypergeometric series does not converge for many degrees of freedom."""
    c = mp.exp(mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2)) / mp.sqrt(df * mp.pi)
    f = lambda t: c * mp.exp(-(df + 1) / 2 * mp.log1p(t * t / df))
    return mp.quad(f, [x, x + 1, x + 3, x + 8, x + 20, x + 60, mp.inf])


def gamma_quadrature(a, x):
    """(P, Q) by integrating the density: the series does not converge for large shapes."""
    f = lambda t: mp.exp((a - 1) * mp.log(t) - t - mp.loggamma(a))
    s = mp.sqrt(a)
    below = [c for c in (a - 60 * s, a - 20 * s, a - 6 * s, a - 2 * s, a) if 0 < c < x]
    above = [c for c in (a, a + 2 * s, a + 6 * s, a + 20 * s, a + 60 * s) if c > x]
    return mp.quad(f, [mp.mpf("1e-30")] + below + [x]), mp.quad(f, [x] + above + [4 * max(a, x), 20 * max(a, x)])


def chi2_sf(x, df):
    if df > 2000:
        return gamma_quadrature(mp.mpf(df) / 2, mp.mpf(x) / 2)[1]
    return mp.gammainc(mp.mpf(df) / 2, mp.mpf(x) / 2, mp.inf, regularized=True)


def chi2_cdf(x, df):
    if df > 2000:
        return gamma_quadrature(mp.mpf(df) / 2, mp.mpf(x) / 2)[0]
    return mp.gammainc(mp.mpf(df) / 2, 0, mp.mpf(x) / 2, regularized=True)


def bisect(f, lo, hi):
    """Root of an increasing f by bisection to 40 digits, then polished by the secant rule."""
    lo, hi = mp.mpf(lo), mp.mpf(hi)
    for _ in range(170):
        mid = (lo + hi) / 2
        if f(mid) < 0:
            lo = mid
        else:
            hi = mid
    return (lo + hi) / 2


def t_upper(q, df):
    if df > 100:
        start = mp.sqrt(2) * mp.erfinv(1 - 2 * q)
        return mp.findroot(lambda t: mp.log(q) - mp.log(t_sf(t, df)), (start, start * 1.001), tol=1e-25)
    return mp.exp(bisect(lambda u: mp.log(q) - mp.log(t_sf(mp.exp(u), df)), -40, 300))


def chi2_q(p, df):
    return mp.exp(bisect(lambda u: mp.log(chi2_cdf(mp.exp(u), df)) - mp.log(p), -200, 15))


def chi2_upper(q, df):
    return mp.exp(bisect(lambda u: mp.log(q) - mp.log(chi2_sf(mp.exp(u), df)), -60, 15))


def beta_q(p, a, b):
    u = bisect(lambda u: mp.log(beta_pq(1 / (1 + mp.exp(-u)), a, b)[0]) - mp.log(p), -120, 120)
    return 1 / (1 + mp.exp(-u))


def show(name, args, value):
    print("\t".join([name, ",".join(repr(a) for a in args), mp.nstr(value, 20)]), flush=True)


print("# mpmath %s, 50 digits; written by pin_distributions.py" % mp.__version__)
for x in [-8.0, -3.0, -1.0, -0.1, 0.0, 0.5, 1.0, 1.96, 3.0, 5.0, 8.0, 12.0, 20.0, 30.0, 37.0]:
    show("normal_sf", [x], norm_sf(x))
for p in [1e-300, 1e-100, 1e-20, 1e-10, 1e-5, 0.005, 0.025, 0.1, 0.3, 0.5, 0.7, 0.975]:
    u = mp.mpf(0) if p == 0.5 else -mp.sqrt(2) * mp.erfinv(1 - 2 * mp.mpf(p)) if p > 1e-12 else None
    if u is None:
        u = -bisect(lambda x: mp.log(mp.mpf(p)) - mp.log(norm_sf(x)), 0, 60)
    show("normal_quantile", [p], u)
for df in [0.5, 1.0, 1.7, 2.0, 3.0, 4.5, 8.0, 12.0, 30.0, 149.0, 1000.0, 1e6]:
    for x in [0.001, 0.3, 1.0, 2.2, 4.0, 12.0] + ([80.0] if df < 100 else []):
        show("t_sf", [x, df], t_sf(x, df))
    for q in [0.4999, 0.3, 0.1, 0.025, 0.005, 1e-5, 1e-10, 1e-30]:
        if (df >= 1 or q > 1e-11) and (df < 100 or q in (0.1, 0.025, 0.005, 1e-5)):
            show("t_upper_quantile", [q, df], t_upper(mp.mpf(q), df))
for df in [0.5, 1.0, 2.0, 3.0, 7.0, 12.0, 33.0, 149.0, 1000.0, 99999.0]:
    for r in [0.01, 0.3, 0.8, 0.99, 1.0, 1.05, 1.5, 4.0] if df < 2000 else [0.99, 1.0, 1.005, 1.02]:
        x = df * r
        show("chi2_sf", [x, df], chi2_sf(x, df))
        show("chi2_cdf", [x, df], chi2_cdf(x, df))
    if df < 2000:
        for p in [1e-10, 0.001, 0.025, 0.3, 0.5, 0.9, 0.975]:
            show("chi2_quantile", [p, df], chi2_q(mp.mpf(p), df))
        for q in [1e-30, 1e-10, 0.001, 0.025, 0.5]:
            show("chi2_upper_quantile", [q, df], chi2_upper(mp.mpf(q), df))
for a, b in [(0.5, 0.5), (0.5, 6.0), (1.0, 11.0), (2.0, 9.0), (3.0, 3.0), (0.3, 40.0), (13.0, 6.0), (60.0, 0.7),
             (250.0, 251.0), (1000.0, 3.0), (5000.0, 70000.0)]:
    for m in [0.02, 0.3, 0.9, 1.0, 1.1, 1.8]:
        x = float(min(m * a / (a + b), 0.999999))
        show("beta_cdf", [x, a, b], beta_pq(mp.mpf(x), a, b)[0])
    if a + b < 150:
        for p in [1e-8, 0.001, 0.025, 0.5, 0.975, 0.9999]:
            show("beta_quantile", [p, a, b], beta_q(mp.mpf(p), a, b))
for x, d1, d2 in [(0.5, 2.0, 7.0), (3.2, 3.0, 10.0), (10.0, 1.0, 12.0), (1.1, 40.0, 300.0), (100.0, 4.0, 9.0)]:
    v = mp.mpf(d1) * x / (mp.mpf(d1) * x + d2)
    show("f_sf", [x, d1, d2], mp.betainc(mp.mpf(d1) / 2, mp.mpf(d2) / 2, v, 1, regularized=True))
for x, n, p in [(0.0, 8.0, 0.1), (3.0, 10.0, 0.3), (12.0, 20.0, 0.9), (250.0, 1000.0, 0.25), (5000.0, 10000.0, 0.51)]:
    show("binomial_pmf", [x, n, p], mp.binomial(n, x) * mp.mpf(p) ** x * (1 - mp.mpf(p)) ** (n - x))
for x, m in [(0.0, 3.0), (2.0, 0.1), (40.0, 33.0), (1000.0, 950.0)]:
    show("poisson_pmf", [x, m], mp.exp(x * mp.log(m) - m - mp.loggamma(x + 1)))
