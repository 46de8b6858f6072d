//! Numbers that must be right to the last digit shown: against other programs, against arithmetic of many digits, and
//! against what they must equal.

mod support;

use serde_json::Value;
use support::{close, json, number, pluck, run, stderr, stdout};

struct File {
    _folder: tempfile::TempDir,
    name: String,
}

fn written(text: &str) -> File {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.csv");
    std::fs::write(&path, text).unwrap();
    File { name: path.to_str().unwrap().into(), _folder: folder }
}

fn numbers(value: &Value, path: &str) -> Vec<f64> {
    let found = pluck(value, &path.split('.').collect::<Vec<_>>());
    found.as_array().unwrap().iter().map(|v| v.as_f64().unwrap_or(f64::NAN)).collect()
}

#[track_caller]
fn all_close(what: &str, got: &[f64], want: &[f64], tolerance: f64) {
    assert_eq!(got.len(), want.len(), "{what}");
    got.iter().zip(want).for_each(|(g, w)| close(what, *g, *w, tolerance));
}

fn codes(value: &Value) -> Vec<String> {
    let notes = value["notes"].as_array().unwrap();
    notes.iter().map(|n| n["code"].as_str().unwrap().to_string()).collect()
}

fn regression(mods: &str, more: &[&str]) -> Value {
    json(&[&["regress", "@bcg", "--measure", "RR", "--mods", mods, "--ci", "wald"], more].concat())
}

/// metafor 3.8 on dat.bcg: `predict(rma(yi, vi, mods = ~ ...), newmods = ...)`, with the columns made from the values of
/// latitude (`ablat`) and from the mean of year.
#[test]
fn functions_follow_their_variable() {
    for (mods, at, pred, se) in [
        (
            "latitude + I(latitude^2)",
            "latitude=10,30,50",
            vec![-0.250498648387, -0.451409810465, -1.28935903058],
            vec![0.267804145041, 0.188992078363, 0.190879225548],
        ),
        (
            "log(latitude) + year",
            "latitude=15,40",
            vec![-0.253385829932, -0.945008557159],
            vec![0.262351623763, 0.167223973049],
        ),
        (
            "latitude * year",
            "latitude=15,40",
            vec![-0.303334335408, -0.929866408141],
            vec![0.433651353789, 0.167567508997],
        ),
        (
            "I(latitude * year)",
            "latitude=15,40; year=1960",
            vec![-0.181124445049, -0.909980684255],
            vec![0.158049994931, 0.122637872857],
        ),
    ] {
        let result = regression(mods, &["--at", at]);
        // rma() stops once τ² changes by less than 1e-5
        all_close(mods, &numbers(&result, "predicted.estimate"), &pred, 3e-5);
        all_close(mods, &numbers(&result, "predicted.se"), &se, 3e-5);
    }
}

/// metafor 3.8: `rma(yi, vi, mods = ~ alloc + ablat + I(ablat^2))` at the mean of ablat and its square.
#[test]
fn marginal_means_are_at_the_function_of_the_mean() {
    let result = regression("allocation + latitude + I(latitude^2)", &[]);
    let means = numbers(&result, "marginal_means.estimate");
    all_close("means", &means, &[-0.484716563379, -0.742008423351, -0.495849691501], 3e-5);
    all_close(
        "SEs",
        &numbers(&result, "marginal_means.se"),
        &[0.401269985018, 0.346641785784, 0.277630122314],
        3e-5,
    );
}

#[test]
fn a_value_is_given_to_the_column_inside_a_function() {
    let refused = |at: &str| {
        let output = run(&["regress", "@bcg", "--mods", "log(latitude)", "--at", at]);
        assert_eq!(output.status.code(), Some(2), "{at}");
        stderr(&output)
    };
    assert!(refused("log(latitude)=3").contains("follows `latitude`"));
    assert!(refused("latitude=0").contains("log(latitude) is -inf"));
    assert!(refused("latitude=-1").contains("log(latitude) is not defined"));
    assert!(refused("year=3").contains("no moderator"));
    // two columns in one function
    let result = regression("I(latitude / year)", &["--at", "latitude=20", "--at", "latitude=20; year=1000"]);
    let estimate = numbers(&result, "predicted.estimate");
    let slope = number(&result["coefficients"][1], "estimate");
    close("shift", estimate[1] - estimate[0], slope * (20.0 / 1000.0 - 20.0 / (25561.0 / 13.0)), 1e-9);
}

#[test]
fn a_bubble_plot_draws_the_curve() {
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("b.svg");
    let path = picture.to_str().unwrap();
    for (mods, moderator) in [("latitude + I(latitude^2)", "latitude"), ("log(latitude)", "log(latitude)")] {
        let args = ["plot", "bubble", "@bcg", "--mods", mods, "--moderator", moderator, "-o", path];
        let output = run(&args);
        assert!(output.status.success(), "{}", stderr(&output));
        let svg = std::fs::read_to_string(&picture).unwrap();
        // the other function of the same column is not held
        assert!(svg.contains("latitude") && !svg.contains("Held"), "{mods}");
    }
}

/// Greenland and Robins' (1985) variance, Σ (ab n₂³ + cd n₁³)/(n₁n₂N²) / (Σ n₁n₂/N)², with ½ added to the cells of the
/// studies that have an empty one, the differences from the counts as they are: the arithmetic of `metabin()` of meta
/// 8.4-0 with `method = "MH"`, `MH.exact = FALSE`, by hand. Sato's variance of the counts as they are: metafor 3.8,
/// `rma.mh(measure = "RD")`.
#[test]
fn risk_differences_are_those_of_the_profile() {
    let file = written("study,ai,n1i,ci,n2i\na,8,40,0,38\nb,5,25,6,30\nc,0,60,0,55\nd,7,31,5,44\n");
    let pool = |profile: &str, measure: &str, name: &str| {
        json(&["pool", name, "--measure", measure, "--model", "mantel-haenszel", "--profile", profile])
    };
    for profile in ["meta", "revman"] {
        let result = pool(profile, "RD", &file.name);
        close("estimate", number(&result, "common.estimate"), 0.07453049353610092, 1e-12);
        close("SE", number(&result, "common.se"), 0.0321515005870401, 1e-12);
        let method = result["settings"]["method"].as_str().unwrap();
        assert!(method.contains("Greenland and Robins"), "{method}");
    }
    for profile in ["metapool", "metafor"] {
        let result = pool(profile, "RD", &file.name);
        close("estimate", number(&result, "common.estimate"), 0.07421251082949937, 1e-12);
        close("SE", number(&result, "common.se"), 0.03204731705554568, 1e-12);
    }
    // person-time is never corrected there
    let rates = written("study,x1i,t1i,x2i,t2i\na,3,100,0,120\nb,4,90,2,80\nc,1,50,3,60\n");
    for measure in ["IRR", "IRD"] {
        let (meta, own) = (pool("meta", measure, &rates.name), pool("metapool", measure, &rates.name));
        close(measure, number(&meta, "common.estimate"), number(&own, "common.estimate"), 1e-14);
        close(measure, number(&meta, "common.se"), number(&own, "common.se"), 1e-14);
    }
}

/// metafor 5.1-12: `escalc(measure = "PCOR", ti = c(2.1, -1.3), ni = c(12, 40), mi = c(1, 3))`.
#[test]
fn a_partial_correlation_with_one_predictor_is_a_correlation() {
    let file = written("study,t,n,m\na,2.1,12,1\nb,-1.3,40,3\n");
    let columns = ["--columns", "t=t,n=n,predictors=m"];
    let of = |measure: &str| json(&[&["effects", &file.name, "--measure", measure][..], &columns].concat());
    let partial = of("PCOR");
    let (y, v) = (numbers(&partial, "studies.estimate"), numbers(&partial, "studies.variance"));
    all_close("PCOR", &y, &[0.553206538262524, -0.211753347005806], 1e-13);
    all_close("PCOR", &v, &[0.0437803625022771, 0.0246576113250674], 1e-13);
    let r = written(&format!("study,r,n\na,{},12\n", y[0]));
    let plain = |measure: &str| {
        numbers(
            &json(&["effects", &r.name, "--measure", measure, "--columns", "r=r,n=n"]),
            "studies.variance",
        )
    };
    close("COR", v[0], plain("COR")[0], 1e-12);
    close("ZCOR", numbers(&of("ZPCOR"), "studies.variance")[0], plain("ZCOR")[0], 1e-12);
}

/// metafor 5.1-12: `rma(yi, vi, mods = ~ ablat + year, data = dat.bcg, method = ...)$se.tau2`; the iterated forms of
/// DerSimonian and Laird and of Sidik and Jonkman solve the equation of Paule and Mandel.
#[test]
fn standard_errors_of_tau2_count_it_once() {
    let of = |tau2: &str, mods: &str| {
        let result = json(&["regress", "@bcg", "--mods", mods, "--tau2", tau2]);
        (number(&result, "heterogeneity.tau2"), number(&result, "heterogeneity.tau2_se"))
    };
    for (tau2, value, se) in [
        ("HE", 0.235610760816534, 0.192028695739493),
        ("HS", 0.0251355173590155, 0.0130793109403581),
        ("HSk", 0.0390727532382591, 0.0218739101402573),
        ("SJ", 0.253226123181914, 0.133261729344786),
        ("DL", 0.0790389578091283, 0.0739352391461771),
    ] {
        let found = of(tau2, "latitude + year");
        close(tau2, found.0, value, 1e-9);
        close(tau2, found.1, se, 1e-9);
    }
    let pooled = |tau2: &str| number(&json(&["pool", "@bcg", "--tau2", tau2]), "heterogeneity.tau2_se");
    close("PM", pooled("PM"), 0.17366302746, 1e-9);
    for tau2 in ["DLIT", "SJIT", "EB"] {
        close(tau2, pooled(tau2), pooled("PM"), 1e-9);
        close(tau2, of(tau2, "latitude + year").1, of("PM", "latitude + year").1, 1e-9);
    }
    // an intercept alone pools
    for tau2 in ["REML", "ML", "DL", "HE", "HS", "HSk", "SJ", "PM", "PMM", "EB", "DLIT", "SJIT"] {
        close(tau2, of(tau2, "1").1, pooled(tau2), 1e-9);
    }
}

/// Γ(m/2)/(√(m/2) Γ((m−1)/2)) and 1 − (m − 2)/(m J²), by mpmath with 50 digits.
#[test]
fn the_small_sample_correction_is_exact_for_any_size() {
    for (m, j, unbiased) in [
        (2.0, 0.5641895835477563, 1.0),
        (3.0, 0.7236012545582676, 0.3633802276324187),
        (4.0, 0.7978845608028654, 0.2146018366025517),
        (10.0, 0.9227456080530871, 0.060436767420044744),
        (29.0, 0.9738749845967184, 0.01834395502933951),
        (30.0, 0.974754378214402, 0.01769492560448234),
        (31.0, 0.9755764971568727, 0.01709024360536676),
        (344.0, 0.9978179171667801, 0.0014609180396333438),
        (1e4, 0.9999249978124297, 5.000875143771643e-5),
        (1e6, 0.9999992499997813, 5.000008750014375e-7),
        (1e9, 0.99999999925, 5.00000000875e-10),
    ] {
        let (n1, n2) = (f64::floor(0.5 * m) + 1.0, m - f64::floor(0.5 * m) + 1.0);
        let row = format!("study,mean1,sd1,n1,mean2,sd2,n2\na,1,1,{n1},0,1,{n2}\n");
        let file = written(&row);
        let result = json(&["effects", &file.name, "--measure", "SMD", "--vtype", "UB"]);
        let (y, v) = (number(&result["studies"][0], "estimate"), number(&result["studies"][0], "variance"));
        close(&format!("J({m})"), y, j, 4e-16);
        // beside 1/n₁ + 1/n₂ the term itself keeps its digits
        let term = (v - 1.0 / n1 - 1.0 / n2) / (y * y);
        close(&format!("UB({m})"), term, unbiased, 1e-13);
    }
}

/// metafor 5.1-12: `escalc(measure = ..., correct = FALSE)`.
#[test]
fn corrections_may_be_left_out() {
    let two = written("study,mean1,sd1,n1,mean2,sd2,n2\nA,10,3,20,8,2.5,22\nB,12,2.2,9,11,4,14\n");
    let one = written("study,mean,sd,n\nA,10,3,20\nB,12,2.2,9\n");
    let paired = written(
        "study,mean_post,sd_post,mean_pre,sd_pre,n,correlation\nA,10,3,8,2.5,22,0.6\nB,12,2.2,11,4,14,0.3\n",
    );
    for (file, measure, vtype, y, v) in [
        (&two, "SMD", "LS", [0.727573439597867, 0.291747718958537], [0.101756487240358, 0.184390046268324]),
        (&two, "SMD", "UB", [0.727573439597867, 0.291747718958537], [0.121922700954959, 0.190646037922303]),
        (&two, "SMD", "AV", [0.727573439597867, 0.291747718958537], [0.0993681122146713, 0.189686195753825]),
        (&two, "SMD", "LS2", [0.727573439597867, 0.291747718958537], [0.101756487240358, 0.184390046268324]),
        (&two, "SMDH", "LS", [0.724285968340148, 0.309789105404395], [0.10806064950685, 0.178676716505251]),
        (&two, "SMD1", "LS", [0.8, 0.25], [0.11, 0.184771825396825]),
        (&two, "SMD1H", "LS", [0.8, 0.25], [0.138646616541353, 0.117139423076923]),
        (
            &two,
            "ROM",
            "LS",
            [0.22314355131421, 0.0870113769896297],
            [0.00893892045454545, 0.0131796682554258],
        ),
        (&two, "VR", "LS", [0.182321556793955, -0.59783700075562], [0.050125313283208, 0.100961538461538]),
        (
            &two,
            "CVR",
            "LS",
            [-0.0408219945202553, -0.68484837774525],
            [0.0590642337377535, 0.114141206716964],
        ),
        (&one, "SMN", "LS", [3.33333333333333, 5.45454545454545], [0.327777777777778, 1.76400367309458]),
        (&one, "SDLN", "LS", [1.09861228866811, 0.78845736036427], [0.0263157894736842, 0.0625]),
        (
            &one,
            "CVLN",
            "LS",
            [-1.20397280432594, -1.69644928942373],
            [0.0308157894736842, 0.0662345679012346],
        ),
        (&paired, "SMCC", "LS", [0.8, 0.253510063281697], [0.06, 0.0737238340066104]),
        (
            &paired,
            "SMCR",
            "LS",
            [0.666666666666667, 0.454545454545455],
            [0.0464646464646465, 0.107378984651712],
        ),
        (
            &paired,
            "SMCRH",
            "LS",
            [0.666666666666667, 0.454545454545455],
            [0.0436507936507936, 0.255244755244755],
        ),
        (
            &paired,
            "SMCRP",
            "LS",
            [0.724285968340148, 0.309789105404395],
            [0.0444709388971684, 0.101867973676995],
        ),
        (
            &paired,
            "SMCRPH",
            "LS",
            [0.724285968340148, 0.309789105404395],
            [0.0476553418253384, 0.117361140272967],
        ),
        (
            &paired,
            "ROMC",
            "LS",
            [0.22314355131421, 0.0870113769896297],
            [0.00341619318181818, 0.00898875114784206],
        ),
        (
            &paired,
            "CVRC",
            "LS",
            [-0.0408219945202553, -0.68484837774525],
            [0.0338923836580087, 0.0789887511478421],
        ),
    ] {
        let args = ["effects", &file.name, "--measure", measure, "--no-correction", "--vtype", vtype];
        let result = json(&args);
        all_close(measure, &numbers(&result, "studies.estimate"), &y, 1e-12);
        all_close(measure, &numbers(&result, "studies.variance"), &v, 1e-12);
        assert_eq!(result["settings"]["small_sample_correction"], false, "{measure}");
    }
}

#[test]
fn a_correction_is_said_and_refused_where_there_is_none() {
    let file =
        written("study,mean1,sd1,n1,mean2,sd2,n2\nA,10,3,20,8,2.5,22\nB,12,2.2,9,11,4,14\nC,9,2,15,8,2,15\n");
    let method = |measure: &str, more: &[&str]| {
        let args = [&["pool", &file.name, "--measure", measure], more].concat();
        json(&args)["settings"]["method"].as_str().unwrap().to_string()
    };
    assert!(method("ROM", &[]).contains("with the second-order correction"));
    assert!(method("ROM", &["--no-correction"]).contains("without the second-order correction"));
    assert!(method("SMD", &["--no-correction"]).contains("without Hedges"));
    assert!(!method("MD", &[]).contains("correction"));
    let plain = run(&["pool", &file.name, "--measure", "SMD", "--no-correction"]);
    assert!(stdout(&plain).starts_with("Standardised mean difference (Cohen's d)"), "{}", stdout(&plain));
    for command in ["effects", "pool", "bias", "sensitivity", "bayes"] {
        let output = run(&[command, &file.name, "--measure", "MD", "--no-correction"]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        assert!(stderr(&output).contains("`MD` has no small-sample correction"), "{}", stderr(&output));
    }
    let ready = written("study,yi,sei\nA,0.2,0.1\nB,0.5,0.2\n");
    let output = run(&["pool", &ready.name, "--measure", "SMD", "--no-correction"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(stderr(&output).contains("--no-correction"), "{}", stderr(&output));
    // nor are given effects said to be corrected
    let given = json(&["pool", &ready.name, "--measure", "SMD"]);
    assert!(!given["settings"]["method"].as_str().unwrap().contains("correction"));
    // many pools at once leave it out as well
    let mass = |more: &[&str]| {
        let args = [&["mass", &file.name, "--by", "study", "--measure", "ROM", "-q"], more].concat();
        stdout(&run(&args))
    };
    assert_ne!(mass(&[]), mass(&["--no-correction"]));
    let refused = run(&["mass", &file.name, "--by", "study", "--measure", "MD", "--no-correction"]);
    assert_eq!(refused.status.code(), Some(2));
}

#[test]
fn suspicious_standardised_differences_are_named() {
    let file = written(
        "study,mean1,sd1,n1,mean2,sd2,n2\nsd,10,3,20,8,2.5,22\nse,12,0.2,40,11,0.2,40\nwild,10,30,5,9,2.5,22\n",
    );
    let noted = |measure: &str, code: &str| {
        let result = json(&["effects", &file.name, "--measure", measure]);
        let notes = result["notes"].as_array().unwrap().clone();
        notes.into_iter().find(|n| n["code"] == code).map(|n| n["message"].as_str().unwrap().to_string())
    };
    let large = noted("SMD", "large-standardised").unwrap();
    assert!(large.contains("in se:") && large.contains("standard error"), "{large}");
    assert_eq!(noted("MD", "large-standardised"), None);
    // ½(s²/nm²) is 0.9, ln(10/9) is 0.1
    let over = noted("ROM", "overcorrected").unwrap();
    assert!(over.ends_with("in wild"), "{over}");
    assert_eq!(noted("SMD", "overcorrected"), None);
}

#[test]
fn a_correlation_beyond_one_has_no_fisher_z() {
    let file = written("study,mean1,sd1,n1,mean2,sd2,n2\na,10,1,20,2,1,3\nb,3,1,20,2,1,20\n");
    let result = json(&["effects", &file.name, "--measure", "ZBIS"]);
    let far = &result["studies"][0];
    assert!(far["estimate"].is_null() && far["variance"].is_null() && far["se"].is_null());
    assert!(far["reason"].as_str().unwrap().contains("Fisher's z"), "{far}");
    assert!(number(&json(&["effects", &file.name, "--measure", "RBIS"])["studies"][0], "estimate") > 1.0);
}

#[test]
fn an_empty_interval_of_tau2_is_said_to_be_empty() {
    let alike = written("study,yi,sei\na,0.101,1\nb,0.102,1\nc,0.1,1\nd,0.103,1\ne,0.1,1\n");
    let result = json(&["pool", &alike.name, "--measure", "GEN"]);
    assert_eq!(number(&result, "heterogeneity.tau2_ci_lower"), 0.0);
    assert_eq!(number(&result, "heterogeneity.tau2_ci_upper"), 0.0);
    assert!(codes(&result).contains(&"tau2-interval-empty".into()));
    assert!(!codes(&json(&["pool", "@bcg"])).contains(&"tau2-interval-empty".into()));
    let none = json(&["pool", &alike.name, "--measure", "GEN", "--tau2-ci", "none"]);
    assert!(!codes(&none).contains(&"tau2-interval-empty".into()));
}

#[test]
fn a_regression_has_k_less_p_degrees_of_freedom() {
    let result = json(&["regress", "@bcg", "--mods", "latitude", "--ci", "t"]);
    let method = result["settings"]["method"].as_str().unwrap();
    assert!(method.contains("t with k − p degrees of freedom"), "{method}");
    assert!(stdout(&run(&["regress", "--help"])).contains("t with k − p degrees of freedom"));
    assert!(stdout(&run(&["pool", "--help"])).contains("t with k − 1 degrees of freedom"));
}

fn bayes(name: &str, measure: &str, tau: &str, mu: &str) -> Value {
    json(&["bayes", name, "--measure", measure, "--tau-prior", tau, "--mu-prior", mu])
}

/// Binomial counts with a normal random effect, integrated by brute force: Gauss–Legendre with 400 nodes on the random
/// effect, 400 (or 800) on μ and 40 on each of seven panels of τ (numpy 2, scipy 1).
#[test]
fn posteriors_of_counts_are_those_of_brute_force() {
    let text = |rows: &[(u32, u32)]| {
        let rows = rows.iter().enumerate().map(|(i, (x, n))| format!("s{i},{x},{n}\n"));
        format!("study,xi,ni\n{}", rows.collect::<String>())
    };
    let many: Vec<(u32, u32)> = (0..30).map(|i| (200 + 7 * i, 1000)).collect();
    for (rows, tau, mu, want) in [
        (
            &[(0, 10), (4, 6), (13, 18), (6, 6)][..],
            "half-normal(1)",
            "normal(0,2)",
            [0.3079769911293134, 0.906689993060318, 1.7247221864433606, 0.5719929796241584],
        ),
        (
            &[(0, 20), (0, 15), (1, 30)],
            "half-normal(0.5)",
            "flat",
            [-3.7388199739264603, 0.8630663457751739, 0.38119607669228245, 0.29097543683013666],
        ),
        (
            &many,
            "half-normal(0.5)",
            "flat",
            [-0.8551130627359921, 0.05698764168954072, 0.30130014970265645, 0.04357197282994063],
        ),
        // priors far narrower than the counts
        (
            &many,
            "half-normal(0.001)",
            "normal(-1,0.01)",
            [-0.9388938712472907, 0.00789057415533053, 0.0008488420458373841, 0.000641282988540124],
        ),
    ] {
        let file = written(&text(rows));
        let result = bayes(&file.name, "PLO", tau, mu);
        let got = ["mu.mean", "mu.sd", "tau.mean", "tau.sd"].map(|p| number(&result, p));
        all_close(tau, &got, &want, 1e-7);
    }
}

/// mpmath 1.3 with 30 digits: `quad` over ln τ in panels of 1 from −60 to 80.
#[test]
fn posteriors_are_those_of_many_digits() {
    let text = |y: &[f64], se: &[f64]| {
        let rows = y.iter().zip(se).enumerate().map(|(i, (y, s))| format!("s{i},{y},{s}\n"));
        format!("study,yi,sei\n{}", rows.collect::<String>())
    };
    // one standard error a thousand times smaller
    let uneven = text(&[0.1, 0.4, -0.2, 0.3, 0.6], &[0.2, 0.25, 0.0003, 0.3, 0.22]);
    let three = text(&[0.1, 0.4, -0.2], &[0.2, 0.25, 0.3]);
    let two = text(&[0.1, 0.4], &[0.2, 0.25]);
    for (rows, tau, mu, want) in [
        (
            &uneven,
            "jeffreys",
            "flat",
            [
                0.18659610151763864,
                0.23000261959169616,
                0.39519656147004767,
                0.23898765621697235,
                0.3402100105675671,
            ],
        ),
        (
            &three,
            "half-cauchy(0.5)",
            "normal(0,4)",
            [
                0.11752598240520049,
                0.28867110062625284,
                0.30304853154263905,
                0.3378114322044441,
                0.21738326158596094,
            ],
        ),
        // the second moment exists by 0.2 only
        (
            &two,
            "half-t(0.5,1.2)",
            "flat",
            [
                0.23421377137894586,
                0.7664943673039318,
                0.41801958386042054,
                0.9746730331445719,
                0.2556595979896968,
            ],
        ),
    ] {
        let file = written(rows);
        let result = bayes(&file.name, "GEN", tau, mu);
        let got = ["mu.mean", "mu.sd", "tau.mean", "tau.sd", "tau.median"].map(|p| number(&result, p));
        all_close(tau, &got, &want, 1e-6);
    }
}

/// Moment r of τ exists for r < a + k − 2 with a flat μ, for r < a + k − 1 with a proper one.
#[test]
fn moments_that_do_not_exist_are_missing() {
    let text = |k: usize| {
        let rows = (0..k).map(|i| format!("s{i},{},0.2\n", 0.1 * i as f64));
        format!("study,yi,sei\n{}", rows.collect::<String>())
    };
    let there = |k: usize, tau: &str, mu: &str| {
        let file = written(&text(k));
        let result = bayes(&file.name, "GEN", tau, mu);
        let has = |q: &str| {
            let m = &result[q];
            assert!(m["median"].is_number() && m["ci_lower"].is_number() && m["ci_upper"].is_number());
            [m["mean"].is_number(), m["sd"].is_number()].iter().filter(|b| **b).count()
        };
        let counts = [has("mu"), has("tau"), has("predictive")];
        assert!(numbers(&result, "studies.shrinkage_mean").iter().all(|x| x.is_finite()));
        assert_eq!(codes(&result).contains(&"no-moments".into()), counts != [2, 2, 2], "{k} {tau} {mu}");
        counts
    };
    assert_eq!(there(3, "uniform", "flat"), [0, 0, 0]);
    assert_eq!(there(4, "uniform", "flat"), [1, 1, 1]);
    assert_eq!(there(5, "uniform", "flat"), [2, 2, 2]);
    assert_eq!(there(3, "uniform", "normal(0,1)"), [2, 1, 1]);
    assert_eq!(there(3, "jeffreys", "flat"), [1, 1, 1]);
    assert_eq!(there(4, "jeffreys", "flat"), [2, 2, 2]);
    assert_eq!(there(1, "half-cauchy(1)", "flat"), [0, 0, 0]);
    assert_eq!(there(2, "half-cauchy(1)", "flat"), [1, 1, 1]);
    assert_eq!(there(2, "half-cauchy(1)", "normal(0,1)"), [2, 2, 2]);
    assert_eq!(there(1, "half-t(1,2)", "flat"), [1, 1, 1]);
    assert_eq!(there(1, "half-normal(1)", "flat"), [2, 2, 2]);
    // without a finite effect a study does not hold τ back
    let counts = written("study,xi,ni\na,0,10\nb,0,12\nc,2,9\nd,3,11\n");
    let result = bayes(&counts.name, "PLO", "uniform", "flat");
    assert!(result["tau"]["mean"].is_null() && result["mu"]["sd"].is_number());
    let fewer = written("study,xi,ni\na,0,10\nb,0,12\nc,2,9\n");
    let output = run(&["bayes", &fewer.name, "--measure", "PLO", "--tau-prior", "uniform"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(stderr(&output).contains("needs two studies with a finite effect"), "{}", stderr(&output));
}

#[test]
fn priors_at_the_edge_of_numbers_answer_or_are_refused() {
    let file = written("study,yi,sei\na,0.1,0.2\nb,0.4,0.25\nc,-0.2,0.3\n");
    let counts = written("study,xi,ni\na,2,10\nb,3,12\nc,2,9\n");
    for (name, measure) in [(&file.name, "GEN"), (&counts.name, "PLO")] {
        for mu in ["normal(0,1e-308)", "normal(0,1e300)", "normal(1e200,1)", "normal(1,1e-20)", "normal(0,0)"]
        {
            let args =
                ["bayes", name, "--measure", measure, "--tau-prior", "half-normal(1)", "--mu-prior", mu];
            let output = run(&args);
            assert_eq!(output.status.code(), Some(2), "{mu}");
            assert!(stderr(&output).contains("normal("), "{}", stderr(&output));
        }
        let pinned = bayes(name, measure, "half-normal(1)", "normal(0,1e-100)");
        close("SD of μ", number(&pinned, "mu.sd"), 1e-100, 1e-9);
        let vague = bayes(name, measure, "half-normal(1)", "normal(0,1e6)");
        let (flat, wide) =
            (number(&bayes(name, measure, "half-normal(1)", "flat"), "mu.mean"), number(&vague, "mu.mean"));
        if measure == "GEN" {
            close("a wide prior is flat", wide, flat, 1e-9);
        }
        // a prior of τ far below the standard errors is its own posterior: half-normal(s) has mean s√(2/π)
        let narrow = bayes(name, measure, "half-normal(1e-9)", "flat");
        close("mean of τ", number(&narrow, "tau.mean"), 1e-9 * (2.0 / std::f64::consts::PI).sqrt(), 1e-7);
    }
    for tau in ["half-normal(1e-308)", "half-cauchy(1e200)", "half-t(1,0)"] {
        let args = ["bayes", &file.name, "--measure", "GEN", "--tau-prior", tau];
        assert_eq!(run(&args).status.code(), Some(2), "{tau}");
    }
    // units a million times smaller or larger change nothing
    let text = |u: f64| {
        format!(
            "study,yi,sei\na,{},{}\nb,{},{}\nc,{},{}\n",
            0.1 * u,
            0.2 * u,
            0.4 * u,
            0.25 * u,
            -0.2 * u,
            0.3 * u
        )
    };
    for unit in [1e-6, 1e6] {
        let scaled = written(&text(unit));
        let (one, other) = (
            bayes(&file.name, "GEN", "half-cauchy(0.5)", "flat"),
            bayes(&scaled.name, "GEN", &format!("half-cauchy({})", 0.5 * unit), "flat"),
        );
        for path in ["mu.mean", "mu.sd", "mu.ci_upper", "tau.mean", "tau.median"] {
            close(path, number(&other, path), unit * number(&one, path), 1e-6);
        }
    }
}

fn groups_of(counts: &[(u64, u64)], second: &str) -> File {
    let row = |(i, (x, n)): (usize, &(u64, u64))| format!("s{i},{x},{n}\n");
    written(&format!("study,events,{second}\n{}", counts.iter().enumerate().map(row).collect::<String>()))
}

fn posterior(file: &File, more: &[&str]) -> (Vec<f64>, Vec<f64>) {
    let result = json(&[&["bayes", &file.name, "--interval", "central"], more].concat());
    let three =
        |of: &str| ["ci_lower", "median", "ci_upper"].map(|x| number(&result, &format!("{of}.{x}"))).to_vec();
    let moments = ["mean", "sd"].map(|x| number(&result, &format!("mu.{x}")));
    ([three("mu"), moments.to_vec()].concat(), three("tau"))
}

/// Counts, prior of τ, then limits, median, mean and SD of μ, and limits and median of τ.
type PosteriorCase = (Vec<(u64, u64)>, &'static str, [f64; 5], [f64; 3]);

/// Brute force with numpy 2.4 and scipy 1.17: every study's likelihood integrated over its own logit by the trapezoid rule on 801
/// points about the mode of the product (found by bisection), on 241 × 240 points of μ and ln τ; limits and median from the
/// spline of the marginal densities. Where one million patients or more leave no width at τ = 0 the effects are taken as
/// normal and μ is integrated in closed form, on 8000 points of τ.
#[test]
fn posteriors_of_counts_of_any_size() {
    let twenty: Vec<(u64, u64)> = [
        1000, 1421, 1455, 1071, 622, 521, 860, 1328, 1495, 1206, 728, 500, 732, 1210, 1495, 1325, 856, 519,
        625, 1075,
    ]
    .map(|x| (x, 10_000))
    .to_vec();
    let usual = vec![(200, 1200), (100, 900), (400, 1600), (80, 800)];
    let cases: Vec<PosteriorCase> = vec![
        (
            usual.clone(),
            "half-normal(0.5)",
            [-2.24666869, -1.69271932, -1.06480519, -1.68365474, 0.29149207],
            [0.27269388, 0.51094255, 1.02746991],
        ),
        (
            usual.clone(),
            "half-normal(1)",
            [-2.34942632, -1.67398475, -0.80626582, -1.65081246, 0.37671339],
            [0.29222315, 0.61013643, 1.53678829],
        ),
        (
            usual.clone(),
            "half-cauchy(0.5)",
            [-2.29615562, -1.68469227, -0.89580337, -1.66398551, 0.34859870],
            [0.27404136, 0.53895281, 1.48118748],
        ),
        (
            usual,
            "uniform",
            [-2.48224700, -1.64033063, -0.15133049, -1.56745144, 0.56485668],
            [0.30792569, 0.73267473, 3.37017459],
        ),
        (
            vec![(2, 1200), (1, 900), (4, 1600), (0, 800)],
            "half-normal(0.5)",
            [-7.32965393, -6.40053365, -5.62362347, -6.42048350, 0.43329347],
            [0.01312798, 0.28407544, 0.98758478],
        ),
        (
            vec![(1, 10), (2, 1000)],
            "half-normal(0.5)",
            [-6.63237380, -5.01273140, -2.46180861, -4.86620385, 1.05903203],
            [0.03152957, 0.61240525, 1.49231784],
        ),
        (
            vec![(3, 1200), (5, 900), (4, 1600)],
            "half-normal(0.5)",
            [-6.38263621, -5.64109292, -4.84795635, -5.63723436, 0.38488309],
            [0.01322872, 0.28321990, 0.97548147],
        ),
        (
            vec![(0, 1200), (0, 900), (0, 1600)],
            "half-normal(0.5)",
            [-11.91597381, -8.57377458, -6.77138899, -8.77184435, 1.31849849],
            [0.01528423, 0.32947094, 1.10747624],
        ),
        (
            vec![(1200, 1200), (900, 900), (1600, 1600)],
            "half-normal(0.5)",
            [6.77138899, 8.57377458, 11.91597381, 8.77184435, 1.31849849],
            [0.01528423, 0.32947094, 1.10747624],
        ),
        (
            vec![(2_000_000, 10_000_000), (1_000_000, 9_000_000), (4_000_000, 16_000_000), (80, 800)],
            "half-normal(0.5)",
            [-2.20544437, -1.63393667, -0.98731647, -1.62460748, 0.30068741],
            [0.29484838, 0.53647950, 1.05372792],
        ),
        (
            vec![(0, 10_000_000), (0, 10_000_000)],
            "half-normal(0.5)",
            [-20.47204187, -17.11752302, -15.21202639, -17.30441985, 1.34245480],
            [0.01587947, 0.34240511, 1.15117926],
        ),
        (
            vec![(0, 10), (10, 10), (5000, 10_000_000)],
            "half-normal(0.5)",
            [-4.43227432, -2.20068863, -0.06019366, -2.21237548, 1.11501630],
            [1.39849564, 1.86330709, 2.44596821],
        ),
        (
            vec![(3_000_000, 10_000_000)],
            "half-normal(0.5)",
            [-1.64729508, -0.82862584, 0.27002265, -0.77772526, f64::NAN],
            [0.01519682, 0.32713603, 1.09005391],
        ),
        (
            vec![(3_000_000, 10_000_000), (3_010_000, 10_000_000)],
            "half-normal(0.5)",
            [f64::NAN; 5],
            [0.002337, 0.04022147, 0.66347993],
        ),
        (
            twenty,
            "half-normal(0.5)",
            [-2.44732615, -2.25144802, -2.05262859, -2.25107416, 0.09970374],
            [0.32042204, 0.42917122, 0.61017710],
        ),
    ];
    for (counts, prior, mu, tau) in cases {
        let (m, t) = posterior(&groups_of(&counts, "n"), &["--tau-prior", prior]);
        // by the width of the interval: a logit may be close to zero
        for (i, (got, want)) in m.iter().zip(mu).enumerate().filter(|(_, (_, w))| !w.is_nan()) {
            let tolerance = if i < 3 { 4e-4 } else { 5e-5 };
            assert!(
                (got - want).abs() < tolerance * (mu[2] - mu[0]),
                "μ of {counts:?}, {prior}: {got}, want {want}"
            );
        }
        all_close(&format!("τ of {counts:?}, {prior}"), &t, &tau, 1e-3);
    }
}

/// The same brute force with the Poisson likelihood.
#[test]
fn posteriors_of_large_rates() {
    let file = groups_of(&[(300, 412_000), (500, 390_500), (200, 150_000)], "time");
    let (mu, tau) = posterior(&file, &[]);
    all_close("μ", &mu, &[-7.41635854, -6.83740589, -6.25776853, -6.83728311, 0.28115457], 1e-4);
    all_close("τ", &tau, &[0.17513484, 0.39257501, 0.95390963], 5e-4);
}

/// metafor 3.8: `rma(yi, vi, mods = ~ g, tau2 = .05)`: QM = 5.0988, p = 0.0239.
#[test]
fn a_given_tau2_is_every_groups() {
    let file = written("study,yi,vi,g\ns1,.10,.04,a\ns2,.35,.05,a\ns3,-.05,.03,a\ns4,.90,.04,b\n");
    for more in [&[][..], &["--common-tau2"]] {
        let usual = ["pool", &file.name, "--subgroup", "g", "--tau2", "0.05", "--ci", "wald"];
        let result = json(&[&usual, more].concat());
        let out = stdout(&run(&[&usual, more].concat()));
        assert!(out.contains("Q = 5.10, df = 1, p = 0.024"), "{out}");
        close("SE", number(&result["subgroups"][1], "random.se"), 0.3, 1e-12);
    }
}

/// The profile log-likelihood falls by less than 0.02 from its highest point down to means of any size.
#[test]
fn p_uniform_on_a_ridge_is_not_estimable() {
    let file = written(
        "study,yi,vi\ns0,0.405,0.0409\ns1,0.411,0.0428\ns2,0.407,0.0415\ns3,0.412,0.043\ns4,0.413,0.043\ns5,0.401,0.0411\ns6,0.4,0.0403\ns7,0.417,0.0435\ns8,0.405,0.0415\ns9,0.405,0.0412\n",
    );
    let alone = run(&["bias", &file.name, "--test", "p-uniform"]);
    assert!(!alone.status.success());
    assert!(stderr(&alone).contains("not estimable: the likelihood"), "{}", stderr(&alone));
    let panel = stdout(&run(&["bias", &file.name]));
    let line = panel.lines().find(|l| l.contains("p-uniform")).unwrap();
    assert!(line.starts_with("Not done") && line.contains("not estimable"), "{line}");
}

/// θ̂ − 0.1 in standard errors: by arithmetic, p from the t distribution with 5 degrees of freedom (scipy 1.17: `2 * t.sf`).
#[test]
fn conclusions_name_the_value_that_they_are_about() {
    let file =
        written("study,yi,vi\ns0,.31,.01\ns1,.25,.02\ns2,.18,.015\ns3,.29,.012\ns4,.22,.02\ns5,.35,.016\n");
    let base = ["sensitivity", &file.name, "--analysis", "leave-one-out,stability"];
    for (against, words) in [("0.5", "below 0.5"), ("0.1", "above 0.1"), ("0.27", "0.27 not excluded")] {
        let asked = [&base[..], &["--against", against]].concat();
        let result = json(&asked);
        assert_eq!(result["stability"]["conclusion"], words);
        let specification = &result["stability"]["specifications"][0];
        assert_eq!(specification["conclusion"], words);
        let out = stdout(&run(&asked));
        assert!(out.contains(&format!("primary analysis (*): {words}")), "{out}");
        assert!(out.contains(&format!("p against {against}")), "{out}");
        assert!(!out.contains("no effect"), "{out}");
        // the p is about the value: small exactly where the interval leaves it out
        let p = number(specification, "p_value");
        assert_eq!(p < 0.05, !words.contains("not"), "{p}");
        for step in result["leave_one_out"].as_array().unwrap() {
            let value: f64 = against.parse().unwrap();
            close(
                "statistic",
                number(step, "statistic"),
                (number(step, "estimate") - value) / number(step, "se"),
                1e-12,
            );
            let outside = number(step, "ci_lower") > value || number(step, "ci_upper") < value;
            assert_eq!(number(step, "p_value") < 0.05, outside);
        }
    }
    let plain = json(&base);
    assert_eq!(plain["stability"]["conclusion"], "above no effect");
}

#[test]
fn equal_effects_have_no_prediction_interval() {
    let file =
        written("study,yi,vi,x,g\na,.1,.02,1,m\nb,.3,.03,4,m\nc,.6,.02,7,m\nd,.2,.04,9,m\ne,.9,.05,12,m\n");
    let regress = ["regress", &file.name, "--mods", "x", "--tau2", "EE", "--at", "x=10"];
    let result = json(&regress);
    assert!(
        result["predicted"][0]["prediction"].is_null()
            && result["predicted"][0]["prediction_lower"].is_null()
    );
    assert!(!stdout(&run(&regress)).contains("rediction interval"));
    let mass = ["mass", &file.name, "--by", "g", "--tau2", "EE"];
    let out = stdout(&run(&mass));
    let mut lines = out.lines();
    let names: Vec<&str> = lines.next().unwrap().split(',').collect();
    let cells: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = names.iter().position(|n| *n == "prediction_lower").unwrap();
    assert_eq!(cells[at..at + 2], ["", ""], "{out}");
    assert!(!cells[at - 1].is_empty(), "{out}");
    for command in [&regress[..], &mass[..], &["pool", &file.name, "--tau2", "EE"]] {
        let refused = run(&[command, &["--prediction", "t"]].concat());
        assert!(!refused.status.success(), "{command:?}");
        assert!(stderr(&refused).contains("there is no prediction interval"), "{}", stderr(&refused));
    }
    // beside an estimator of τ² the columns of equal effects stay empty
    assert!(run(&[&mass[..4], &["--tau2", "DL,EE", "--prediction", "t"]].concat()).status.success());
}
