//! The table of `tierfall models list`.

use std::io;

use models::{Library, Reference, human_bytes};

use super::users;
use crate::config::TierConfig;

/// One model of the table.
pub(super) struct Row {
    name: String,
    size: String,
    state: String,
    licence: String,
    tiers: String,
}

/// What is in the folder, then what the catalogue has beyond that, by the catalogue's order.
pub(super) fn rows(library: &Library, tiers: &[TierConfig]) -> io::Result<Vec<Row>> {
    let here = library.list()?;
    let mut rows: Vec<Row> = here
        .iter()
        .map(|entry| {
            let whole_size = library.entry(&entry.reference).and_then(|(_, quantisation)| quantisation.size);
            let state = match (entry.whole, whole_size) {
                (true, _) if entry.verified => "here".to_owned(),
                (true, _) => "here, not verified".to_owned(),
                (false, Some(whole)) => {
                    format!("{} % fetched", u128::from(entry.size) * 100 / u128::from(whole.max(1)))
                }
                (false, None) => "partly fetched".to_owned(),
            };
            row(library, tiers, &entry.reference, Some(entry.size), state)
        })
        .collect();
    let named = library.catalogue().models().iter().flat_map(|model| {
        model.quantisations.iter().map(|quantisation| Reference::Catalogue {
            model: model.name.clone(),
            quantisation: quantisation.name.clone(),
        })
    });
    for reference in named.filter(|reference| here.iter().all(|entry| entry.reference != *reference)) {
        let size = library.entry(&reference).and_then(|(_, quantisation)| quantisation.size);
        rows.push(row(library, tiers, &reference, size, "can be fetched".to_owned()));
    }
    Ok(rows)
}

fn row(library: &Library, tiers: &[TierConfig], reference: &Reference, size: Option<u64>, state: String) -> Row {
    let users: Vec<String> = users(tiers, library, reference).map(|tier| tier.number.to_string()).collect();
    Row {
        name: reference.to_string(),
        size: size.map_or_else(|| "?".to_owned(), human_bytes),
        state,
        licence: library.entry(reference).map_or_else(|| "?".to_owned(), |(model, _)| model.licence.clone()),
        tiers: if users.is_empty() { "-".to_owned() } else { users.join(", ") },
    }
}

/// Columns as wide as their widest cell, sizes to the right.
pub(super) fn render(rows: &[Row]) -> String {
    let head = Row {
        name: "MODEL".to_owned(),
        size: "SIZE".to_owned(),
        state: "STATE".to_owned(),
        licence: "LICENCE".to_owned(),
        tiers: "TIERS".to_owned(),
    };
    let rows: Vec<&Row> = std::iter::once(&head).chain(rows).collect();
    let width = |cell: fn(&Row) -> &String| rows.iter().map(|row| cell(row).chars().count()).max().unwrap_or(0);
    let (name, size, state, licence) =
        (width(|row| &row.name), width(|row| &row.size), width(|row| &row.state), width(|row| &row.licence));
    let line = |row: &&Row| {
        format!(
            "{:name$}  {:>size$}  {:state$}  {:licence$}  {}\n",
            row.name, row.size, row.state, row.licence, row.tiers
        )
    };
    rows.iter().map(line).collect()
}
