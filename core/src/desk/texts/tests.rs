use super::*;
use crate::desk::MaintenanceWindow;
use crate::program::Localized;
use Language::{English, Russian};

fn text(about: DeskTextSubject, language: Language) -> DeskText {
    let name = |id: &str, ru: &str, en: &str| StoreName {
        id: id.into(),
        name: Localized { en: en.into(), ru: ru.into() },
    };
    answer_desk_text(&DeskTextQuery {
        about,
        language,
        stores: vec![name("sapphire", "Сапфир", "Sapphire"), name("ruby", "Рубин", "Ruby")],
        zone: "Europe/Moscow".into(),
    })
}

fn incident() -> Incident {
    Incident {
        component: Some("Связь с 1С".into()),
        failed: Some(3),
        impact: Some("Баллы не начислялись".into()),
        number: "INC-2025-00001".into(),
        priority: Some("P1".into()),
        resolved_at: Some("2025-10-24T15:35:00+03:00".parse().unwrap()),
        started_at: "2025-10-24T14:30:00+03:00".parse().unwrap(),
        stores: vec!["sapphire".into(), "ruby".into()],
        title: "не проходят начисления".into(),
        workaround: Some("Записывайте номера карт вручную".into()),
    }
}

#[test]
fn a_report_has_facts_then_causes_then_what_follows() {
    let report = IncidentReport {
        cause: Some("Закончилось место на диске сервера 1С".into()),
        closing: Some("Приносим извинения".into()),
        incident: incident(),
        prevention: vec!["Следим за местом на диске".into(), "Журналы чистятся ночью".into()],
        reported_at: Some("2025-10-24T14:40:00+03:00".parse().unwrap()),
        responded_at: Some("2025-10-24T14:52:00+03:00".parse().unwrap()),
        root_cause: Some("Журналы обмена не удалялись".into()),
        steps: vec![IncidentStep {
            at: "2025-10-24T15:20:00+03:00".parse().unwrap(),
            text: "освободили место".into(),
        }],
        what: Some("Касса не получала суммы чеков. Почему?".into()),
    };
    let found = text(DeskTextSubject::IncidentReport(report), Russian);
    assert_eq!(found.subject, "Отчёт об инциденте INC-2025-00001: не проходят начисления");
    assert_eq!(
        found.lines,
        [
            "Обращение: INC-2025-00001",
            "Приоритет: P1",
            "Магазины: Сапфир, Рубин",
            "Что затронуто: Связь с 1С",
            "Начало: 24.10.2025 14:30",
            "Сообщили в поддержку: 24.10.2025 14:40",
            "Первый ответ: 24.10.2025 14:52",
            "Устранено: 24.10.2025 15:35",
            "Длительность: 1 час 5 минут",
            "Не прошло: 3 операции",
            "",
            "Что произошло",
            "Касса не получала суммы чеков. Почему?",
            "",
            "Последствия",
            "Баллы не начислялись.",
            "",
            "Обходной путь",
            "Записывайте номера карт вручную.",
            "",
            "Ход работ",
            "24.10.2025 15:20 — освободили место",
            "",
            "Причина",
            "Закончилось место на диске сервера 1С.",
            "",
            "Первопричина",
            "Журналы обмена не удалялись.",
            "",
            "Чтобы это не повторилось",
            "1. Следим за местом на диске",
            "2. Журналы чистятся ночью",
            "",
            "Приносим извинения.",
        ]
    );
}

#[test]
fn a_report_leaves_out_what_is_not_known() {
    let short = Incident {
        number: "INC-2025-00002".into(),
        started_at: "2025-10-24T14:30:00+03:00".parse().unwrap(),
        title: "no connection".into(),
        ..Incident::default()
    };
    let report = IncidentReport { incident: short, ..IncidentReport::default() };
    let found = text(DeskTextSubject::IncidentReport(report), English);
    assert_eq!(found.subject, "Incident report INC-2025-00002: no connection");
    assert_eq!(
        found.lines,
        ["Ticket: INC-2025-00002", "Stores: all", "Began: 24 Oct 2025 14:30", "Not resolved yet",]
    );
}

fn news(news: IncidentNews, text: Option<&str>) -> DeskTextSubject {
    DeskTextSubject::IncidentAnnouncement(IncidentAnnouncement {
        incident: incident(),
        news,
        next_at: Some("2025-10-24T15:00:00+03:00".parse().unwrap()),
        text: text.map(str::to_owned),
    })
}

#[test]
fn an_incident_is_announced_with_what_to_do_and_when_to_expect_more() {
    let found = text(news(IncidentNews::Opened, None), Russian);
    assert_eq!(found.subject, "Инцидент INC-2025-00001: не проходят начисления");
    assert_eq!(
        found.lines,
        [
            "Мы уже занимаемся этим.",
            "",
            "Магазины: Сапфир, Рубин",
            "Что затронуто: Связь с 1С",
            "Начало: 24.10.2025 14:30",
            "Не прошло: 3 операции",
            "",
            "Последствия: Баллы не начислялись.",
            "Что делать пока: Записывайте номера карт вручную.",
            "",
            "Следующее сообщение — не позднее: 24.10.2025 15:00",
        ]
    );
}

#[test]
fn an_update_says_what_is_new_and_the_end_how_long_it_took() {
    let found = text(news(IncidentNews::Updated, Some("Нашли причину")), Russian);
    assert_eq!(found.subject, "Инцидент INC-2025-00001, новости: не проходят начисления");
    assert_eq!(found.lines[..2], ["Работы продолжаются.", "Нашли причину."]);
    let found = text(news(IncidentNews::Resolved, None), English);
    assert_eq!(found.subject, "Incident INC-2025-00001 resolved: не проходят начисления");
    assert_eq!(
        found.lines,
        [
            "Everything works again.",
            "",
            "Stores: Sapphire, Ruby",
            "Affected: Связь с 1С",
            "When: 24 Oct 2025 14:30 – 24 Oct 2025 15:35",
            "Duration: 1 hour 5 minutes",
            "Failed: 3 transactions",
            "",
            "Impact: Баллы не начислялись.",
            "",
            "Thank you for your patience.",
        ]
    );
}

fn maintenance(planned: bool, to: Option<&str>) -> DeskTextSubject {
    DeskTextSubject::Maintenance(MaintenanceAnnouncement {
        impact: planned.then(|| "перерыв 15–30 минут".into()),
        status_page: Some("https://status.loyalty.example.com".into()),
        window: MaintenanceWindow {
            from: "2026-02-15T02:00:00+03:00".parse().unwrap(),
            id: "sunday".into(),
            planned,
            to: to.map(|to| to.parse().unwrap()),
            ..MaintenanceWindow::default()
        },
        ..MaintenanceAnnouncement::default()
    })
}

#[test]
fn planned_maintenance_tells_until_when_to_finish() {
    let about = maintenance(true, Some("2026-02-15T04:00:00+03:00"));
    let found = text(about.clone(), Russian);
    let when = "15.02.2026 02:00 — 15.02.2026 04:00";
    assert_eq!(found.subject, format!("Плановые технические работы: {when}"));
    assert_eq!(
        found.lines,
        [
            "Когда: 15.02.2026 02:00 — 15.02.2026 04:00",
            "Длительность: 2 часа",
            "",
            "Что вы заметите: перерыв 15–30 минут.",
            "",
            "Завершите операции до 15.02.2026 02:00.",
            "После работ всё заработает само.",
            "",
            "Состояние сервисов: https://status.loyalty.example.com",
        ]
    );
    let found = text(about, English);
    assert_eq!(found.lines[1], "Duration: 2 hours");
    assert_eq!(found.lines[5], "Finish transactions before 15 Feb 2026 02:00.");
}

#[test]
fn an_emergency_without_a_known_end_says_so() {
    let found = text(maintenance(false, None), Russian);
    assert_eq!(found.subject, "Экстренные технические работы: с 15.02.2026 02:00");
    assert_eq!(
        found.lines,
        [
            "Когда: с 15.02.2026 02:00",
            "Время окончания сообщим дополнительно.",
            "",
            "Если операции не проходят, записывайте их вручную.",
            "Когда сервис заработает, внесите их в систему.",
            "",
            "Состояние сервисов: https://status.loyalty.example.com",
        ]
    );
}

#[test]
fn an_acknowledgement_gives_the_number_the_promise_and_what_is_missing() {
    let about = DeskTextSubject::Acknowledgement(TicketAcknowledgement {
        matter: Some("Не сканируется QR-код".into()),
        number: "INC-2025-00042".into(),
        priority: Some("P2".into()),
        registered_at: "2025-10-24T14:30:00+03:00".parse().unwrap(),
        reply_by: Some("2025-10-24T16:30:00+03:00".parse().unwrap()),
        wanted: vec!["номер кассы".into()],
    });
    let found = text(about.clone(), Russian);
    assert_eq!(found.subject, "Обращение INC-2025-00042 зарегистрировано");
    assert_eq!(
        found.lines,
        [
            "Спасибо, мы получили ваше обращение.",
            "",
            "Номер: INC-2025-00042",
            "Вопрос: Не сканируется QR-код",
            "Приоритет: P2",
            "Получено: 24.10.2025 14:30",
            "Ответим не позднее: 24.10.2025 16:30",
            "",
            "Чтобы помочь быстрее, сообщите:",
            "– номер кассы",
            "",
            "Сохраните номер: по нему мы быстро найдём обращение.",
        ]
    );
    let found = text(about, English);
    assert_eq!(found.subject, "Ticket INC-2025-00042 is registered");
    assert_eq!(found.lines[6], "We will reply by: 24 Oct 2025 16:30");
}

#[test]
fn a_text_without_facts_is_made_all_the_same() {
    for about in [
        DeskTextSubject::Acknowledgement(TicketAcknowledgement::default()),
        DeskTextSubject::IncidentAnnouncement(IncidentAnnouncement::default()),
        DeskTextSubject::IncidentReport(IncidentReport::default()),
        DeskTextSubject::Maintenance(MaintenanceAnnouncement::default()),
    ] {
        let query = DeskTextQuery { about, zone: "Mars".into(), ..DeskTextQuery::default() };
        let found = answer_desk_text(&query);
        assert!(found.lines.iter().any(|line| line.ends_with("UTC")), "{found:?}");
    }
}
