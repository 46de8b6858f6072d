//! Charts of sensitivity and bias: what must hold whatever the data.

mod support;

use metapool::analysis::{DrawRequest, Loaded, Panel, Supplements};
use metapool::bias::{BiasOptions, BiasTest};
use metapool::plot::scene::Item;
use metapool::plot::theme::Theme;
use metapool::plot::{Drawing, Naming, Picture, Plot, PlotOptions, RenderOptions};
use metapool::prelude::*;
use support::pictures::{check, texts};

/// All that are drawn from sensitivity or bias, or from a pooled result with two axes: new ones too.
fn charts() -> impl Iterator<Item = Plot> {
    let elsewhere = [Plot::Forest, Plot::Agreement, Plot::Bubble];
    Plot::ALL.iter().copied().filter(move |p| !elsewhere.contains(p))
}

fn load(name: &str) -> Loaded {
    Request::new(name).load(|o| o).unwrap()
}

fn draw(loaded: &Loaded, plot: Plot, options: &PlotOptions, tests: &[BiasTest]) -> Drawing {
    let mut wanted = DrawRequest {
        beside: Supplements { agreement: Panel::Never, ..Supplements::default() },
        bias: BiasOptions { force: true, ..BiasOptions::default() },
        tests,
        ..DrawRequest::default()
    };
    wanted.sensitivity.subsets = Some(3000);
    if loaded.table.measure().is_proportion() {
        wanted.model.model = Some(metapool::model::Pooling::InverseVariance);
    }
    loaded.draw(plot, &wanted, options, &|_| {}).unwrap_or_else(|e| panic!("{plot:?}: {e}")).0
}

/// Seventy studies with long names, small-study effects and some far away.
fn long() -> Loaded {
    let mut text = String::from("study,estimate,se\n");
    for i in 0..70u32 {
        let se = 0.05 + 0.6 * (f64::from((i * 37) % 70) / 70.0).powi(2);
        let y = 0.2
            + 0.6 * se
            + 0.5 * (f64::from((i * 53) % 71) / 71.0 - 0.5)
            + if i % 23 == 0 { 1.5 } else { 0.0 };
        text += &format!(
            "\"Papadimitrakopoulou-Åkerström & van der Meulen-Schröder et al {i} <b> & co\",{y},{se}\n"
        );
    }
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    Request::new(file.path().to_str().unwrap()).load(|o| o).unwrap()
}

#[test]
fn nothing_is_cut_and_nothing_touches() {
    let with = [BiasTest::TrimFill, BiasTest::Egger, BiasTest::Limit];
    for (name, loaded) in [("bcg", load("@bcg")), ("hackshaw", load("@hackshaw1998")), ("long", long())] {
        for plot in charts() {
            if plot == Plot::Labbe && name != "bcg" {
                continue;
            }
            for width_mm in [None, Some(174.0), Some(114.0)] {
                for naming in [Naming::Outliers, Naming::All] {
                    let labels =
                        if name == "long" { metapool::plot::Labels::default() } else { loaded.labels() };
                    let options = PlotOptions { width_mm, naming, labels, ..PlotOptions::default() };
                    let tests = if plot == Plot::Funnel { &with[..] } else { &[] };
                    let drawing = draw(&loaded, plot, &options, tests);
                    for page in &drawing.pages {
                        check(&format!("{plot:?} of {name} at {width_mm:?}"), page, 6.0);
                    }
                }
            }
        }
    }
}

#[test]
fn charts_of_few_studies_are_drawn_or_refused() {
    for k in [2usize, 3] {
        let mut text = String::from("study,events1,n1,events2,n2\n");
        for i in 0..k {
            text += &format!("S{i},{},20,{},21\n", i, 3 + i);
        }
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let loaded = Request::new(file.path().to_str().unwrap()).load(|o| o).unwrap();
        let wanted = DrawRequest {
            bias: BiasOptions { force: true, ..BiasOptions::default() },
            ..DrawRequest::default()
        };
        for plot in charts() {
            match loaded.draw(plot, &wanted, &PlotOptions::default(), &|_| {}) {
                Ok((drawing, _)) => {
                    drawing.pages.iter().for_each(|p| check(&format!("{plot:?}, k = {k}"), p, 6.0))
                }
                Err(e) => assert!(e.hint().is_some(), "{plot:?}: {e}"),
            }
        }
    }
}

#[test]
fn studies_that_agree_are_drawn() {
    let mut text = String::from("study,estimate,se\n");
    (0..12).for_each(|i| text += &format!("S{i},0.5,0.2\n"));
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    std::fs::write(file.path(), text).unwrap();
    let loaded = Request::new(file.path().to_str().unwrap()).load(|o| o).unwrap();
    for plot in charts() {
        let wanted = DrawRequest::default();
        match loaded.draw(plot, &wanted, &PlotOptions::default(), &|_| {}) {
            Ok((drawing, _)) => drawing.pages.iter().for_each(|p| check(&format!("{plot:?}"), p, 6.0)),
            Err(e) => assert!(e.hint().is_some() || plot == Plot::Quantiles, "{plot:?}: {e}"),
        }
    }
}

#[test]
fn a_theme_changes_no_number() {
    let loaded = load("@bcg");
    for plot in charts() {
        let words = |theme| {
            let options = PlotOptions { theme, labels: loaded.labels(), ..PlotOptions::default() };
            let mut all: Vec<String> = draw(&loaded, plot, &options, &[])
                .pages
                .iter()
                .flat_map(texts)
                .map(|t| t.0)
                .filter(|t| t.chars().any(|c| c.is_ascii_digit()))
                .filter(|t| !t.contains(['(', '[', '–', ',']))
                .collect();
            all.sort();
            all
        };
        let own = words(Theme::Default);
        for theme in [Theme::Mono, Theme::Bmj, Theme::Zebra] {
            assert_eq!(own, words(theme), "{plot:?} {theme:?}");
        }
    }
}

#[test]
fn names_that_are_marked_up_stay_text() {
    let drawing = draw(&long(), Plot::Funnel, &PlotOptions::default(), &[]);
    let path = std::path::PathBuf::from("x.svg");
    let files = Picture::Svg.spec().files(&path, &drawing, &RenderOptions::default()).unwrap();
    let svg = String::from_utf8(files[0].1.clone()).unwrap();
    assert!(svg.contains("&lt;b&gt; &amp; co") && !svg.contains("<b>"));
    assert!(svg.contains("role=\"img\"") && svg.contains("<desc"));
}

#[test]
fn funnels_have_the_largest_study_on_top_and_points_where_they_belong() {
    let loaded = load("@hackshaw1998");
    let scene = draw(&loaded, Plot::Funnel, &PlotOptions::default(), &[]).pages.remove(0);
    // study marks are groups of their own: the deeper, the larger the standard error
    let mut marks: Vec<(f64, f64)> = vec![];
    for g in scene.groups.iter().filter(|g| g.label.as_ref().is_some_and(|l| l.contains("standard error"))) {
        let se: f64 = g.label.as_ref().unwrap().rsplit(' ').next().unwrap().parse().unwrap();
        let Item::Polygon { points, .. } = &g.items[0] else { panic!("no mark") };
        marks.push((se, points.iter().map(|p| p.1).sum::<f64>() / points.len() as f64));
    }
    assert_eq!(marks.len(), 37);
    marks.sort_by(|a, b| a.0.total_cmp(&b.0));
    assert!(marks.windows(2).all(|p| p[0].1 <= p[1].1 + 0.3), "standard errors run downwards");
}

#[test]
fn pictures_that_do_not_suit_the_data_are_refused() {
    for (args, says) in [
        (&["funnel", "@msc_response", "--with", "egger"][..], "proportion"),
        (&["funnel", "@normand1999", "--with", "trimfill"], "fewer than 10"),
        (&["labbe", "@hackshaw1998"], "two groups of counts"),
        (&["profile", "@bcg", "--measure", "OR", "--model", "glmm"], "inverse-variance"),
        (&["radial", "@bcg", "--order", "year"], "--order"),
        (&["forest", "@bcg", "--with", "egger"], "--with"),
        (&["baujat", "@bcg", "--mods", "year"], "--mods"),
        (&["funnel", "@hackshaw1998", "--type", "beta"], "selection"),
        (&["gosh", "@bcg", "--width", "5"], "5 mm"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("x.png");
        let output = support::run(&[&["plot"][..], args, &["-q", "-o", out.to_str().unwrap()]].concat());
        let text = support::stderr(&output);
        assert!(!output.status.success(), "{args:?}");
        assert!(text.contains(says) && text.contains("hint"), "{args:?}: {text}");
        assert!(!out.exists());
    }
}
