//! Which rows are left out together, and in which order rows are added: from the columns beside the effects.

use super::Groups;
use crate::error::Error;
use crate::model::refit::Refit;

/// Rows by the values of a column, in the order in which these first appear; each by itself without a column.
pub(super) fn groups(fit: &dyn Refit, column: Option<&str>) -> Result<Groups, Error> {
    let Some(column) = column else {
        return Ok(fit.rows().iter().map(|&row| (fit.label(row), vec![row])).collect());
    };
    let names = fit.table().frame().texts(column)?;
    let mut groups: Groups = vec![];
    for &row in fit.rows() {
        let name = names.get(row).cloned().flatten().ok_or_else(|| {
            Error::data("a study without cluster")
                .in_column(column)
                .of_study(&fit.label(row))
                .with_hint("give it a cluster of its own")
        })?;
        match groups.iter_mut().find(|g| g.0 == name) {
            Some(group) => group.1.push(row),
            None => groups.push((name, vec![row])),
        }
    }
    if groups.len() < 2 {
        return Err(Error::usage(format!("all studies are in one cluster of `{column}`"))
            .with_hint("leaving clusters out needs a column with at least two values"));
    }
    Ok(groups)
}

/// Rows in the order of a column, with its values; in that of the table without a column.
pub(super) fn order(
    fit: &dyn Refit,
    column: Option<&str>,
    descending: bool,
) -> Result<Vec<(usize, Option<String>)>, Error> {
    let mut rows: Vec<(usize, Option<String>)> = match column {
        None => fit.rows().iter().map(|&row| (row, None)).collect(),
        // precision is no column of most files, but the order that shows small-study effects
        Some(c) if !fit.table().frame().has(c) && c.eq_ignore_ascii_case("precision") => by_precision(fit),
        Some(column) => by_column(fit, column)?,
    };
    if descending {
        rows.reverse();
    }
    Ok(rows)
}

fn by_precision(fit: &dyn Refit) -> Vec<(usize, Option<String>)> {
    let mut rows = fit.rows().to_vec();
    let variance = |row: usize| fit.table().studies.get(row).and_then(|s| s.v).unwrap_or(f64::INFINITY);
    rows.sort_by(|&a, &b| variance(a).total_cmp(&variance(b)));
    rows.into_iter().map(|row| (row, None)).collect()
}

/// By numbers where all values are, else by words.
fn by_column(fit: &dyn Refit, column: &str) -> Result<Vec<(usize, Option<String>)>, Error> {
    let texts = fit.table().frame().texts(column)?;
    let of_row = |&row: &usize| (row, texts.get(row).cloned().flatten());
    let mut rows: Vec<(usize, Option<String>)> = fit.rows().iter().map(of_row).collect();
    if let Some((row, _)) = rows.iter().find(|r| r.1.is_none()) {
        return Err(Error::data("no value to order by")
            .in_column(column)
            .of_study(&fit.label(*row))
            .with_hint("look it up in its source, or leave the study out with ⟦where⟧ and say so"));
    }
    let number = |r: &(usize, Option<String>)| r.1.as_ref().and_then(|v| v.trim().parse::<f64>().ok());
    if rows.iter().all(|r| number(r).is_some()) {
        rows.sort_by(|a, b| number(a).unwrap_or(f64::NAN).total_cmp(&number(b).unwrap_or(f64::NAN)));
    } else {
        rows.sort_by(|a, b| a.1.cmp(&b.1));
    }
    Ok(rows)
}
