//! `postrider search`: what the search field of the window does. What is wrong with a query is said on standard error,
//! and what it finds all the same is printed.

use crate::arguments::{Order, Search};
use crate::letters::print_rows;
use crate::output::{Output, table};
use engine::view::Nothing;
use engine::{Engine, SavedSearchArgs, SearchArgs, SearchSaveArgs};
use model::CallError;
use model::query::Problem;
use store::SearchOrder;

/// The help of the command.
pub const LONG_ABOUT: &str = "Find letters

Words find letters that have all of them, and words of three letters or more find longer words that begin so.
  \"thank you\"     words side by side             wo*            words that begin so
  a OR b   -c   (a b)                            from: to: cc: subject: body: filename: list:
  in:inbox         a mailbox                      has:attachment
  is:unread        read, flagged, unflagged, answered, unanswered, forwarded, draft
  before: after: on:   2026-11-03, 3 Nov 2026, 2026-11, 2026, today, yesterday, friday
  newer: older:        7d, 2w, 3m, 1y             larger: smaller:  500k, 2M";

pub async fn run(search: &Search, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let query = search.query.join(" ");
    if search.list {
        return list(engine, output).await;
    }
    if let Some(name) = &search.forget {
        return forget(name, engine, output).await;
    }
    if let Some(name) = &search.save {
        let saved = engine.calls().search_save(SearchSaveArgs { name: name.clone(), query }).await?;
        return output.print(&saved, || format!("“{}” is kept: {}", saved.name, saved.query));
    }
    let (rows, problems) = if search.server {
        engine.search_servers(&query).await?
    } else {
        let order = match search.order {
            Order::Newest => SearchOrder::Newest,
            Order::Relevance => SearchOrder::Relevance,
        };
        engine.search(&SearchArgs { query, order, offset: 0, limit: search.limit }).await?
    };
    problems.iter().for_each(|problem| output.note(&sentence(problem)));
    let rows = rows.get(..search.limit as usize).unwrap_or(&rows);
    print_rows(rows, &engine.mailboxes(None).await?, output)
}

fn sentence(problem: &Problem) -> String {
    format!("{} {}", problem.message, problem.hint)
}

async fn list(engine: &Engine, output: &Output) -> Result<(), CallError> {
    let all = engine.calls().search_saved_list(Nothing {}).await?;
    output.print(&all, || match all.as_slice() {
        [] => "No search is kept. Next: postrider search QUERY --save NAME".to_owned(),
        all => table(&all.iter().map(|saved| vec![saved.name.clone(), saved.query.clone()]).collect::<Vec<_>>()),
    })
}

async fn forget(name: &str, engine: &Engine, output: &Output) -> Result<(), CallError> {
    let all = engine.calls().search_saved_list(Nothing {}).await?;
    let found = all.iter().find(|saved| saved.name.to_lowercase() == name.to_lowercase());
    let Some(saved) = found else {
        let message = format!("no search is kept as “{name}”");
        return Err(CallError::new("not-found", message, "postrider search --list lists them."));
    };
    engine.calls().search_remove(SavedSearchArgs { search: saved.id }).await?;
    output.print(saved, || format!("“{}” is kept no longer.", saved.name))
}
