//! The pools of a network, and one of them.

use crate::edit;
use crate::failure::Failure;
use crate::gateways;
use crate::navigation::Section;
use crate::page::Page;
use crate::pools::members::{Member, PRIMARY, Pool, SECONDARY, States, find};
use crate::pools::url;
use crate::rest::path;
use crate::view::status::status;
use crate::visit::Visit;
use axum::extract::Path;
use axum::response::Response;
use maud::{Markup, html};

pub(super) async fn show(visit: Visit, Path(id): Path<String>) -> Result<Response, Failure> {
    let network = visit.network(&id)?;
    let (pools, states) = (find(&visit, &id).await?, States::find(&visit, &id).await?);
    let here = Section::Pools.url(&id);
    let mut page = Page::new(&visit, Section::Pools, "Gateway pools")
        .of_network(&id)
        .below(network.title(), Section::Network.url(&id));
    let list = page.live("pools", &list(&id, &pools, &states));
    Ok(page.show(html! {
        @if network.may_write {
            div.buttons { a.button.main href=(edit::add(&path(&["lte", &id, "gateway_pools"]), &here)) { "Add a pool" } }
        }
        (list)
    }))
}

fn list(network: &str, pools: &[Pool], states: &States) -> Markup {
    html! {
        @if pools.is_empty() {
            div.empty {
                p.lead { "This network has no gateway pools." }
                p { "The gateways of a pool serve the same eNodeBs: primary ones share the subscribers, a secondary one takes over." }
            }
        } @else {
            div.scroll { table.list {
                thead { tr {
                    th scope="col" { "Pool" } th scope="col" { "Id" } th.number scope="col" { "MME group" }
                    th scope="col" { "Gateways" }
                } }
                tbody { @for pool in pools { tr {
                    td { a.row href=(url(network, &pool.id)) { (pool.title()) } }
                    td { code { (pool.id) } }
                    td.number { (pool.mme_group_id) }
                    td { (brief(network, pool, states)) }
                } } }
            } }
        }
    }
}

fn brief(network: &str, pool: &Pool, states: &States) -> Markup {
    html! {
        @if pool.gateways.is_empty() { span.quiet { "none yet" } }
        ul.plain {
            @for member in &pool.gateways {
                @let (health, reason) = states.of(&member.id);
                li { (status(health, "")) " " a href=(gateways::url(network, &member.id)) { (title(member)) } " " span.quiet { (member.role()) } @if !reason.is_empty() { " " span.reason { (reason) } } }
            }
        }
    }
}

fn title(member: &Member) -> &str {
    if member.name.is_empty() { &member.id } else { &member.name }
}

pub(super) async fn show_one(
    visit: Visit,
    Path((id, pool)): Path<(String, String)>,
) -> Result<Response, Failure> {
    one(&visit, &id, &pool, None).await
}

/// The page of one; `problem` is what was refused.
pub(super) async fn one(
    visit: &Visit,
    id: &str,
    pool: &str,
    problem: Option<&str>,
) -> Result<Response, Failure> {
    let network = visit.network(id)?;
    let (pools, states) = (find(visit, id).await?, States::find(visit, id).await?);
    let found = pools.into_iter().find(|one| one.id == pool);
    let found = found.ok_or_else(|| Failure::not_found(format!("There is no gateway pool {pool}.")))?;
    let mut page = Page::new(visit, Section::Pools, found.title())
        .of_network(id)
        .below(network.title(), Section::Network.url(id))
        .below("Gateway pools", Section::Pools.url(id));
    let members = page.live("gateways", &members(id, &found, &states, network.may_write));
    let (here, resource) = (url(id, pool), path(&["lte", id, "gateway_pools", pool]));
    Ok(page.show(html! {
        @if let Some(problem) = problem { p.problem role="alert" { (problem) } }
        @if network.may_write {
            div.buttons {
                a.button href=(edit::change(&resource, &here)) { "Change" }
                a.button href=(edit::history(&resource, &here)) { "History" }
                a.button href=(edit::delete(&resource, &Section::Pools.url(id))) { "Delete" }
            }
        }
        dl.facts {
            div { dt { "Id" } dd { code { (found.id) } } }
            div { dt { "MME group" } dd { (found.mme_group_id) } }
        }
        (members)
        @if network.may_write { (form(&here, &found)) }
    }))
}

fn members(network: &str, pool: &Pool, states: &States, may_write: bool) -> Markup {
    html! {
        section aria-labelledby="gateways-title" {
            h2 id="gateways-title" { "Gateways " span.count { (pool.gateways.len()) } }
            @if pool.gateways.is_empty() {
                div.empty { p { "No gateway is in this pool yet." } }
            } @else {
                div.scroll { table.list {
                    thead { tr {
                        th scope="col" { "State" } th scope="col" { "Gateway" } th scope="col" { "Role" }
                        th.number scope="col" { "Relative capacity" } th.number scope="col" { "MME code" }
                        @if may_write { th scope="col" { span.visually-hidden { "Actions" } } }
                    } }
                    tbody { @for member in &pool.gateways { tr {
                        @let (health, reason) = states.of(&member.id);
                        td { (status(health, &reason)) }
                        td { a.row href=(gateways::url(network, &member.id)) { (title(member)) } " " code.quiet { (member.id) } }
                        td { (member.role()) }
                        td.number { (member.mme_relative_capacity) " of 255" }
                        td.number { (member.mme_code) }
                        @if may_write { td { (removal(&url(network, &pool.id), member)) } }
                    } } }
                } }
            }
        }
    }
}

fn removal(here: &str, member: &Member) -> Markup {
    html! {
        form method="post" action=(here) {
            input type="hidden" name="gateway" value=(member.id);
            button type="submit" name="action" value="remove" { "Take out" span.visually-hidden { " " (title(member)) } }
        }
    }
}

fn form(here: &str, pool: &Pool) -> Markup {
    html! {
        section aria-labelledby="put-title" {
            h2 id="put-title" { "Put a gateway into it" }
            p.quiet { "Or give one that is in it another part." }
            form.filter method="post" action=(here) {
                label { "Gateway" input name="gateway" required placeholder="id" autocomplete="off" spellcheck="false"; }
                label { "Relative capacity"
                    input type="number" name="mme_relative_capacity" min="0" max="255" value=(PRIMARY) required list="parts";
                    datalist id="parts" { option value=(PRIMARY) { "primary" } option value=(SECONDARY) { "secondary" } }
                }
                label { "MME code" input type="number" name="mme_code" min="0" max="65535" value=(pool.free_code()) required; }
                button type="submit" name="action" value="put" { "Put in" }
            }
            p.quiet { "255 makes it primary: it takes its full part. 1 makes it secondary: it serves when no other does. Each gateway of the pool has an MME code of its own." }
        }
    }
}
