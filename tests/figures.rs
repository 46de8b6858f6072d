//! Forest plots: what the layout must hold, whatever the data. Pictures are judged by their display list first.

mod support;

use metapool::analysis::{Panel, Supplements};
use metapool::effect::{EffectTable, Measure};
use metapool::model::InverseVariance;
use metapool::plot::scene::{Item, Scene};
use metapool::plot::text::Weight;
use metapool::plot::theme::Theme;
use metapool::plot::{Drawing, Draws, Labels, Picture, Plot, PlotOptions, RenderOptions};
use metapool::prelude::*;
use support::pictures::{check, texts};

fn drawing(result: &PoolResult, options: &PlotOptions) -> Drawing {
    Plot::Forest.draw(result, options).unwrap()
}

fn bundled(name: &str) -> (PoolResult, Labels) {
    let loaded = Request::new(name).load(|o| o).unwrap();
    let labels = loaded.labels();
    (InverseVariance::default().pool(loaded.table).unwrap(), labels)
}

fn generic(k: usize) -> PoolResult {
    let labels: Vec<String> =
        (0..k).map(|i| format!("Study {i} with a name of some length and an é")).collect();
    let y: Vec<f64> = (0..k).map(|i| 0.3 * ((i * 7) % 11) as f64 - 1.0).collect();
    let v: Vec<f64> = (0..k).map(|i| 0.02 + 0.05 * ((i * 5) % 7) as f64).collect();
    InverseVariance::default()
        .pool(EffectTable::from_effects(Measure::RiskRatio, &labels, &y, &v).unwrap())
        .unwrap()
}

#[test]
fn nothing_is_cut_and_nothing_touches() {
    for name in [
        "@bcg",
        "@normand1999",
        "@seed_response",
        "@msc_response",
        "@msc_edss_change",
        "@msc_safety",
        "@hart1999",
        "@pritz1997",
        "@nielweise2007",
        "@molloy2014",
        "@hackshaw1998",
        "@raudenbush1985",
        "@morris2008",
    ] {
        let (result, labels) = bundled(name);
        for &theme in Theme::ALL {
            for width_mm in [None, Some(174.0), Some(114.0), Some(300.0)] {
                let options = PlotOptions {
                    theme,
                    width_mm,
                    labels: labels.clone(),
                    common: true,
                    ..PlotOptions::default()
                };
                for scene in drawing(&result, &options).pages {
                    check(&format!("{name} {theme:?} {width_mm:?}"), &scene, 4.3);
                }
            }
        }
    }
}

#[test]
fn natural_size_keeps_seven_points() {
    let (result, labels) = bundled("@bcg");
    let page = &drawing(&result, &PlotOptions { labels, ..PlotOptions::default() }).pages[0];
    let small = page.items().filter(|i| matches!(i, Item::Text { size, .. } if *size < 7.0)).count();
    assert_eq!(small, 0);
}

#[test]
fn every_row_is_there_for_any_number_of_studies() {
    for k in [1, 2, 3, 13, 61, 70, 71, 150, 400] {
        let pages = drawing(&generic(k), &PlotOptions::default()).pages;
        let rows: usize =
            pages.iter().map(|p| texts(p).iter().filter(|t| t.0.starts_with("Study ")).count()).sum();
        assert!(rows >= k, "{k} studies, {rows} labels");
        assert_eq!(pages.len(), if k <= 70 { 1 } else { k.div_ceil(60) }, "{k} studies");
        for (i, page) in pages.iter().enumerate() {
            check(&format!("k = {k}, page {}", i + 1), page, 6.0);
        }
    }
}

/// Squares by centre height: (centre x, centre y, side).
fn squares(scene: &Scene, theme: Theme) -> Vec<(f64, f64, f64)> {
    let colour = theme.spec().square;
    let of = |i: &Item| match i {
        Item::Polygon { points, colour: c }
            if *c == colour && points.len() == 4 && points[0].1 == points[1].1 =>
        {
            Some((
                0.5 * (points[0].0 + points[1].0),
                0.5 * (points[0].1 + points[2].1),
                points[1].0 - points[0].0,
            ))
        }
        _ => None,
    };
    scene.items().filter_map(of).collect()
}

#[test]
fn areas_of_squares_are_proportional_to_weights() {
    let (result, labels) = bundled("@bcg");
    let page = &drawing(&result, &PlotOptions { labels, ..PlotOptions::default() }).pages[0];
    let squares = squares(page, Theme::Default);
    let weights: Vec<f64> = result.weights_random.iter().flatten().copied().collect();
    assert_eq!(squares.len(), weights.len());
    let ratio = squares[0].2.powi(2) / weights[0];
    for (s, w) in squares.iter().zip(&weights) {
        assert!((s.2 * s.2 / w / ratio - 1.0).abs() < 1e-9);
    }
}

#[test]
fn squares_sit_on_their_estimates_and_the_null_line_on_its_tick() {
    let (result, labels) = bundled("@bcg");
    let page = &drawing(&result, &PlotOptions { labels, ..PlotOptions::default() }).pages[0];
    let squares = squares(page, Theme::Default);
    let estimates: Vec<f64> = result.table.studies.iter().map(|s| s.y.unwrap()).collect();
    // positions are a linear function of the log risk ratio
    let slope = (squares[11].0 - squares[1].0) / (estimates[11] - estimates[1]);
    let origin = squares[1].0 - slope * estimates[1];
    for (s, e) in squares.iter().zip(&estimates) {
        assert!((s.0 - origin - slope * e).abs() < 1e-6);
    }
    let tick = texts(page).into_iter().find(|t| t.0 == "1").unwrap().1;
    assert!((0.5 * (tick.0 + tick.2) - origin).abs() < 1e-6, "the tick 1 is at the null");
    let vertical = page.items().filter(|i| matches!(i, Item::Line { from, to, .. } if (from.0 - origin).abs() < 1e-6 && from.0 == to.0 && (to.1 - from.1).abs() > 100.0)).count();
    assert_eq!(vertical, 1, "one line of no effect");
}

#[test]
fn a_cut_interval_has_an_arrow_and_a_far_estimate_a_mark() {
    let labels: Vec<String> = ["A", "B", "C", "D"].map(String::from).to_vec();
    let table = EffectTable::from_effects(
        Measure::RiskRatio,
        &labels,
        &[0.1, 0.2, 0.0, 0.3],
        &[0.01, 0.01, 0.02, 9.0],
    )
    .unwrap();
    let result = InverseVariance::default().pool(table).unwrap();
    let triangles = |full_range: bool| {
        let page = drawing(&result, &PlotOptions { full_range, ..PlotOptions::default() }).pages.remove(0);
        page.items().filter(|i| matches!(i, Item::Polygon { points, .. } if points.len() == 3)).count()
    };
    assert_eq!(triangles(false), 2, "both ends of study D");
    assert_eq!(triangles(true), 0);
}

#[test]
fn labels_are_whole_in_every_script() {
    let labels: Vec<String> = [
        "Ångström & Šimůnek 1998 (α-blocker)",
        "محمد 2003",
        "<b>bold</b> & \"quoted\"",
        "Ελληνικά; кириллица",
    ]
    .map(String::from)
    .to_vec();
    let table = EffectTable::from_effects(
        Measure::Generic,
        &labels,
        &[0.1, 0.2, 0.0, 0.3],
        &[0.01, 0.01, 0.02, 0.03],
    )
    .unwrap();
    let result = InverseVariance::default().pool(table).unwrap();
    let page = drawing(&result, &PlotOptions::default()).pages.remove(0);
    assert!(page.missing_characters().is_empty(), "{:?}", page.missing_characters());
    let svg =
        String::from_utf8((Picture::Svg.spec().render)(&[page], &RenderOptions::default()).unwrap()).unwrap();
    assert!(svg.contains("Ångström &amp; Šimůnek 1998 (α-blocker)"));
    assert!(svg.contains("&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;"));
}

#[test]
fn svg_is_accessible_and_small() {
    let result = generic(60);
    let pages = drawing(&result, &PlotOptions::default()).pages;
    let svg =
        String::from_utf8((Picture::Svg.spec().render)(&pages, &RenderOptions::default()).unwrap()).unwrap();
    for part in
        ["role=\"img\"", "<title id=\"title\">", "<desc id=\"desc\">", "aria-label=\"Study 0", "<text "]
    {
        assert!(svg.contains(part), "{part}");
    }
    assert!(svg.len() < 60 * 2500, "{} bytes", svg.len());
    assert_eq!(svg.matches("<g").count(), svg.matches("</g>").count());
}

/// Formats of vectors keep the places of the display list, far beyond what can be seen.
#[test]
fn svg_draws_lines_exactly_where_the_display_list_has_them() {
    let (result, labels) = bundled("@bcg");
    let pages = drawing(&result, &PlotOptions { labels, ..PlotOptions::default() }).pages;
    let svg =
        String::from_utf8((Picture::Svg.spec().render)(&pages, &RenderOptions::default()).unwrap()).unwrap();
    let drawn: Vec<Vec<f64>> = svg
        .split("<path d=\"M")
        .skip(1)
        .map(|p| p.split('"').next().unwrap().split([' ', 'L']).map(|x| x.parse().unwrap()).collect())
        .collect();
    let lines: Vec<[f64; 4]> = pages[0]
        .items()
        .filter_map(|i| match i {
            Item::Line { from, to, .. } => Some([from.0, from.1, to.0, to.1]),
            _ => None,
        })
        .collect();
    assert_eq!(drawn.len(), lines.len());
    for (got, want) in drawn.iter().flatten().zip(lines.iter().flatten()) {
        assert!((got - want).abs() <= 0.0005 + 1e-9, "{got} for {want}");
    }
}

#[test]
fn png_tells_its_resolution_and_pdf_is_one() {
    let (result, labels) = bundled("@bcg");
    let pages = drawing(&result, &PlotOptions { labels, ..PlotOptions::default() }).pages;
    let png = (Picture::Png.spec().render)(&pages, &RenderOptions { dpi: 300.0 }).unwrap();
    let at = png.windows(4).position(|w| w == b"pHYs").unwrap() + 4;
    let per_metre = u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    assert_eq!(per_metre, 11811);
    let width = u32::from_be_bytes(png[16..20].try_into().unwrap());
    assert_eq!(f64::from(width), (pages[0].width * 300.0 / 72.0).ceil());
    let pdf = (Picture::Pdf.spec().render)(&pages, &RenderOptions::default()).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() < 100_000);
}

#[test]
fn a_theme_changes_no_number() {
    let (result, labels) = bundled("@bcg");
    let numbers = |theme: Theme| {
        let page = drawing(&result, &PlotOptions { theme, labels: labels.clone(), ..PlotOptions::default() })
            .pages
            .remove(0);
        let mut all: Vec<String> = texts(&page)
            .into_iter()
            .map(|t| t.0.replace(['(', ')', '[', ']', ','], ""))
            .filter(|t| !t.is_empty() && t.chars().all(|c| c.is_ascii_digit() || ".%−".contains(c)))
            .collect();
        all.sort();
        all
    };
    for &theme in Theme::ALL {
        let mut all = numbers(theme);
        if theme == Theme::Cochrane {
            // it adds the row of total events, and nothing else
            assert!(all.contains(&"1065".to_string()) && all.contains(&"1510".to_string()));
            all.retain(|n| n != "1065" && n != "1510");
        }
        assert_eq!(all, numbers(Theme::Default), "{theme:?}");
    }
}

#[test]
fn a_narrow_page_says_what_it_gave_up() {
    let (result, labels) = bundled("@bcg");
    let narrow = drawing(
        &result,
        &PlotOptions { width_mm: Some(114.0), labels: labels.clone(), ..PlotOptions::default() },
    );
    assert!(narrow.remarks.iter().any(|r| r.contains("left out")), "{:?}", narrow.remarks);
    assert!((narrow.pages[0].width - 114.0 * 72.0 / 25.4).abs() < 0.1, "{}", narrow.pages[0].width);
    let widened = drawing(
        &result,
        &PlotOptions { width_mm: Some(60.0), labels: labels.clone(), ..PlotOptions::default() },
    );
    assert!(widened.remarks.iter().any(|r| r.contains("do not fit into 60 mm")), "{:?}", widened.remarks);
    let wide = drawing(&result, &PlotOptions { width_mm: Some(250.0), labels, ..PlotOptions::default() });
    assert!(wide.remarks.is_empty());
    assert!((wide.pages[0].width - 250.0 * 72.0 / 25.4).abs() < 0.1);
}

#[test]
fn shaping_covers_the_text_and_measures_it() {
    for text in ["0.41 (0.13 to 1.26)", "ffi Å", "a\u{301}b", "محمد 2003", ""] {
        for weight in [Weight::Regular, Weight::Bold] {
            let shaped = metapool::plot::text::shape(text, weight);
            let sum: f64 = shaped.runs.iter().flat_map(|r| &r.glyphs).map(|g| g.advance).sum();
            assert!((sum - shaped.width).abs() < 1e-9);
            for g in shaped.runs.iter().flat_map(|r| &r.glyphs) {
                assert!(
                    text.is_char_boundary(g.range.start)
                        && text.is_char_boundary(g.range.end)
                        && g.range.start < g.range.end
                );
            }
        }
    }
}

#[test]
fn the_panel_of_methods_is_a_picture_too() {
    let loaded = Request::new("@msc_response").load(|o| o).unwrap();
    let result = loaded
        .pool(
            metapool::model::ModelOptions::default(),
            Supplements { agreement: Panel::Always, ..Supplements::default() },
        )
        .unwrap();
    let drawing = Plot::Agreement.draw(&result, &PlotOptions::default()).unwrap();
    check("agreement", &drawing.pages[0], 6.0);
    assert!(texts(&drawing.pages[0]).iter().any(|t| t.0.starts_with("beta-binomial")));
    let (bcg, _) = bundled("@bcg");
    assert!(Plot::Agreement.draw(&bcg, &PlotOptions::default()).is_err());
}

#[test]
fn counts_within_bounds_and_models_without_weights() {
    for name in ["@seed_response", "@msc_safety"] {
        let loaded = Request::new(name).load(|o| o).unwrap();
        let result = loaded.pool(metapool::model::ModelOptions::default(), Supplements::default()).unwrap();
        let page = drawing(&result, &PlotOptions { labels: loaded.labels(), ..PlotOptions::default() })
            .pages
            .remove(0);
        check(name, &page, 6.0);
        let all: Vec<String> = texts(&page).into_iter().map(|t| t.0).collect();
        assert!(!all.iter().any(|t| t == "Weight"), "{name}");
        assert!(all.iter().any(|t| t.contains("no weights")), "{name}");
        if name == "@seed_response" {
            assert!(
                all.iter().any(|t| t == "11–20")
                    && all.iter().any(|t| t.starts_with("Estimate with bounded")),
                "{all:?}"
            );
        }
    }
}

#[test]
fn subgroups_are_rows_of_their_own() {
    let loaded = Request::new("@bcg").load(|o| o).unwrap();
    let beside = Supplements { subgroup: Some("allocation"), ..Supplements::default() };
    let result = loaded.pool(metapool::model::ModelOptions::default(), beside).unwrap();
    let page = drawing(&result, &PlotOptions::default()).pages.remove(0);
    let words: Vec<String> = texts(&page).into_iter().map(|t| t.0).collect();
    let count = |w: &str| words.iter().filter(|t| t.as_str() == w).count();
    assert_eq!(count("Subtotal"), 3);
    assert_eq!(count("alternate (k\u{A0}=\u{A0}2)"), 1);
    // groups of two have no prediction interval: two of three groups, and all studies together
    assert_eq!(count("95% prediction interval"), 3);
    assert!(words.iter().any(|w| w.starts_with("Test for subgroup differences")));
    // shares of the groups are those of their studies
    let share = |w: &str| w.trim_end_matches('%').parse::<f64>().unwrap();
    let shares: Vec<f64> = words
        .iter()
        .filter(|w| ["19.0%", "50.5%", "30.5%"].contains(&w.as_str()))
        .map(|w| share(w))
        .collect();
    assert_eq!(shares.iter().sum::<f64>(), 100.0);
}

#[test]
fn an_infinite_ratio_is_drawn_to_the_edge() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zero.csv");
    std::fs::write(&path, "study,events1,n1,events2,n2\nA,0,20,3,20\nB,0,30,2,28\nC,0,15,4,16\n").unwrap();
    let loaded =
        Request { model: Some(metapool::model::Model::Glmm), ..Request::new(path.to_str().unwrap()) };
    let loaded = loaded.load(|o| o).unwrap();
    let options = metapool::model::ModelOptions {
        model: Some(metapool::model::Model::Glmm.into()),
        ..metapool::model::ModelOptions::default()
    };
    let result = loaded.pool(options, Supplements::default()).unwrap();
    let page = drawing(&result, &PlotOptions::default()).pages.remove(0);
    let words: Vec<String> = texts(&page).into_iter().map(|t| t.0).collect();
    assert!(words.iter().any(|w| w == "0") && words.iter().any(|w| w.contains("0.21")), "{words:?}");
    assert!(page.items().all(finite), "a coordinate is not finite");
}

fn finite(item: &Item) -> bool {
    match item {
        Item::Line { from, to, .. } => [from.0, from.1, to.0, to.1].iter().all(|x| x.is_finite()),
        Item::Polygon { points, .. } => points.iter().all(|p| p.0.is_finite() && p.1.is_finite()),
        Item::Text { at, .. } => at.0.is_finite() && at.1.is_finite(),
    }
}

#[test]
fn bubble_plots_hold_their_parts() {
    use metapool::model::regression::{Regression, Requests};
    let loaded = Request::new("@bcg").load(|o| o).unwrap();
    let options = metapool::model::ModelOptions::default();
    for (mods, words) in [
        ("latitude", vec!["latitude", "95% CI", "95% prediction", "Weight"]),
        ("allocation", vec!["alternate", "random", "systematic"]),
        ("latitude * allocation", vec!["alternate", "random", "systematic", "latitude"]),
        ("latitude + year", vec!["Held: year\u{A0}=\u{A0}1966 (mean)"]),
    ] {
        let regression = Regression::new(&loaded.table, &loaded.dataset, mods, &options).unwrap();
        let result = regression.fit(&Requests::default()).unwrap();
        let along = regression.along(None).unwrap();
        let drawing = {
            let Draws::Regression(draw) = Plot::Bubble.spec().draws else { panic!("another result") };
            draw(&result, &along, &PlotOptions::default()).unwrap()
        };
        let page = &drawing.pages[0];
        assert!(page.items().all(finite), "{mods}");
        let shown: Vec<String> = texts(page).into_iter().map(|t| t.0).collect();
        for word in words {
            assert!(shown.iter().any(|t| t == word), "{mods}: {word} is not in {shown:?}");
        }
        // one labelled circle per study, and nothing outside the page
        let circles = page.groups.iter().filter(|g| g.label.as_ref().is_some_and(|l| l.contains("weight")));
        assert_eq!(circles.count(), 13, "{mods}");
        for item in page.items() {
            if let Some((left, top, right, bottom)) = item.text_box() {
                assert!(
                    left >= 0.0 && top >= 0.0 && right <= page.width && bottom <= page.height,
                    "{mods}: {item:?}"
                );
            }
        }
    }
}
