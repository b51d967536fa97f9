//! The status page.

use super::words::{component_status, labelled, store_name};
use crate::desk::{ComponentStatus, ComponentsAnswer, ComponentsQuery};
use crate::texts::{Language, date_time};

/// The lines of a status page: the whole, each component with its stores, and the planned
/// maintenance that is not over.
pub(in crate::desk) fn status_page(
    query: &ComponentsQuery,
    answer: &ComponentsAnswer,
) -> Vec<String> {
    let language = query.language;
    let now = date_time(query.at, &query.zone, language);
    let as_of = format!("{} {now}", language.pick("По состоянию на", "As of"));
    let mut lines = vec![headline(answer.status, language).to_owned(), as_of, String::new()];
    for (component, state) in query.components.iter().zip(&answer.components) {
        let status = component_status(state.status, language);
        lines.push(format!("{}: {status}", language.of(&component.name)));
        for store in &state.stores {
            let name = store_name(&store.store, &query.stores, language);
            lines.push(format!("  {name}: {}", component_status(store.status, language)));
        }
    }
    let ahead = |to: Option<jiff::Timestamp>| to.is_none_or(|to| query.at < to);
    let mut windows: Vec<_> =
        query.maintenance.iter().filter(|window| window.planned && ahead(window.to)).collect();
    windows.sort_by_key(|window| window.from);
    for (index, window) in windows.into_iter().enumerate() {
        if index == 0 {
            lines.push(String::new());
        }
        let label = ("Плановые работы", "Planned maintenance");
        let when = super::words::span(window.from, window.to, &query.zone, language);
        lines.push(labelled(label, &when, language));
    }
    lines
}

fn headline(status: ComponentStatus, language: Language) -> &'static str {
    match status {
        ComponentStatus::Up => language.pick("Всё работает", "All services are up"),
        ComponentStatus::Degraded => language.pick(
            "Есть неполадки: часть сервисов работает с перебоями",
            "Some services are degraded",
        ),
        ComponentStatus::Maintenance => {
            language.pick("Идут технические работы", "Some services are under maintenance")
        }
        ComponentStatus::Down => {
            language.pick("Есть неполадки: часть сервисов не работает", "Some services are down")
        }
    }
}
