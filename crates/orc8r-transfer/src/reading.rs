//! Reads an Orchestrator by the table of resources.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::body;
use crate::object::{Keys, Object, Snapshot, Unread};
use crate::orchestrator::{Orchestrator, Trouble, segment};
use crate::resources::{LEFT_BEHIND, Listing, RESOURCES, Resource};

/// How much is read.
#[derive(Clone, Copy, Debug, Default)]
pub struct Extent<'a> {
    /// Whether keys and other secrets are kept.
    pub keys: Keys,
    /// The networks that are read; none for all.
    pub networks: Option<&'a BTreeSet<String>>,
}

/// Where something is found that is not found by its path.
pub(crate) type Addresses = BTreeMap<String, String>;

/// Reads everything that the table of resources has. What cannot be read is in [`Snapshot::unread`]; `progress` is told
/// what is being read.
///
/// # Errors
/// [`Trouble`] when the Orchestrator cannot be reached, or does not let us in.
pub async fn read(
    orchestrator: &mut Orchestrator,
    extent: Extent<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<Snapshot, Trouble> {
    Ok(read_with_addresses(orchestrator, extent, progress).await?.0)
}

/// The same, with the addresses of what is not found by its path.
pub(crate) async fn read_with_addresses(
    orchestrator: &mut Orchestrator,
    extent: Extent<'_>,
    progress: &mut dyn FnMut(&str),
) -> Result<(Snapshot, Addresses), Trouble> {
    let mut reading = Reading {
        orchestrator,
        extent,
        progress,
        snapshot: Snapshot { keys: extent.keys, ..Snapshot::default() },
        addresses: Addresses::new(),
        networks: BTreeMap::new(),
        seen: BTreeSet::new(),
    };
    reading.find_networks().await?;
    for resource in RESOURCES {
        reading.resource(resource).await?;
    }
    reading.remark_on_users().await?;
    Ok((reading.snapshot, reading.addresses))
}

struct Reading<'a> {
    orchestrator: &'a mut Orchestrator,
    extent: Extent<'a>,
    progress: &'a mut dyn FnMut(&str),
    snapshot: Snapshot,
    addresses: Addresses,
    /// The type of each network.
    networks: BTreeMap<String, String>,
    /// Gateways that were read as what they are, by network and id.
    seen: BTreeSet<String>,
}

impl Reading<'_> {
    async fn find_networks(&mut self) -> Result<(), Trouble> {
        let listed = match self.orchestrator.get("/networks").await {
            Ok(listed) => listed,
            // Nothing else would help.
            Err(Trouble::Refused { status, message }) => {
                return Err(Trouble::Refused { status, message: format!("GET /networks: {message}") });
            }
            Err(trouble) => return Err(trouble),
        };
        let ids = ids(&listed).map_err(|odd| Trouble::Odd(format!("GET /networks: {odd}")))?;
        let wanted = |id: &String| self.extent.networks.is_none_or(|networks| networks.contains(id));
        let ids: Vec<String> = ids.into_iter().filter(wanted).collect();
        for id in ids {
            let path = format!("/networks/{}", segment(&id));
            match self.get(&path).await? {
                Some(network) => {
                    let network_type = network["type"].as_str().unwrap_or_default().to_owned();
                    self.networks.insert(id, network_type);
                }
                None => self.unread(&path, "404: it is listed, and is not there"),
            }
        }
        Ok(())
    }

    /// What is at a path; none when it is not there or cannot be read, which is noted.
    async fn get(&mut self, path: &str) -> Result<Option<Value>, Trouble> {
        match self.orchestrator.get(path).await {
            Ok(value) => Ok(Some(value).filter(|value| !value.is_null())),
            Err(trouble) if trouble.is_fatal() => Err(trouble),
            Err(trouble) if trouble.is_absent() => Ok(None),
            Err(trouble) => {
                self.unread(path, &trouble.to_string());
                Ok(None)
            }
        }
    }

    fn unread(&mut self, path: &str, reason: &str) {
        self.snapshot.unread.push(Unread { path: path.to_owned(), reason: reason.to_owned() });
    }

    async fn resource(&mut self, resource: &'static Resource) -> Result<(), Trouble> {
        let first = self.snapshot.objects.len();
        for scope in self.scopes(resource) {
            (self.progress)(&scope.filled(resource.collection));
            self.collection(resource, &scope).await?;
        }
        self.snapshot.objects[first..].sort_by(|one, other| one.path.cmp(&other.path));
        Ok(())
    }

    /// What the placeholders of a resource's collection stand for, each time that it is read.
    fn scopes(&self, resource: &Resource) -> Vec<Scope> {
        let path = resource.collection;
        if path.contains("{tenant_id}") {
            return self.below("/tenants/").map(|id| Scope::of("{tenant_id}", id)).collect();
        }
        if !path.contains("{network_id}") && resource.listing != Listing::Networks {
            return vec![Scope::default()];
        }
        let networks = self.networks.iter().filter(|(_, network_type)| resource.is_of(network_type));
        let networks = networks.map(|(id, _)| Scope::of("{network_id}", &segment(id)));
        if !path.contains("{gateway_id}") {
            return networks.collect();
        }
        let gateways = |network: Scope| {
            let prefix = network.filled("/lte/{network_id}/gateways/");
            let ids: Vec<Scope> =
                self.below(&prefix).map(|gateway| network.clone().and("{gateway_id}", gateway)).collect();
            ids
        };
        networks.flat_map(gateways).collect()
    }

    /// The last segments of what was read directly below a path.
    fn below(&self, prefix: &str) -> impl Iterator<Item = &str> {
        let paths = self.snapshot.objects.iter().filter_map(move |object| object.path.strip_prefix(prefix));
        paths.filter(|rest| !rest.contains('/'))
    }

    async fn collection(&mut self, resource: &'static Resource, scope: &Scope) -> Result<(), Trouble> {
        let path = scope.filled(resource.collection);
        match resource.listing {
            Listing::Networks => self.network(resource, scope).await,
            Listing::One => {
                if let Some(shown) = self.get(&path).await? {
                    self.add(resource, path, "", shown);
                }
                Ok(())
            }
            Listing::Pages(member, token) => self.pages(resource, scope, member, token).await,
            Listing::Offsets(member) => self.offsets(resource, scope, member).await,
            Listing::Ids | Listing::Map | Listing::Objects => {
                let Some(listed) = self.listed(&path).await? else { return Ok(()) };
                self.members(resource, scope, &path, listed).await
            }
        }
    }

    /// A collection; one that is not served is remarked on.
    async fn listed(&mut self, path: &str) -> Result<Option<Value>, Trouble> {
        match self.orchestrator.get(path).await {
            Ok(listed) => Ok(Some(listed)),
            Err(trouble) if trouble.is_fatal() => Err(trouble),
            Err(trouble) if trouble.is_absent() => {
                self.snapshot.remarks.push(format!("{path} is not served there: nothing of it is carried"));
                Ok(None)
            }
            Err(trouble) => {
                self.unread(path, &trouble.to_string());
                Ok(None)
            }
        }
    }

    async fn members(
        &mut self,
        resource: &'static Resource,
        scope: &Scope,
        path: &str,
        listed: Value,
    ) -> Result<(), Trouble> {
        match (resource.listing, listed) {
            (_, Value::Null) => {}
            (Listing::Ids, listed) => match ids(&listed) {
                Ok(ids) => {
                    for id in ids {
                        let item = scope.item(resource, &id);
                        if let Some(shown) = self.get(&item).await? {
                            self.add(resource, item, &id, shown);
                        }
                    }
                }
                Err(odd) => self.unread(path, &odd),
            },
            (Listing::Objects, Value::Array(listed)) => {
                listed.into_iter().for_each(|shown| match id_of(&shown, resource.id) {
                    Some(id) => self.add(resource, scope.item(resource, &id), &id, shown),
                    None => self.unread(path, &format!("one of it has no {}", resource.id)),
                })
            }
            (Listing::Map, Value::Object(listed)) => self.map(resource, scope, listed),
            _ => self.unread(path, "the answer is JSON of another kind"),
        }
        Ok(())
    }

    fn map(&mut self, resource: &'static Resource, scope: &Scope, listed: Map<String, Value>) {
        for (id, shown) in listed {
            self.add(resource, scope.item(resource, &id), &id, shown);
        }
    }

    /// A network as one of its kind; as a plain one if it is none of its kind in truth.
    async fn network(&mut self, resource: &'static Resource, scope: &Scope) -> Result<(), Trouble> {
        let path = scope.filled(resource.item);
        let shown = match self.orchestrator.get(&path).await {
            Ok(shown) => Some(shown),
            Err(trouble) if trouble.is_fatal() => return Err(trouble),
            Err(_) => None,
        };
        let body = shown.and_then(|shown| body::taken(resource, "", shown));
        let fits = |body: &Value| wire_rest::problems(resource.taken, body).is_empty();
        if body.as_ref().is_some_and(fits) {
            self.add(resource, path, "", body.unwrap_or_default());
            return Ok(());
        }
        let plain = RESOURCES.iter().find(|row| row.item == "/networks/{network_id}");
        let path = scope.filled("/networks/{network_id}");
        if let (Some(plain), Some(shown)) = (plain, self.get(&path).await?) {
            self.add(plain, path, "", shown);
        }
        Ok(())
    }

    async fn pages(
        &mut self,
        resource: &'static Resource,
        scope: &Scope,
        member: &str,
        token_member: &str,
    ) -> Result<(), Trouble> {
        let collection = scope.filled(resource.collection);
        let size = self.orchestrator.limits.page;
        let mut token = String::new();
        let mut read = 0;
        loop {
            let path = match token.as_str() {
                "" => format!("{collection}?page_size={size}"),
                token => format!("{collection}?page_size={size}&page_token={}", query(token)),
            };
            let Some(mut page) = self.listed(&path).await? else { return Ok(()) };
            let next = page[token_member].as_str().unwrap_or_default().to_owned();
            let listed = match page.get_mut(member).map(Value::take) {
                Some(Value::Object(listed)) => listed,
                // Earlier releases have no pages.
                None if page.get("total_count").is_none() && page.is_object() => {
                    page.as_object().cloned().unwrap_or_default()
                }
                Some(Value::Null) | None if page.is_object() => Map::new(),
                _ => {
                    self.unread(&path, "the answer is JSON of another kind");
                    return Ok(());
                }
            };
            read += listed.len();
            let is_last = next.is_empty() || listed.is_empty();
            self.map(resource, scope, listed);
            (self.progress)(&format!("{collection}: {read}"));
            if is_last {
                return Ok(());
            }
            if next == token || self.snapshot.objects.len() > self.orchestrator.limits.objects {
                self.unread(&path, "its pages do not end");
                return Ok(());
            }
            token = next;
        }
    }

    async fn offsets(
        &mut self,
        resource: &'static Resource,
        scope: &Scope,
        member: &str,
    ) -> Result<(), Trouble> {
        let collection = scope.filled(resource.collection);
        let size = self.orchestrator.limits.page;
        let mut offset = 0;
        loop {
            let path = format!("{collection}?offset={offset}&limit={size}");
            let Some(mut part) = self.listed(&path).await? else { return Ok(()) };
            let Value::Array(listed) = part[member].take() else {
                self.unread(&path, "the answer is JSON of another kind");
                return Ok(());
            };
            let count = listed.len();
            for shown in listed {
                let (Some(id), Some(number)) = (id_of(&shown, resource.id), id_of(&shown, "id")) else {
                    self.unread(&path, &format!("one of it has no {}", resource.id));
                    continue;
                };
                let item = scope.item(resource, &id);
                self.addresses.insert(item.clone(), scope.item(resource, &number));
                self.add(resource, item, &id, shown);
            }
            offset += count;
            if count < size {
                return Ok(());
            }
            if offset > self.orchestrator.limits.objects {
                self.unread(&path, "it does not end");
                return Ok(());
            }
        }
    }

    fn add(&mut self, resource: &'static Resource, path: String, id: &str, shown: Value) {
        if resource.noun == "gateway" {
            // The list of all gateways has those again that were read as what they are.
            let name = path.split_once('/').and_then(|(_, rest)| rest.split_once('/'));
            let name = name.map(|(_, rest)| rest.to_owned()).unwrap_or_default();
            if !self.seen.insert(name) {
                return;
            }
        }
        let Some(mut body) = body::taken(resource, id, shown) else {
            self.unread(&path, "the answer is JSON of another kind");
            return;
        };
        if self.extent.keys == Keys::LeftOut && resource.noun != "alert rule" {
            body::leave_secrets_out(&mut body);
        }
        self.snapshot.objects.push(Object { path, body: body.to_string() });
    }

    async fn remark_on_users(&mut self) -> Result<(), Trouble> {
        let users = self.get("/user").await?;
        let count = users.as_ref().and_then(Value::as_array).map_or(0, Vec::len);
        if count > 0 {
            let why = LEFT_BEHIND.iter().find(|left| left.path == "/user").map_or("", |left| left.why);
            self.snapshot.remarks.push(format!("{count} {why}"));
        }
        Ok(())
    }
}

/// What placeholders of a path stand for.
#[derive(Clone, Default)]
struct Scope(Vec<(&'static str, String)>);

impl Scope {
    fn of(placeholder: &'static str, value: &str) -> Self {
        Self(vec![(placeholder, value.to_owned())])
    }

    fn and(mut self, placeholder: &'static str, value: &str) -> Self {
        self.0.push((placeholder, value.to_owned()));
        self
    }

    fn filled(&self, path: &str) -> String {
        let fill = |path: String, (placeholder, value): &(&str, String)| path.replace(placeholder, value);
        self.0.iter().fold(path.to_owned(), fill)
    }

    /// The path of the one with this id.
    fn item(&self, resource: &Resource, id: &str) -> String {
        let path = self.filled(resource.item);
        match path.rfind('{') {
            Some(start) => format!("{}{}", &path[..start], segment(id)),
            None => path,
        }
    }
}

fn ids(listed: &Value) -> Result<Vec<String>, String> {
    let other = || "the answer is JSON of another kind".to_owned();
    match listed {
        Value::Null => Ok(Vec::new()),
        Value::Array(listed) => {
            listed.iter().map(|id| id.as_str().map(str::to_owned).ok_or_else(other)).collect()
        }
        _ => Err(other()),
    }
}

fn id_of(shown: &Value, member: &str) -> Option<String> {
    match shown.get(member)? {
        Value::String(id) => Some(id.clone()),
        Value::Number(id) => Some(id.to_string()),
        _ => None,
    }
}

/// A value in a query: as in a segment, without what has a meaning there.
fn query(value: &str) -> String {
    segment(value).replace('+', "%2B").replace('&', "%26").replace('=', "%3D")
}
